#include "detection/languages/node_packages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::detection {

namespace {

constexpr std::size_t members_shown = 10;
constexpr std::size_t members_read = 200;

// "  - 'apps/*'" of a pnpm-workspace.yaml, below "packages:".
std::vector<std::string> patterns_of_yaml(std::string_view text) {
  std::vector<std::string> all;
  bool within = false;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with("packages:"))
      within = true;
    else if (!line.empty() && line.front() != ' ' && line.front() != '-' && line.front() != '#')
      within = false;
    auto dash = line.find_first_not_of(' ');
    if (!within || dash == std::string_view::npos || line[dash] != '-')
      continue;
    auto pattern = line.substr(dash + 1);
    constexpr std::string_view edges = " '\"\r";
    auto first = pattern.find_first_not_of(edges);
    if (first != std::string_view::npos)
      all.emplace_back(pattern.substr(first, pattern.find_last_not_of(edges) - first + 1));
  }
  return all;
}

// The folders that a pattern means: one folder, or with "/*" all that are in one.
void expand(const folder& in, std::string_view pattern, std::vector<std::string>& found) {
  if (pattern.starts_with("./"))
    pattern.remove_prefix(2);
  if (!pattern.ends_with("/*") && !pattern.ends_with("/**"))
    return found.emplace_back(pattern), void();
  const auto parent = std::string{pattern.substr(0, pattern.rfind('/'))};
  for (const auto& name : in.names(parent))
    if (name.ends_with('/') && found.size() < members_read)
      found.push_back(parent + "/" + name.substr(0, name.size() - 1));
}

} // namespace

result<node_package> node_package::read(const folder& in) {
  const auto text = in.text("package.json");
  if (!text)
    return broken_file(in, "package.json", "has more than 1 MiB: is it the right file?");
  auto document = json_object::read(*text);
  if (!document)
    return broken_file(in, "package.json",
                       "is no JSON object: mend it (npm pkg get says where), or say in pawl.toml "
                       "by [build] command and [run] command how the app is built and started");
  return node_package{in, std::move(*document)};
}

node_package::node_package(folder where, json_object document)
    : in(std::move(where)), document_(std::move(document)) {
  for (auto kind : {"dependencies", "devDependencies", "optionalDependencies"})
    for (auto& [name, version] : document_.texts(kind))
      packages_.emplace(name, version);
}

std::string node_package::path() const {
  return in.is_root() ? "package.json" : in.path() + "/package.json";
}

std::string node_package::script(std::string_view name) const {
  auto scripts = document_.object("scripts");
  return scripts ? scripts->text(name) : std::string{};
}

std::string node_package::main_file() const {
  auto file = document_.text("main");
  if (file.starts_with("./"))
    file.erase(0, 2);
  if (in.has(file))
    return file;
  return !file.empty() && in.has(file + ".js") ? file + ".js" : std::string{};
}

std::vector<std::string> node_package::workspace_patterns() const {
  if (auto yaml = in.text("pnpm-workspace.yaml"))
    return patterns_of_yaml(*yaml);
  if (auto patterns = document_.list("workspaces"); !patterns.empty())
    return patterns;
  auto object = document_.object("workspaces");
  return object ? object->list("packages") : std::vector<std::string>{};
}

std::vector<std::string> node_package::members_that_start() const {
  std::vector<std::string> folders;
  for (const auto& pattern : workspace_patterns())
    expand(in, pattern, folders);
  std::vector<std::string> found;
  for (const auto& each : folders) {
    if (found.size() == members_shown)
      break;
    const auto inside = in.below(each);
    auto member = is_node(inside) ? read(inside) : result<node_package>{error{}};
    if (member && (!member->script("start").empty() || member->depends_on("next") ||
                   member->depends_on("vite") || member->depends_on("astro")))
      found.push_back(inside.path());
  }
  return found;
}

// --- installing

namespace {

// A package manager, and how it is brought: npm is there, and fetches the others.
struct manager {
  std::string name;    // npm, yarn, pnpm, bun
  std::string package; // that npm fetches; empty: none
  std::string install; // by the lockfile
  std::string lockfile;
};

std::string version_of(const std::string& said, std::string_view name) {
  if (!said.starts_with(std::string{name} + "@"))
    return {};
  auto version = said.substr(name.size() + 1);
  version = version.substr(0, version.find('+'));
  return is_plain(version) ? version : std::string{};
}

std::string major_of_pnpm(std::string_view lock) {
  if (lock.find("lockfileVersion: 5") != std::string_view::npos)
    return "7";
  return lock.find("lockfileVersion: '6") != std::string_view::npos ? "8" : "9";
}

manager pnpm_of(const folder& top, const std::string& said) {
  auto version = version_of(said, "pnpm");
  if (version.empty())
    version = major_of_pnpm(top.code("pnpm-lock.yaml"));
  return {"pnpm", "pnpm@" + version, "pnpm install --frozen-lockfile", "pnpm-lock.yaml"};
}

manager yarn_of(const folder& top, const std::string& said) {
  const bool modern = top.code("yarn.lock").find("__metadata:") != std::string::npos;
  auto version = version_of(said, "yarn");
  if (!modern)
    return {"yarn", "yarn@" + (version.empty() ? "1" : version), "yarn install --frozen-lockfile",
            "yarn.lock"};
  return {"yarn", "@yarnpkg/cli-dist@" + (version.empty() ? "4" : version),
          "yarn install --immutable", "yarn.lock"};
}

manager manager_of(const folder& top, const std::string& said) {
  if (top.has("pnpm-lock.yaml"))
    return pnpm_of(top, said);
  if (top.has("yarn.lock"))
    return yarn_of(top, said);
  if (auto lock = top.first_of({"bun.lock", "bun.lockb"}))
    return {"bun", "bun@1", "bun install --frozen-lockfile", *lock};
  if (auto lock = top.first_of({"package-lock.json", "npm-shrinkwrap.json"}))
    return {"npm", "", "npm ci --no-audit --no-fund", *lock};
  return {"npm", "", "npm install --no-audit --no-fund", ""};
}

bool has_lockfile(const folder& in) {
  return in
      .first_of({"pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", "package-lock.json",
                 "npm-shrinkwrap.json"})
      .has_value();
}

// The folder whose lockfile holds for the package: its own, or the root of its workspace.
folder top_of(const folder& in) {
  if (has_lockfile(in))
    return in;
  for (auto above = in.above(); above; above = above->above())
    if (has_lockfile(*above) && is_node(*above))
      if (auto root = node_package::read(*above); root && !root->workspace_patterns().empty())
        return *above;
  return in;
}

// "../.." from the folder up to the top.
std::string way_up(const folder& in, const folder& top) {
  const auto below = in.path().substr(top.is_root() ? 0 : top.path().size() + 1);
  std::string way = "..";
  for (char c : below)
    if (c == '/')
      way += "/..";
  return way;
}

bool needs_installation(const node_package& package, const folder& top) {
  return package.has_dependencies() || !package.workspace_patterns().empty() ||
         top.path() != package.in.path() || !package.script("postinstall").empty() ||
         !package.script("prepare").empty();
}

std::string build_command(const node_package& package, const folder& top, const manager& by) {
  if (package.script("build").empty())
    return {};
  const bool member = top.path() != package.in.path() && is_plain(package.name());
  if (member && top.has("turbo.json"))
    return "npx --no-install turbo run build --filter=" + package.name();
  if (member && by.name == "pnpm")
    return fmt::format("pnpm --filter={}... run build", package.name());
  return by.name + " run build";
}

void tell_installation(const manager& by, const folder& top, bool member, recipe& to) {
  const auto lock = top.is_root() ? by.lockfile : top.path() + "/" + by.lockfile;
  to.build_notes.push_back(
      by.lockfile.empty()
          ? fmt::format("no lockfile found, packages are installed by {}: their versions may "
                        "differ each time, so keep a package-lock.json with the source",
                        "npm install")
          : fmt::format("{} found, packages are installed by {}{}", lock,
                        by.install.substr(0, by.install.find(" --no-audit")),
                        member ? " for the workspace" : ""));
}

} // namespace

void plan_installation(const node_package& package, recipe& to) {
  const auto top = top_of(package.in);
  const bool member = top.path() != package.in.path();
  auto said = package.package_manager();
  if (said.empty() && member)
    if (auto root = node_package::read(top))
      said = root->package_manager();
  const auto by = manager_of(top, said);
  std::string steps;
  if (top.has_folder("node_modules"))
    to.build_notes.emplace_back("node_modules is part of the source: nothing is installed");
  else if (!needs_installation(package, top))
    to.build_notes.emplace_back("package.json names no packages: nothing is installed");
  else {
    steps = member ? fmt::format("(cd {} && {})", way_up(package.in, top), by.install) : by.install;
    tell_installation(by, top, member, to);
  }
  const auto build = build_command(package, top, by);
  if (!build.empty())
    to.build_notes.push_back(fmt::format("it is built by {} ({})", build, package.script("build")));
  if (!steps.empty() && !build.empty())
    steps += " && ";
  steps += build;
  if (steps.empty())
    return;
  to.then(by.package.empty()
              ? steps
              : fmt::format("npm exec --yes --package={} -c {}", by.package, shell_word(steps)));
  to.build_tools.push_back({"node", "nodejs", "package.json"});
  to.build_tools.push_back({"npm", "npm", "package.json"});
  if (by.package.starts_with("@yarnpkg"))
    to.build_env["YARN_NODE_LINKER"] = "node-modules";
  to.build_env["npm_config_update_notifier"] = "false";
}

} // namespace pawl::detection
