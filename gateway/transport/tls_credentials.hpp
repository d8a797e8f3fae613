// A TLS server's certificate and key, read from files: how it shows its clients who it is, and
// whose certificates of clients it believes.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/timestamp.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace pawl::gateway {

// The names of the protocols between which ALPN chooses.
inline constexpr std::string_view frames_protocol = "pawl/1";
inline constexpr std::string_view http_protocol = "http/1.1";

struct credential_files {
  std::filesystem::path certificate; // PEM: the server's, and those between it and the authority's
  std::filesystem::path key;         // PEM, not encrypted
  std::optional<std::filesystem::path> client_ca = {}; // PEM: authorities
};

struct tls_credentials {
  // Every connection keeps the one with which it began.
  std::shared_ptr<ssl_ctx_st> context;
  std::string fingerprint; // fingerprint_of() the certificate
  // Sentences about the dates of the certificate: it was read, and clients will refuse it.
  std::vector<std::string> warnings = {};
};

// Reads the files. Fails with one invalid_argument error that has a line for each of them that is
// missing, cannot be used, or (the key) can be read by others, or for a key that does not fit.
// Blocks; any thread.
result<tls_credentials> read_credentials(const credential_files& files, timestamp now);

} // namespace pawl::gateway
