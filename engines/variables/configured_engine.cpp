#include "engines/variables/configured_engine.hpp"

#include "engines/variables/redacted_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

error redacted_error(const redaction_table& table, error why) {
  why.message = redacted(table, why.message);
  for (auto& [key, text] : why.details)
    text = redacted(table, text);
  return why;
}

// Those that the build's command may see: it runs code of strangers, such as packages.
result<std::vector<variable_text>> named_ones(const build_job& job,
                                              const std::vector<variable_text>& all) {
  std::vector<variable_text> named;
  for (const auto& name : job.settings.build.secrets) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const variable_text& one) { return one.name == name; });
    if (found == all.end())
      return error{errc::invalid_argument,
                   fmt::format("[build] secrets names {0}, and {1} in {2} has no variable {0}: set "
                               "it with pawl env set {0}=- --secret --stage -a {1} -C {2}, and "
                               "deploy again",
                               name, job.app, job.cluster),
                   {{"variable", name}}};
    named.push_back(*found);
  }
  return named;
}

// Calls with a sink behind which no secret of the table is seen.
template <class Call>
result<void> run_redacted(const redaction_table& table, const line_sink& sink, Call call) {
  redacted_lines lines{table, sink};
  auto done =
      call([&](std::string_view stream, std::string_view line) { lines.add(stream, line); });
  lines.finish();
  return done ? std::move(done) : redacted_error(table, std::move(done).error());
}

} // namespace

result<std::vector<variable_text>>
configured_engine::variables_of(const lane_key& lane, std::optional<config_number> config) const {
  return config ? source_->variables(lane, *config) : std::vector<variable_text>{};
}

result<void> configured_engine::build(const build_job& job, const line_sink& sink,
                                      std::stop_token stop) {
  const auto all = variables_of({job.app, job.cluster}, job.config);
  if (!all)
    return all.error();
  auto named = named_ones(job, *all);
  if (!named)
    return std::move(named).error();
  auto configured = job;
  configured.variables = *std::move(named);
  return run_redacted(redaction_table::of(*all), sink, [&](const line_sink& to) {
    return below().build(configured, to, std::move(stop));
  });
}

result<void> configured_engine::run_release(const instance_spec& spec, const line_sink& sink,
                                            std::stop_token stop) {
  auto all = variables_of(spec.lane, spec.config);
  if (!all)
    return std::move(all).error();
  auto configured = spec;
  configured.redacted = redaction_table::of(*all);
  configured.variables = *std::move(all);
  return run_redacted(configured.redacted, sink, [&](const line_sink& to) {
    return below().run_release(configured, to, std::move(stop));
  });
}

result<instance> configured_engine::start(const instance_spec& spec) {
  auto all = variables_of(spec.lane, spec.config);
  if (!all)
    return std::move(all).error();
  auto configured = spec;
  configured.redacted = redaction_table::of(*all);
  configured.variables = *std::move(all);
  auto started = below().start(configured);
  return started ? std::move(started)
                 : redacted_error(configured.redacted, std::move(started).error());
}

} // namespace pawl
