// A client of bare sockets over TLS, which takes every certificate of a server, and can break
// rules.
#pragma once

#include "test/gateway/raw_client.hpp"
#include "test/support/certificates.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pawl::test {

struct tls_client_plan {
  std::vector<std::string> protocols = {"pawl/1"}; // for ALPN
  std::string least = "TLSv1.2";
  std::string most = "TLSv1.3";
  std::string ciphers = {};                      // of TLS 1.2; else what OpenSSL takes
  std::optional<certified_key> certificate = {}; // its own
  const char* from = "127.0.0.1";
};

// The first message of a handshake, as a client sends it, whole.
std::string whole_client_hello();

class tls_client final : public raw_client {
public:
  // Connects, and shakes hands.
  explicit tls_client(std::uint16_t port, const tls_client_plan& plan = {});
  tls_client(tls_client&&) noexcept;
  ~tls_client() override;

  // Whether the handshake came about for this side. In TLS 1.3 the server may refuse our
  // certificate afterwards: the next read tells.
  bool is_open() const { return open_; }
  // OpenSSL's reason for the latest failure.
  const std::string& problem() const { return problem_; }

  std::string version() const;     // "TLSv1.3"
  std::string cipher() const;      // by OpenSSL's name
  std::string protocol() const;    // by ALPN
  std::string fingerprint() const; // of the server
  bool renegotiates();             // whether the server goes along

  // Sends the request, and gives all that comes until the server closes.
  std::string ask_http(const std::string& request);

private:
  ssize_t put(const char* from, std::size_t size) override;
  ssize_t get(char* to, std::size_t size) override;
  ssize_t note(int returned);

  struct parts;
  std::unique_ptr<parts> parts_;
  bool open_ = false;
  std::string problem_;
};

} // namespace pawl::test
