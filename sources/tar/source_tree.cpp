#include "sources/tar/source_tree.hpp"

#include <fmt/format.h>

#include <deque>
#include <vector>

namespace pawl {

namespace {

constexpr int link_hops_max = 40;                 // as the kernel's
constexpr std::size_t link_steps_max = 4'000'000; // some seconds, for links made to cost time

error broken(std::string_view name, std::string_view rule, errc code = errc::invalid_argument) {
  return {code,
          fmt::format("the source's entry \"{}\" {}", shown_name(name), rule),
          {{"entry", shown_name(name)}}};
}

result<void> check_path(std::string_view path) {
  if (path.empty())
    return broken(path, "has an empty name");
  if (path.front() == '/')
    return broken(path, "has an absolute name; names must be relative to the app's root");
  if (path.size() > limits::source_path_bytes)
    return broken(path, fmt::format("has a name of more than {} bytes", limits::source_path_bytes),
                  errc::too_large);
  std::size_t depth = 0;
  for (std::size_t at = 0; at <= path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    auto component = path.substr(at, end - at);
    if (component.empty() || component == "." || component == "..")
      return broken(path, "has an empty, \".\" or \"..\" component in its name");
    if (component.size() > limits::source_component_bytes)
      return broken(path,
                    fmt::format("has a component of more than {} bytes in its name",
                                limits::source_component_bytes),
                    errc::too_large);
    if (++depth > limits::source_path_depth)
      return broken(path, fmt::format("lies deeper than {} directories", limits::source_path_depth),
                    errc::too_large);
    at = end + 1;
  }
  return {};
}

void push_components(std::deque<std::string>& ahead, std::string_view path) {
  std::vector<std::string> components;
  for (std::size_t at = 0; at < path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    if (end > at)
      components.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  ahead.insert(ahead.begin(), components.begin(), components.end());
}

void leave(std::string& path) {
  auto slash = path.rfind('/');
  path.resize(slash == std::string::npos ? 0 : slash);
}

} // namespace

std::string shown_name(std::string_view name) {
  std::string shown;
  for (char c : name.substr(0, 200))
    shown += c >= ' ' && c < 0x7f && c != '"' ? c : '?';
  return name.size() > 200 ? shown + "…" : shown;
}

result<void> source_tree::admit(entry_kind kind, std::string_view name, std::string_view target) {
  auto path = name;
  if (kind == entry_kind::directory && path.ends_with('/'))
    path.remove_suffix(1);
  if (auto clean = check_path(path); !clean)
    return clean;
  ++admitted_;
  if (kind == entry_kind::symlink && (target.empty() || target.front() == '/'))
    return broken(path, "is a symlink with an absolute or empty target; only links to places "
                        "inside the source are taken");
  if (kind == entry_kind::symlink && target.size() >= limits::source_path_bytes)
    return broken(path, "is a symlink with an overlong target", errc::too_large);
  if (auto parents = admit_parents(path); !parents)
    return parents;
  auto [at, fresh] = nodes_.try_emplace(std::string{path});
  bool completes = at->second.implied && kind == entry_kind::directory;
  if (!fresh && !completes)
    return broken(path, "is there twice");
  if (auto counted = fresh ? count(path, target) : result<void>{}; !counted)
    return counted;
  at->second = node{kind, false, std::string{target}};
  return {};
}

// Each entry and each directory that one lies in takes memory here, and a file of the disk later.
result<void> source_tree::count(std::string_view path, std::string_view target) {
  if (nodes_.size() > limits::source_entries)
    return error{errc::too_large,
                 fmt::format("the source has more than {} files, directories and links",
                             limits::source_entries),
                 {}};
  name_bytes_ += path.size() + target.size();
  if (name_bytes_ > limits::source_names_bytes)
    return error{
        errc::too_large,
        fmt::format("the names of the source's files and directories take more than {} MiB",
                    limits::source_names_bytes / limits::mib),
        {}};
  return {};
}

// An entry below a symlink or a file would be written through it.
result<void> source_tree::admit_parents(std::string_view path) {
  for (auto slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
    path = path.substr(0, slash);
    auto [at, fresh] = nodes_.try_emplace(std::string{path}, node{entry_kind::directory, true, {}});
    if (at->second.kind != entry_kind::directory)
      return broken(path, "is a file or a symlink, and another entry lies below it");
    if (!fresh)
      return {};
    if (auto counted = count(path, {}); !counted)
      return counted;
  }
  return {};
}

result<void> source_tree::check_links() const {
  std::size_t steps = 0;
  const auto target_of = [this](const std::string& path) -> const std::string* {
    const auto found = nodes_.find(path);
    const bool is_link = found != nodes_.end() && found->second.kind == entry_kind::symlink;
    return is_link ? &found->second.target : nullptr;
  };
  for (const auto& [path, entry] : nodes_)
    if (entry.kind == entry_kind::symlink)
      if (auto inside = follow_links(path, target_of, steps); !inside)
        return std::move(inside).error();
  return {};
}

result<std::string> follow_links(const std::string& path, const link_targets& target_of,
                                 std::size_t& steps) {
  std::deque<std::string> ahead;
  push_components(ahead, path);
  std::string here;
  int hops = 0;
  while (!ahead.empty()) {
    if (++steps > link_steps_max)
      return error{errc::too_large, "the source's symlinks lead through too many others", {}};
    auto component = std::move(ahead.front());
    ahead.pop_front();
    if (component == ".")
      continue;
    if (component == "..") {
      if (here.empty())
        return broken(path, "is a symlink that leads out of the source");
      leave(here);
      continue;
    }
    here += here.empty() ? component : "/" + component;
    const auto* target = target_of(here);
    if (target == nullptr)
      continue;
    if (++hops > link_hops_max)
      return broken(path, "is a symlink that leads through too many others, or to itself");
    leave(here);
    push_components(ahead, *target);
  }
  return here;
}

} // namespace pawl
