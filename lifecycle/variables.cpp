#include "lifecycle/variables.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace pawl {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

error invalid(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

// The name is a stranger's: only the beginning, and '?' for what is not printable.
std::string shown(std::string_view name) {
  constexpr std::size_t most = 60;
  std::string text{name.substr(0, most)};
  for (char& c : text)
    if (c < ' ' || c > '~')
      c = '?';
  return name.size() > most ? text + "…" : text;
}

std::size_t bytes_of(const variable& one) {
  return one.name.size() +
         (one.is_secret ? std::max(one.value.size(), one.clear.size()) : one.value.size());
}

result<void> check_all(const configuration& next) {
  std::size_t bytes = 0;
  for (const auto& one : next.variables)
    bytes += bytes_of(one);
  if (bytes > limits::variables_bytes)
    return error{
        errc::too_large,
        fmt::format("the variables of {} in {} would have {} bytes together, and {} is the "
                    "most: put large texts into files of the source, or unset some "
                    "(pawl env unset)",
                    next.lane.app, next.lane.cluster, bytes, limits::variables_bytes),
        {}};
  if (next.variables.size() > limits::variables)
    return error{errc::too_large,
                 fmt::format("{} in {} would have {} variables, and {} is the most: unset some "
                             "(pawl env unset)",
                             next.lane.app, next.lane.cluster, next.variables.size(),
                             limits::variables),
                 {}};
  return {};
}

using by_name = std::map<std::string, variable, std::less<>>;

by_name index_of(const std::vector<variable>& all) {
  by_name found;
  for (const auto& one : all)
    found.emplace(one.name, one);
  return found;
}

bool is_same(const variable& a, const variable& b) {
  return a.is_secret == b.is_secret && a.value == b.value && a.clear.empty() && b.clear.empty() &&
         (!a.is_secret || a.revision == b.revision);
}

variable made_of(const variable_text& one, config_number number, const std::string& by,
                 timestamp at) {
  variable made{one.name, one.is_secret};
  if (one.is_secret)
    made.clear = one.value;
  else
    made.value = std::string{one.value.reveal()};
  made.revision = number;
  made.by = by;
  made.at = at;
  return made;
}

} // namespace

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

result<void> check_variable_name(std::string_view name) {
  if (!is_variable_name(name))
    return invalid(fmt::format("\"{}\" cannot be the name of a variable: use letters, digits and "
                               "_, with no digit in front",
                               shown(name)));
  if (name.size() > limits::variable_name_bytes)
    return error{errc::too_large,
                 fmt::format("the name of the variable {} has {} bytes, and {} is the most",
                             shown(name), name.size(), limits::variable_name_bytes),
                 {}};
  if (name == "PORT" || name.starts_with("PAWL_"))
    return invalid(fmt::format("{} cannot be set: the server gives PORT, and all whose names begin "
                               "with PAWL_, to the app itself; use another name",
                               shown(name)));
  return {};
}

result<void> check_change(const variable_change& what) {
  if (what.restore && !(what.set.empty() && what.unset.empty()))
    return invalid("a revision is restored as it was: set or unset variables in another change");
  if (what.restore)
    return *what.restore > 0 ? result<void>{} : invalid("revisions are numbered from 1");
  if (what.set.empty() && what.unset.empty())
    return invalid("nothing is to be set: give KEY=VALUE, or a file with --file");
  if (what.set.size() + what.unset.size() > limits::variables)
    return error{errc::too_large,
                 fmt::format("a change of more than {} variables is too large", limits::variables),
                 {}};
  std::set<std::string_view> names;
  const auto check_one = [&](const std::string& name) -> result<void> {
    if (auto good = check_variable_name(name); !good)
      return good;
    if (!names.insert(name).second)
      return invalid(fmt::format("{} is given twice: give it once", name));
    return {};
  };
  for (const auto& one : what.set) {
    if (auto good = check_one(one.name); !good)
      return good;
    if (one.value.size() > limits::variable_bytes)
      return error{errc::too_large,
                   fmt::format("the value of {} has {} bytes, and {} is the most: put it into a "
                               "file of the source",
                               one.name, one.value.size(), limits::variable_bytes),
                   {}};
    if (one.value.reveal().find('\0') != std::string_view::npos)
      return invalid(
          fmt::format("the value of {} has a byte that is 0, which no variable can hold: "
                      "encode it, with base64 for example",
                      one.name));
  }
  for (const auto& name : what.unset)
    if (auto good = check_one(name); !good)
      return good;
  return {};
}

result<configuration> next_configuration(const lane_key& lane, config_number number,
                                         const configuration* before, const variable_change& what,
                                         const configuration* restored, std::string by,
                                         timestamp at) {
  configuration next{lane, number, at, std::move(by)};
  static const std::vector<variable> none;
  const auto& old = before != nullptr ? before->variables : none;
  auto all = index_of(restored != nullptr ? restored->variables : old);
  for (const auto& name : what.unset)
    if (all.erase(name) == 0)
      return invalid(fmt::format("{} in {} has no variable {}; pawl env -a {} -C {} shows those "
                                 "that it has",
                                 lane.app, lane.cluster, name, lane.app, lane.cluster));
  for (const auto& one : what.set)
    all.insert_or_assign(one.name, made_of(one, number, next.by, at));
  for (auto& [name, one] : all)
    next.variables.push_back(std::move(one));
  next.restored = what.restore;
  auto differs = difference(old, next.variables);
  next.added = std::move(differs.added);
  next.changed = std::move(differs.changed);
  next.removed = std::move(differs.removed);
  if (auto good = check_all(next); !good)
    return std::move(good).error();
  return next;
}

variable_difference difference(const std::vector<variable>& from, const std::vector<variable>& to) {
  const auto before = index_of(from);
  const auto after = index_of(to);
  variable_difference found;
  for (const auto& [name, one] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      found.added.push_back(name);
    else if (!is_same(old->second, one))
      found.changed.push_back(name);
  }
  for (const auto& [name, one] : before)
    if (!after.contains(name))
      found.removed.push_back(name);
  return found;
}

std::string expand_variables(std::string_view text, const variable_look& value_of,
                             std::vector<std::string>& missing) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    if (rest.starts_with("$${")) {
      out += "${";
      i += 3;
      continue;
    }
    const auto end = rest.starts_with("${") ? rest.find('}') : std::string_view::npos;
    const auto name = end == std::string_view::npos ? std::string_view{} : rest.substr(2, end - 2);
    if (!is_variable_name(name)) {
      out += rest.front();
      ++i;
      continue;
    }
    if (const auto value = value_of(name)) {
      out += *value;
    } else {
      out += rest.substr(0, end + 1);
      missing.emplace_back(name);
    }
    i += end + 1;
  }
  return out;
}

result<void> check_references(const std::map<std::string, std::string>& run_env,
                              const configuration* holds, const lane_key& lane) {
  std::set<std::string_view> known;
  if (holds != nullptr)
    for (const auto& one : holds->variables)
      known.insert(one.name);
  const auto look = [&](std::string_view name) {
    return known.contains(name) ? std::optional<std::string_view>{""} : std::nullopt;
  };
  std::string told;
  std::set<std::string> wanted;
  for (const auto& [name, value] : run_env) {
    std::vector<std::string> missing;
    static_cast<void>(expand_variables(value, look, missing));
    for (auto& one : missing) {
      told += fmt::format("{}[run] env {} needs ${{{}}}", told.empty() ? "" : "\n", name, one);
      wanted.insert(std::move(one));
    }
  }
  if (told.empty())
    return {};
  return invalid(fmt::format("{}, and {} in {} has no such variable: set it with pawl env set {}=… "
                             "-a {} -C {} (with --secret if nobody may read it)",
                             told, lane.app, lane.cluster, fmt::join(wanted, "=… "), lane.app,
                             lane.cluster));
}

result<void> check_all_references(const manifest& settings, const configuration* holds,
                                  const lane_key& lane) {
  for (const auto& one : settings.processes)
    if (auto fits = check_references(one.env, holds, lane); !fits)
      return fits;
  return check_references(settings.run.env, holds, lane);
}

} // namespace pawl
