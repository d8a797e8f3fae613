#include "bin/pawl/explanation.hpp"

#include "client/terminal/text.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::cli {

namespace {

// A command on one line: of a longer one the first.
std::string shown_command(const std::string& command) {
  const auto end = command.find('\n');
  auto line = printable(command.substr(0, end));
  return end == std::string::npos ? line : line + " …";
}

std::string variables(const std::map<std::string, std::string>& env, const char* what) {
  std::string lines;
  for (const auto& [name, value] : env)
    lines += fmt::format("{:<10}{}={}\n", what, printable(name), printable(value));
  return lines;
}

// A string of TOML. One of several lines, or with quotes, is literal where it can be.
std::string toml_text(const std::string& text) {
  const bool literal = text.find("'''") == std::string::npos && !text.ends_with('\'');
  if (literal && text.find('\n') != std::string::npos)
    return "'''\n" + text + "'''";
  if (literal && text.find_first_of("\"\\") != std::string::npos)
    return text.find('\'') == std::string::npos ? "'" + text + "'" : "'''" + text + "'''";
  std::string all = "\"";
  for (char c : text)
    if (c == '"' || c == '\\')
      all += std::string{"\\"} + c;
    else if (static_cast<unsigned char>(c) < ' ')
      all += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      all += c;
  return all + "\"";
}

std::string toml_variables(const std::map<std::string, std::string>& env) {
  std::string all;
  for (const auto& [name, value] : env)
    all += fmt::format("{}{} = {}", all.empty() ? "" : ", ", name, toml_text(value));
  return "env = { " + all + " }\n";
}

// The lines of one table. A key that says what is so anyway stays a comment.
std::string table(std::string_view name, const std::string& command,
                  const std::map<std::string, std::string>& env, std::string_view otherwise) {
  auto text = fmt::format("\n[{}]\n", name);
  text += command.empty() ? fmt::format("# {}\n", otherwise)
                          : fmt::format("command = {}\n", toml_text(command));
  return env.empty() ? text : text + toml_variables(env);
}

} // namespace

std::string explanation_text(const explained_app& told, const client::look& how) {
  const auto& settings = told.found.settings;
  auto line = [](std::string_view what, std::string_view text) {
    return fmt::format("{:<10}{}\n", what, text);
  };
  std::string text = line("app", told.app.empty() ? "not named: add -a APP" : told.app);
  if (!told.cluster.empty())
    text += line("cluster", told.cluster);
  if (!settings.build.root.empty())
    text += line("folder", printable(settings.build.root));
  for (const auto& note : told.found.notes)
    text += line("found", printable(note));
  text += line("build",
               settings.build.command.empty() ? "nothing" : shown_command(settings.build.command));
  text += variables(settings.build.env, "");
  text += line("run", settings.run.command.empty() ? "as its image says"
                                                   : shown_command(settings.run.command));
  text += variables(settings.run.env, "");
  if (!settings.release.command.empty())
    text += line("release", shown_command(settings.release.command));
  text += line("check", settings.health.path ? "GET " + *settings.health.path
                                             : std::string{"a TCP connection to PORT"});
  if (told.has_dockerfile)
    text += client::prose("! on a cluster with the engine docker, an image is built of the "
                          "Dockerfile instead",
                          "", how);
  return text + line("source", fmt::format("{} files, {}; nothing was sent", told.source.files,
                                           client::human_bytes(told.source.bytes)));
}

std::string explanation_document(const explained_app& told) {
  json::explanation all{told.app, told.cluster,        told.found.language, told.found.notes,
                        {},       told.found.settings, told.source};
  for (const auto& each : told.found.tools)
    all.tools.emplace_back(each.program, each.package);
  return json::document(all);
}

std::string manifest_text(const explained_app& told) {
  const auto& settings = told.found.settings;
  std::string text = "# How Pawl builds and runs this app. Keys and defaults: docs/manifest.md; to "
                     "try: pawl deploy --explain\n";
  for (const auto& note : told.found.notes)
    text += fmt::format("# {}\n", printable(note));
  text += fmt::format("app = {}\n", toml_text(told.app));
  if (!told.cluster.empty())
    text += fmt::format("cluster = {}\n", toml_text(told.cluster));
  auto build = table("build", settings.build.command, settings.build.env,
                     "command = \"make\"   # nothing has to be built");
  if (!settings.build.root.empty())
    build += fmt::format("root = {}\n", toml_text(settings.build.root));
  text += build;
  text += table("run", settings.run.command, settings.run.env, "");
  text += "# instances = 2\n";
  text += settings.release.command.empty()
              ? "\n# [release]\n# command = \"…\"   # runs once for each deploy, such as a "
                "migration of the database\n"
              : table("release", settings.release.command, {}, "");
  return text + "\n# [health]\n# path = \"/\"   # without: a TCP connection to PORT is enough\n";
}

} // namespace pawl::cli
