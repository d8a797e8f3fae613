// Go: a go.mod. The package main is in the folder, or below cmd/.
#include "detection/languages/code_search.hpp"
#include "detection/languages/language.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl::detection {

namespace {

bool has_main(const folder& in, const std::string& below) {
  for (const auto& name : in.names(below)) {
    if (!name.ends_with(".go") || name.ends_with("_test.go"))
      continue;
    const auto text = in.code(below.empty() ? name : below + "/" + name);
    for (auto line : lines_of(text))
      if (trimmed(line) == "package main")
        return true;
  }
  return false;
}

// "shop" of "module example.org/acme/shop".
std::string name_of_module(const folder& in) {
  const auto text = in.code("go.mod");
  for (auto line : lines_of(text))
    if (line.starts_with("module ")) {
      auto path = trimmed(line.substr(7));
      if (const auto slash = path.rfind('/'); slash != std::string_view::npos)
        if (const auto last = path.substr(slash + 1);
            last.size() > 1 && last[0] == 'v' &&
            last.find_first_not_of("0123456789", 1) == std::string_view::npos)
          path = path.substr(0, slash); // "…/shop/v2"
      return std::string{path.substr(path.rfind('/') + 1)};
    }
  return {};
}

std::vector<std::string> commands_of(const folder& in) {
  std::vector<std::string> found;
  for (const auto& name : in.names("cmd"))
    if (name.ends_with('/'))
      if (auto below = "cmd/" + name.substr(0, name.size() - 1); has_main(in, below))
        found.push_back(std::move(below));
  if (found.empty() && has_main(in, "cmd"))
    found.emplace_back("cmd");
  return found;
}

// The one of several that is most likely the app.
std::string choose(const std::vector<std::string>& commands, const std::string& module) {
  for (const auto& name : {module, std::string{"server"}, std::string{"web"}, std::string{"api"}})
    if (std::find(commands.begin(), commands.end(), "cmd/" + name) != commands.end())
      return "cmd/" + name;
  return commands.size() == 1 ? commands.front() : std::string{};
}

} // namespace

bool is_go(const folder& in) {
  return in.has("go.mod");
}

result<recipe> read_go(const folder& in) {
  recipe made;
  const auto commands = commands_of(in);
  const auto package = has_main(in, "") ? std::string{"."} : choose(commands, name_of_module(in));
  if (package.empty()) {
    made.no_start =
        commands.empty()
            ? std::string{"there is no package main in the folder or below cmd/: say by [build] "
                          "command and [run] command in pawl.toml how it is built and started"}
            : fmt::format("there are several programs ({}): choose one in pawl.toml by [build] "
                          "command = \"go build -o bin/app ./{}\" and [run] command = "
                          "\"./bin/app\"",
                          fmt::join(commands, ", "), commands.front());
    return made;
  }
  auto name = package == "." ? name_of_module(in) : package.substr(package.rfind('/') + 1);
  if (!is_plain(name) || name.starts_with('-'))
    name = "app";
  made.build = fmt::format("go build -o bin/{} {}", name,
                           package == "." ? package : shell_word("./" + package));
  made.build_notes.push_back(
      fmt::format("go.mod found, bin/{} is built by go build {}", name, package));
  made.build_tools.push_back({"go", "golang-go", "go.mod"});
  made.start = fmt::format("exec ./bin/{}", name);
  made.start_notes.push_back(fmt::format("it is started as bin/{}", name));
  // A Procfile names the program alone.
  made.run_env["PATH"] =
      fmt::format("/app/{}{}bin:{}", in.path(), in.is_root() ? "" : "/", machine_path);
  return made;
}

} // namespace pawl::detection
