// Who a TLS server is, whatever its name and the dates of its certificate are.
#pragma once

#include <string>

struct x509_st; // OpenSSL's X509

namespace pawl {

// "sha256:" and 64 hexadecimal digits: of the certificate's public key, as its
// SubjectPublicKeyInfo is encoded (DER). A renewed certificate with the same key has the same. Any
// thread.
std::string fingerprint_of(const x509_st& certificate);

} // namespace pawl
