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
    for (auto line : lines_of(in.code(below.empty() ? name : below + "/" + name)))
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
  made.build =
      fmt::format("go build -o bin/app {}", package == "." ? package : shell_word("./" + package));
  made.build_notes.push_back(fmt::format("go.mod found, it is built by go build ({})", package));
  made.build_tools.push_back({"go", "golang-go", "go.mod"});
  made.start = "exec ./bin/app";
  made.start_notes.emplace_back("it is started as bin/app");
  return made;
}

} // namespace pawl::detection
