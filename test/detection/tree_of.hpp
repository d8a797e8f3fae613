// A source in memory, and what is found in it.
#pragma once

#include "detection/detection.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

namespace pawl::test {

using texts_by_path = std::map<std::string, std::string>;

class tree_of final : public source_files {
public:
  tree_of(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {}

  explicit tree_of(texts_by_path files) : files_(std::move(files)) {}

  bool has_file(std::string_view path) const override { return files_.contains(std::string{path}); }

  bool has_folder(std::string_view path) const override {
    const auto within = std::string{path} + "/";
    auto found = files_.lower_bound(within);
    return path.empty() || (found != files_.end() && found->first.starts_with(within));
  }

  std::vector<std::string> names_in(std::string_view folder) const override {
    std::vector<std::string> names;
    const auto within = folder.empty() ? std::string{} : std::string{folder} + "/";
    for (const auto& [path, text] : files_) {
      if (!path.starts_with(within))
        continue;
      auto name = path.substr(within.size());
      if (auto slash = name.find('/'); slash != std::string::npos)
        name.resize(slash + 1);
      if (names.empty() || names.back() != name)
        names.push_back(name);
    }
    return names;
  }

  std::optional<std::string> beginning_of(std::string_view path,
                                          std::uint64_t most) const override {
    auto found = files_.find(std::string{path});
    return found == files_.end() ? std::nullopt : std::optional{found->second.substr(0, most)};
  }

private:
  texts_by_path files_;
};

inline detection::findings found_in(const tree_of& files, const manifest& said = {}) {
  auto found = detection::fill_in(said, files);
  if (!found)
    BOOST_FAIL(found.error().message);
  return std::move(*found);
}

inline std::string why_nothing_in(const tree_of& files, const manifest& said = {}) {
  auto found = detection::fill_in(said, files);
  if (found)
    BOOST_FAIL("found: " << found->language << ", " << found->settings.run.command);
  BOOST_TEST((found.error().code == errc::invalid_argument));
  return found.error().message;
}

inline bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// One of the notes has all of these words.
inline bool tells(const detection::findings& found, std::string_view words) {
  return std::any_of(found.notes.begin(), found.notes.end(),
                     [&](const std::string& note) { return says(note, words); });
}

inline bool needs(const detection::findings& found, std::string_view program) {
  return std::any_of(found.tools.begin(), found.tools.end(),
                     [&](const detection::tool& one) { return one.program == program; });
}

} // namespace pawl::test
