// A probe asks an instance once whether it is healthy.
#pragma once

#include "lifecycle/manifest.hpp"

namespace pawl {

struct probe_answer {
  bool ok = false;
  std::string detail;    // the question and the answer: "GET /healthz: 200 OK"
  bool answered = false; // the instance said something, or took a connection where that is enough
};

class probe {
public:
  probe() = default;
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;
  virtual ~probe() = default;

  // Asks the instance at host:port, an HTTP GET of settings.path (200 to 399 is healthy, redirects
  // are not followed) or a TCP connect without a path. The detail of an answer that is not ok names
  // all that was asked: address, path and Host. Returns within settings.timeout, reads at most
  // limits::health_body_bytes. Blocks; any thread.
  virtual probe_answer ask(const std::string& address, const health_settings& settings) = 0;
};

} // namespace pawl
