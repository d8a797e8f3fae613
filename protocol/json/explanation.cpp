#include "protocol/json/explanation.hpp"

#include <nlohmann/json.hpp>

namespace pawl::json {

namespace {

using object = nlohmann::ordered_json;

object text_or_null(const std::string& text) {
  return text.empty() ? object(nullptr) : object(text);
}

} // namespace

std::string document(const explanation& all) {
  auto tools = object::array();
  for (const auto& [program, package] : all.tools)
    tools.push_back({{"program", program}, {"package", package}});
  const auto& settings = all.settings;
  const object inner{
      {"app", text_or_null(all.app)},
      {"cluster", text_or_null(all.cluster)},
      {"language", text_or_null(all.language)},
      {"notes", all.notes},
      {"build",
       {{"command", text_or_null(settings.build.command)},
        {"root", text_or_null(settings.build.root)},
        {"env", settings.build.env}}},
      {"run",
       {{"command", text_or_null(settings.run.command)},
        {"instances", settings.run.instances},
        {"env", settings.run.env}}},
      {"release", {{"command", text_or_null(settings.release.command)}}},
      {"health", {{"path", text_or_null(settings.health.path.value_or(""))}}},
      {"tools", tools},
      {"source",
       {{"digest", all.source.digest}, {"bytes", all.source.bytes}, {"files", all.source.files}}},
  };
  return object{{"explanation", inner}}.dump(-1, ' ', false, object::error_handler_t::replace);
}

} // namespace pawl::json
