#include "detection/languages/folder.hpp"

#include <algorithm>
#include <array>

namespace pawl::detection {

namespace {

// Folders that hold no code of the app itself.
bool is_beside_the_app(std::string_view name) {
  static constexpr auto names = std::to_array<std::string_view>(
      {"test/", "tests/", "spec/", "examples/", "example/", "docs/", "node_modules/", "vendor/",
       "venv/", "env/", "migrations/", "third_party/"});
  return name.starts_with('.') || std::find(names.begin(), names.end(), name) != names.end();
}

void collect(const folder& in, const std::string& below, std::string_view ending, int depth,
             std::vector<std::string>& found) {
  const auto names = in.names(below);
  const auto prefix = below.empty() ? std::string{} : below + "/";
  for (const auto& name : names)
    if (!name.ends_with('/') && name.ends_with(ending) && found.size() < code_files_most)
      found.push_back(prefix + name);
  if (depth == 0)
    return;
  for (const auto& name : names)
    if (name.ends_with('/') && !is_beside_the_app(name) && found.size() < code_files_most)
      collect(in, prefix + name.substr(0, name.size() - 1), ending, depth - 1, found);
}

} // namespace

std::optional<std::string> folder::text(std::string_view file) const {
  auto found = all_->beginning_of(at(file), document_bytes + 1);
  if (found && found->size() > document_bytes)
    return std::nullopt;
  return found;
}

std::string folder::code(std::string_view file) const {
  return all_->beginning_of(at(file), code_bytes).value_or("");
}

std::optional<std::string> folder::first_of(std::initializer_list<std::string_view> files) const {
  for (auto file : files)
    if (has(file))
      return std::string{file};
  return std::nullopt;
}

std::vector<std::string> folder::files_like(std::string_view ending, int depth) const {
  std::vector<std::string> found;
  collect(*this, "", ending, depth, found);
  return found;
}

std::optional<folder> folder::above() const {
  if (is_root())
    return std::nullopt;
  auto slash = path_.rfind('/');
  return folder{*all_, slash == std::string::npos ? "" : path_.substr(0, slash)};
}

} // namespace pawl::detection
