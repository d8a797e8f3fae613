// Rust: a Cargo.toml. Built beside the tree, so that the artifact has the program alone.
#include "detection/languages/language.hpp"

#include "detection/languages/toml_document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl::detection {

namespace {

using config::toml_table;

std::optional<toml_table> read_cargo(const folder& in) {
  return read_document(in.text("Cargo.toml").value_or(""));
}

// The programs that a package makes.
std::vector<std::string> programs_of(const folder& in, const toml_table& root) {
  std::vector<std::string> names;
  const auto* package = table_in(root, "package");
  if (auto usual = text_in(package, "default-run"); !usual.empty())
    return {usual};
  if (const auto* bins = array_in(root, "bin"))
    for (const auto& each : bins->entries)
      if (auto name = text_in(std::get_if<toml_table>(&each.value), "name"); !name.empty())
        names.push_back(name);
  if (names.empty() && in.has("src/main.rs"))
    names.push_back(text_in(package, "name"));
  for (const auto& file : in.names("src/bin"))
    if (names.size() < 20 && (file.ends_with(".rs") || file.ends_with('/')))
      names.push_back(file.substr(0, file.size() - (file.ends_with('/') ? 1 : 3)));
  return names;
}

// The programs of the packages of a workspace.
std::vector<std::string> programs_of_members(const folder& in, const toml_table& root) {
  std::vector<std::string> names;
  const auto* workspace = table_in(root, "workspace");
  const auto* members = workspace == nullptr ? nullptr : array_in(*workspace, "members");
  if (members == nullptr)
    return names;
  std::vector<folder> folders;
  for (const auto& each : members->entries) {
    const auto* path = std::get_if<std::string>(&each.value);
    if (path == nullptr)
      continue;
    if (!path->ends_with("/*"))
      folders.push_back(in.below(*path));
    else
      for (const auto& name : in.names(path->substr(0, path->size() - 2)))
        if (name.ends_with('/'))
          folders.push_back(
              in.below(path->substr(0, path->size() - 1) + name.substr(0, name.size() - 1)));
  }
  for (const auto& each : folders)
    if (auto read = names.size() < 20 ? read_cargo(each) : std::nullopt)
      for (auto& name : programs_of(each, *read))
        names.push_back(std::move(name));
  return names;
}

} // namespace

bool is_rust(const folder& in) {
  return in.has("Cargo.toml");
}

result<recipe> read_rust(const folder& in) {
  const auto root = read_cargo(in);
  if (!root)
    return broken_file(in, "Cargo.toml", "is no TOML: mend it (cargo metadata says where)");
  recipe made;
  auto programs = programs_of(in, *root);
  if (programs.empty())
    programs = programs_of_members(in, *root);
  if (programs.size() != 1 || !is_plain(programs.front())) {
    made.no_start = programs.empty()
                        ? std::string{"Cargo.toml makes no program: is [build] root the folder of "
                                      "another package?"}
                        : fmt::format("Cargo.toml makes several programs ({}): name one by "
                                      "default-run in its [package], or by [build] command and "
                                      "[run] command in pawl.toml",
                                      fmt::join(programs, ", "));
    return made;
  }
  const auto& name = programs.front();
  made.build = fmt::format("cargo build --release{} --bin {} --target-dir \"$HOME/target\" && "
                           "mkdir -p target/release && "
                           "cp \"$HOME/target/release/{}\" target/release/",
                           in.has("Cargo.lock") ? " --locked" : "", name, name);
  made.build_notes.push_back(
      fmt::format("Cargo.toml found, {} is built by cargo build --release", name));
  made.build_tools.push_back({"cargo", "cargo", "Cargo.toml"});
  made.start = fmt::format("exec ./target/release/{}", name);
  made.start_notes.push_back(fmt::format("it is started as target/release/{}", name));
  if (in.text("Cargo.toml").value_or("").find("rocket") != std::string::npos)
    made.start = "ROCKET_ADDRESS=$HOST ROCKET_PORT=$PORT " + made.start;
  return made;
}

} // namespace pawl::detection
