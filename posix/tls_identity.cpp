#include "posix/tls_identity.hpp"

#include "posix/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include <cstdlib>

namespace pawl {

std::string fingerprint_of(const x509_st& certificate) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  if (size <= 0)
    std::abort(); // only without memory: the certificate was parsed
  digest sum;
  sum.add({reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)});
  OPENSSL_free(encoded);
  return sum.text();
}

} // namespace pawl
