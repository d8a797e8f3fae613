// Steps that the cases of the engines' contracts take.
#pragma once

#include "test/engines/engine_contract.hpp"

namespace pawl::test::engine_cases {

using names = std::vector<std::string>;

inline constexpr duration no_grace{0};

// The code of a failure, "" of a success.
template <class T>
std::string code_of(const result<T>& what) {
  return what ? "" : std::string{to_string(what.error().code)};
}

template <class T>
void require(const result<T>& what) {
  BOOST_REQUIRE_MESSAGE(what.has_value(), (what ? "" : what.error().message));
}

inline void ignore_line(std::string_view, std::string_view) {}

// Builds the job and stores the artifact.
inline artifact built(engine_site& site, const build_job& job) {
  require(site.engine().build(job, ignore_line, {}));
  auto pushed = site.engine().push(job, {});
  require(pushed);
  return *pushed;
}

// The first instance of a sample, which is built for it.
inline instance_spec spec_of(engine_site& site, const std::string& deployment,
                             sample which = sample::runs) {
  auto job = site.job(deployment, which);
  instance_spec spec;
  spec.name = instance_name(deployment, 1);
  spec.deployment = deployment;
  spec.lane = {job.app, "local"};
  spec.version = {1};
  spec.artifact = built(site, job).digest;
  spec.settings = job.settings;
  spec.memory_bytes = 128 * limits::mib;
  return spec;
}

inline instance started(engine_site& site, const instance_spec& spec) {
  auto running = site.engine().start(spec);
  require(running);
  return *running;
}

} // namespace pawl::test::engine_cases
