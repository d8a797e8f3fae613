// Certificates for tests of TLS, made when they are needed: a private authority, and what it signs.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pawl::test {

struct certificate_plan {
  std::string common_name;
  std::vector<std::string> hosts = {};    // names and IP addresses that it is good for
  std::chrono::seconds valid_from{-3600}; // from now
  std::chrono::seconds valid_until{30 * 86'400};
};

// As PEM.
struct certified_key {
  std::string certificate;
  std::string key;
};

// A server's for this machine: "localhost", 127.0.0.1 and ::1.
certificate_plan server_plan();

class certificate_authority {
public:
  explicit certificate_authority(const std::string& common_name = "test authority");
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  // With a new key of the curve P-256.
  certified_key issue(const certificate_plan& plan) const;
  // Another certificate for a key that was issued before.
  certified_key renew(const std::string& key, const certificate_plan& plan) const;

  std::string certificate() const; // its own

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

// Writes DIRECTORY/server.crt, with mode 0644, and DIRECTORY/server.key, with mode 0600; each is
// replaced in one step.
void write_certified_key(const std::filesystem::path& directory, const certified_key& what);

} // namespace pawl::test
