// The promises of engine.hpp as tests that run over every engine (test/support/contract.hpp says
// how an engine is added). Those of instance_logs.hpp are in instance_logs_contract.hpp.
#pragma once

#include "engines/engine.hpp"
#include "test/support/contract.hpp"

namespace pawl::test {

// How a sample app behaves.
enum class sample : std::uint8_t {
  runs,         // builds, has a release command that succeeds, and runs until it is stopped
  build_fails,  // its build command fails
  release_fails // its release command fails
};

// An engine with nothing built, and sample apps for it.
class engine_site {
public:
  engine_site() = default;
  engine_site(const engine_site&) = delete;
  engine_site& operator=(const engine_site&) = delete;
  virtual ~engine_site() = default; // stops all instances

  virtual pawl::engine& engine() = 0;

  // The server process ends and the next one starts: engine() is another object, over the same
  // builds, artifacts and instances.
  virtual void restart() = 0;

  // A job to build the sample, whose source is there.
  virtual build_job job(const std::string& deployment, sample which) = 0;

  // The running instance ends by itself.
  virtual void end(const std::string& instance) = 0;

  // The running instance prints these lines, after those that it printed before; returns when they
  // are in its log. Called for instances of sample::runs.
  virtual void print(const std::string& instance, const std::vector<std::string>& lines) = 0;
};

bool add_engine_contract(const make_site<engine_site>& make, std::set<std::string> exempt = {});

} // namespace pawl::test
