// The folder of an app within its source, as the rules of the languages see it.
#pragma once

#include "sources/source_files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::detection {

inline constexpr std::uint64_t document_bytes = 1024 * 1024; // of a package.json and the like
inline constexpr std::uint64_t code_bytes = 64 * 1024; // of a file of code that is looked into
inline constexpr std::size_t code_files_most = 200;    // of those in one search

class folder {
public:
  // `path` from the source's root, "" for the root itself.
  folder(const source_files& all, std::string path) : all_(&all), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  bool is_root() const { return path_.empty(); }

  bool has(std::string_view file) const { return all_->has_file(at(file)); }
  bool has_folder(std::string_view name) const { return all_->has_folder(at(name)); }

  // The names of `below` ("" is this folder); a folder's ends in a slash.
  std::vector<std::string> names(std::string_view below = "") const {
    return all_->names_in(below.empty() ? path_ : at(below));
  }

  // A small file, whole; nothing if there is none, or if it is larger than document_bytes.
  std::optional<std::string> text(std::string_view file) const;

  // The beginning of a file of code; empty if there is none.
  std::string code(std::string_view file) const;

  // The first of these names that is a file here.
  std::optional<std::string> first_of(std::initializer_list<std::string_view> files) const;

  // The files of that ending ("\.py" without the backslash), the folder's own first, then those of
  // its folders down to `depth`; not those of tests, examples and hidden folders.
  std::vector<std::string> files_like(std::string_view ending, int depth) const;

  // The folder above, up to the source's root; nothing above that.
  std::optional<folder> above() const;
  folder below(std::string_view name) const { return {*all_, at(name)}; }

private:
  std::string at(std::string_view name) const {
    return path_.empty() ? std::string{name} : path_ + "/" + std::string{name};
  }

  const source_files* all_;
  std::string path_;
};

} // namespace pawl::detection
