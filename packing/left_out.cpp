#include "packing/left_out.hpp"

#include "packing/git_program.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <string_view>

namespace pawl::packing {

namespace {

namespace fs = std::filesystem;

// The next of some texts that each end in a NUL.
std::string_view next_of(std::string_view& rest) {
  auto text = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return text;
}

std::string joined(const std::string& prefix, std::string_view path) {
  return prefix.empty() ? std::string{path} : fmt::format("{}/{}", prefix, path);
}

bool is_there(const fs::path& path) {
  std::error_code unknown;
  return fs::exists(fs::symlink_status(path, unknown));
}

// Git lists each ignored path, and a directory that has only ignored files before those: such a
// directory is not ignored itself.
std::unordered_set<std::string> ignored_paths(std::string_view listing, const std::string& prefix) {
  std::unordered_set<std::string> paths;
  while (!listing.empty()) {
    auto path = next_of(listing);
    if (path.ends_with('/') && listing.starts_with(path))
      continue;
    if (path.ends_with('/'))
      path.remove_suffix(1);
    paths.insert(joined(prefix, path));
  }
  return paths;
}

bool is_empty_directory(const fs::path& path) {
  std::error_code unknown;
  return !is_there(path) || (fs::is_directory(path, unknown) && fs::is_empty(path, unknown));
}

} // namespace

result<left_out> left_out::read(const fs::path& directory) {
  left_out made{directory};
  if (is_there(directory / ".pawlignore")) {
    auto rules = ignore_rules::of_pawlignore(directory);
    if (!rules)
      return std::move(rules).error();
    made.own_ = std::move(*rules);
  }
  if (auto entered = made.enter(""); !entered)
    return std::move(entered).error();
  return made;
}

void left_out::note(std::string text) {
  if (notes_.size() < notes_max)
    notes_.push_back(std::move(text));
}

result<void> left_out::enter(const std::string& prefix) {
  if (parts_.size() == repositories_max && own_)
    return {}; // its notes are not worth an end
  if (parts_.size() == repositories_max)
    return error{errc::too_large,
                 fmt::format("the directory has more than {} git repositories in it; name those "
                             "that the app does not need in {}",
                             repositories_max, file()),
                 {}};
  auto part = read_repository(prefix);
  if (!part)
    return std::move(part).error();
  parts_.insert_or_assign(prefix, std::move(*part));
  look_for_gaps(prefix);
  return {};
}

result<left_out::repository> left_out::read_repository(const std::string& prefix) {
  repository part;
  auto place = prefix.empty() ? root_ : root_ / prefix;
  if (own_)
    return part;
  if (has_repository(place)) {
    auto listing = ask_git(
        place, {"ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"});
    bool as_a_whole = listing && *listing == std::string_view{"./\0", 3}; // its rules are not meant
    if (listing && !as_a_whole) {
      part.ignored = ignored_paths(*listing, prefix);
      return part;
    }
    if (!listing && listing.error().code == errc::invalid_argument)
      note(fmt::format("git does not read the repository of {} ({}); its ignore files were read "
                       "without git",
                       printable(place.native()), listing.error().message));
    else if (!listing && listing.error().code != errc::not_found)
      return std::move(listing).error();
  }
  auto rules = ignore_rules::of_git(place);
  if (!rules)
    return std::move(rules).error();
  part.rules = std::move(*rules);
  return part;
}

// Lines of `git ls-files -s -t`: "TAG MODE SHA STAGE<tab>PATH".
void left_out::look_for_gaps(const std::string& prefix) {
  auto place = prefix.empty() ? root_ : root_ / prefix;
  auto listing = has_repository(place) ? ask_git(place, {"ls-files", "-z", "-s", "-t"})
                                       : result<std::string>{std::string{}};
  std::string_view rest = listing ? std::string_view{*listing} : std::string_view{};
  std::size_t missing = 0;
  std::string example;
  while (!rest.empty()) {
    auto line = next_of(rest);
    auto path = joined(prefix, line.substr(std::min(line.find('\t'), line.size() - 1) + 1));
    bool submodule = line.substr(std::min<std::size_t>(2, line.size())).starts_with("160000 ");
    if (submodule && is_empty_directory(root_ / path) && !ignored(path, true))
      note(fmt::format("{} is a submodule that is not checked out, and is sent empty; run git "
                       "submodule update --init --recursive before the deploy",
                       printable(path)));
    if (line.starts_with("S ") && !submodule && !is_there(root_ / path) && ++missing == 1)
      example = path;
  }
  if (missing > 0)
    note(fmt::format("the checkout is sparse: {} files that git tracks are not there and are not "
                     "sent, such as {}; if the app needs them, run git sparse-checkout disable",
                     missing, printable(example)));
}

left_out::repository_place left_out::part_of(const std::string& path) const {
  auto slash = path.rfind('/');
  while (true) {
    auto found = parts_.find(slash == std::string::npos ? std::string{} : path.substr(0, slash));
    if (found != parts_.end() || slash == std::string::npos || slash == 0)
      return found;
    slash = path.rfind('/', slash - 1);
  }
}

bool left_out::ignored(const std::string& path, bool is_directory) const {
  if (own_)
    return own_->ignores(path, is_directory);
  auto found = part_of(path);
  if (found == parts_.end())
    return false;
  const auto& [prefix, part] = *found;
  auto within = prefix.empty() ? path : path.substr(prefix.size() + 1);
  return part.rules ? part.rules->ignores(within, is_directory) : part.ignored.contains(path);
}

result<bool> left_out::names(const std::string& path, bool is_directory) {
  if (path.substr(path.rfind('/') + 1) == ".git" || ignored(path, is_directory))
    return true;
  if (is_directory && is_there(root_ / path / ".git"))
    if (auto entered = enter(path); !entered)
      return std::move(entered).error();
  if (is_directory && !own_)
    if (auto found = part_of(path + "/"); found != parts_.end() && found->second.rules)
      if (auto checked = check_ignore_file(root_, fs::path{path} / ".gitignore"); !checked)
        return std::move(checked).error();
  return false;
}

} // namespace pawl::packing
