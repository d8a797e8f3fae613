// Owners of OpenSSL's objects, its words for what went wrong, and its times.
#pragma once

#include "lifecycle/timestamp.hpp"

#include <chrono>
#include <ctime>
#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace pawl::gateway {

template <auto Free>
struct freed_by_openssl {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};

using bio_pointer = std::unique_ptr<BIO, freed_by_openssl<&BIO_free_all>>;
using key_pointer = std::unique_ptr<EVP_PKEY, freed_by_openssl<&EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_by_openssl<&X509_free>>;
using ssl_pointer = std::unique_ptr<SSL, freed_by_openssl<&SSL_free>>;

// The reason of the latest error of this thread: "wrong version number". Empties the queue.
inline std::string openssl_reason() {
  const auto latest = ERR_peek_last_error();
  const auto* words = latest == 0 ? nullptr : ERR_reason_error_string(latest);
  ERR_clear_error();
  return words == nullptr ? "unknown reason" : words;
}

inline timestamp time_of(const ASN1_TIME* at) {
  std::tm parts{};
  ASN1_TIME_to_tm(at, &parts);
  return timestamp{std::chrono::seconds{::timegm(&parts)}};
}

} // namespace pawl::gateway
