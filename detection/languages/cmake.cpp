// CMake: the program that CMakeLists.txt names by add_executable(). It stays in the folder where it
// is built, because it may need libraries that were built beside it.
#include "detection/languages/code_search.hpp"
#include "detection/languages/language.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl::detection {

namespace {

constexpr std::string_view build_folder = "pawl-build";

// CMake's commands are written in small letters, or in capitals.
bool is_same_letter(char small, char any) {
  return small == any || (any >= 'A' && any <= 'Z' && small == any - 'A' + 'a');
}

// The first word behind a command of CMake, as add_executable(NAME …).
std::vector<std::string> arguments_of(std::string_view text, std::string_view command) {
  std::vector<std::string> found;
  for (auto line : lines_of(text)) {
    auto code = trimmed(line);
    if (code.size() <= command.size() ||
        !std::equal(command.begin(), command.end(), code.begin(), is_same_letter))
      continue;
    code = trimmed(code.substr(command.size()));
    if (!code.starts_with('('))
      continue;
    code = trimmed(code.substr(1));
    found.emplace_back(code.substr(0, code.find_first_of(" \t)")));
  }
  return found;
}

struct program {
  std::string name;
  std::string below; // its folder, from that of the app
};

std::vector<program> programs_of(const folder& in) {
  const auto top = in.code("CMakeLists.txt");
  const auto projects = arguments_of(top, "project");
  std::vector<program> all;
  const auto look = [&](const std::string& text, const std::string& below) {
    for (auto& name : arguments_of(text, "add_executable")) {
      if (name == "${PROJECT_NAME}" || name == "${CMAKE_PROJECT_NAME}")
        name = projects.empty() ? name : projects.front();
      all.push_back({name, below});
    }
  };
  look(top, "");
  for (const auto& below : arguments_of(top, "add_subdirectory"))
    if (is_plain(below) && below.find("test") == std::string::npos)
      look(in.code(below + "/CMakeLists.txt"), below);
  if (all.size() > 1 && !projects.empty())
    for (const auto& each : all)
      if (each.name == projects.front())
        return {each};
  return all;
}

} // namespace

bool is_cmake(const folder& in) {
  return in.has("CMakeLists.txt");
}

result<recipe> read_cmake(const folder& in) {
  recipe made;
  made.build = fmt::format("cmake -S . -B {} -DCMAKE_BUILD_TYPE=Release && cmake --build {} "
                           "--parallel 2",
                           build_folder, build_folder);
  made.build_tools.push_back({"cmake", "cmake g++ make", "CMakeLists.txt"});
  made.build_tools.push_back({"c++", "g++ make", "CMakeLists.txt"});
  const auto programs = programs_of(in);
  if (programs.size() != 1 || !is_plain(programs.front().name)) {
    std::vector<std::string> names;
    for (const auto& each : programs)
      names.push_back(each.name);
    made.no_start =
        programs.empty()
            ? std::string{"CMakeLists.txt names no program (add_executable): add [run] command to "
                          "pawl.toml, such as command = \"./pawl-build/server\""}
            : fmt::format("CMakeLists.txt names several programs ({}): add [run] command to "
                          "pawl.toml, such as command = \"./{}/{}\"",
                          fmt::join(names, ", "), build_folder, names.front());
    return made;
  }
  const auto& one = programs.front();
  made.build_notes.push_back(fmt::format("CMakeLists.txt found, {} is built by cmake", one.name));
  made.start = fmt::format("exec ./{}/{}{}{}", build_folder, one.below,
                           one.below.empty() ? "" : "/", one.name);
  made.start_notes.push_back(fmt::format("it is started as {}", made.start.substr(7)));
  return made;
}

} // namespace pawl::detection
