// A layer over an engine that gives apps and builds the variables of their lane, and keeps the
// secrets among them out of what commands print and of errors. An actor's order only names the
// revision: secrets are opened here, on the thread that calls the engine, and nowhere else.
#pragma once

#include "engines/forwarding_engine.hpp"
#include "engines/variable_source.hpp"

namespace pawl {

class configured_engine final : public forwarding_engine {
public:
  // Neither is null.
  configured_engine(std::shared_ptr<engine> below, std::shared_ptr<const variable_source> source)
      : forwarding_engine(std::move(below)), source_(std::move(source)) {}

  // Also fail as variable_source does; a build that names a secret that its lane does not have, by
  // invalid_argument.
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override;
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override;
  result<instance> start(const instance_spec& spec) override;

private:
  result<std::vector<variable_text>> variables_of(const lane_key& lane,
                                                  std::optional<config_number> config) const;

  std::shared_ptr<const variable_source> source_;
};

} // namespace pawl
