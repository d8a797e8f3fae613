// The files by which the language of an app is known: each in turn has the text.
#include "detection/detection.hpp"
#include "test/fuzz/properties.hpp"
#include "test/fuzz/targets.hpp"

#include <array>
#include <map>

namespace pawl::test {

namespace {

// Beside that file others, so that there is something to find.
class small_tree final : public source_files {
public:
  small_tree(std::string_view name, std::string text)
      : files_{{"index.js", ""},  {"src/main.rs", ""}, {"main.go", "package main\n"},
               {"index.php", ""}, {"config.ru", ""},   {"site/settings.py", ""}} {
    files_.insert_or_assign(std::string{name}, std::move(text));
  }

  bool has_file(std::string_view path) const override { return files_.contains(path); }
  bool has_folder(std::string_view path) const override {
    return path.empty() || path == "src" || path == "site";
  }
  std::vector<std::string> names_in(std::string_view folder) const override {
    std::vector<std::string> names;
    const auto within = folder.empty() ? std::string{} : std::string{folder} + "/";
    for (const auto& [path, text] : files_)
      if (path.starts_with(within) && path.find('/', within.size()) == std::string::npos)
        names.push_back(path.substr(within.size()));
    return names;
  }
  std::optional<std::string> beginning_of(std::string_view path,
                                          std::uint64_t most) const override {
    auto found = files_.find(path);
    return found == files_.end() ? std::nullopt : std::optional{found->second.substr(0, most)};
  }

private:
  std::map<std::string, std::string, std::less<>> files_;
};

} // namespace

void fuzz_tree(fuzz_input in) {
  for (const auto* name :
       {"package.json", "pnpm-workspace.yaml", "yarn.lock", "pyproject.toml", "requirements.txt",
        "manage.py", "app.py", "Cargo.toml", "go.mod", "composer.json", "Gemfile", "pom.xml",
        "CMakeLists.txt", "angular.json"}) {
    const small_tree files{name, std::string{text_of(in)}};
    auto found = detection::fill_in({}, files);
    if (!found) {
      demand(found.error().code == errc::invalid_argument, "what is refused is the app's");
      continue;
    }
    demand(!found->settings.run.command.empty(), "what is found can be started");
    for (const auto* command : {&found->settings.run.command, &found->settings.build.command})
      demand_no_nul(*command);
    for (const auto& note : found->notes)
      demand(note.size() < 500 && note.find('\n') == std::string::npos, "a note is a short line");
  }
}

} // namespace pawl::test
