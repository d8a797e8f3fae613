#include "config/hints.hpp"

#include "config/procfile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace pawl::config {

namespace {

// A file by which an app's language is known, and how such an app is usually built.
struct build_sign {
  std::string_view file;
  std::string_view within; // has to be in the file
  std::string_view command;
};

constexpr std::array<build_sign, 6> build_signs{{
    {"package.json", "\"dependencies\"", "npm ci"},
    {"requirements.txt", "", "python3 -m venv venv && venv/bin/pip install -r requirements.txt"},
    {"Gemfile", "gem ", "bundle install --path vendor/bundle"},
    {"composer.json", "\"require\"", "composer install --no-dev"},
    {"go.mod", "", "go build -o server ."},
    {"Cargo.toml", "[package]", "cargo build --release"},
}};

std::optional<std::string> unused_lines(const root_file& file) {
  auto unused = unused_of_procfile(file("Procfile").value_or(""));
  if (unused.empty())
    return std::nullopt;
  unused.resize(std::min<std::size_t>(unused.size(), 8));
  return fmt::format(
      "not used: line {} of the Procfile; a line that starts a process is NAME: COMMAND, "
      "and each name stands once",
      fmt::join(unused, ", "));
}

std::optional<std::string> missing_build(const manifest& app, const root_file& file) {
  if (!app.build.command.empty() || !app.build.image.empty() || file(app.build.dockerfile))
    return std::nullopt;
  for (const auto& sign : build_signs)
    if (auto text = file(sign.file); text && text->find(sign.within) != std::string::npos)
      return fmt::format("nothing is built: there is a {}, and pawl.toml has no [build] command; "
                         "if the app does not start, add one, such as command = \"{}\"",
                         sign.file, sign.command);
  return std::nullopt;
}

} // namespace

std::vector<std::string> hints_of(const manifest& app, const root_file& file) {
  std::vector<std::string> all;
  if (auto text = unused_lines(file))
    all.push_back(std::move(*text));
  if (auto text = missing_build(app, file))
    all.push_back(std::move(*text));
  return all;
}

} // namespace pawl::config
