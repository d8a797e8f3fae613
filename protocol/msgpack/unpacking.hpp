// From msgpack to the structs of field lists, as protocol/msgpack/packing.hpp wrote it.
//
// A field that is not in the map keeps the member's default, so that a reader takes what an older
// writer wrote; a key that is no field's is left out; a field of another type or out of range is a
// problem. Of a key that is there twice, the last counts.
//
// A map is read once, from its first pair to its last, beside the list of the fields: where both
// have the same order, which is how it is written, each key is compared once.
//
// False from any function is a problem (the reader's, or else a value that cannot be), and what was
// read until then is of no use.
#pragma once

#include "protocol/msgpack/packing.hpp"

#include <limits>

namespace pawl::msgpack {

constexpr std::optional<state> parse_as(std::string_view name, state) {
  return parse_state(name);
}
constexpr std::optional<operation> parse_as(std::string_view name, operation) {
  return parse_operation(name);
}
constexpr std::optional<errc> parse_as(std::string_view name, errc) {
  return parse_errc(name);
}
constexpr std::optional<when_busy> parse_as(std::string_view name, when_busy) {
  return parse_when_busy(name);
}
constexpr std::optional<readiness> parse_as(std::string_view name, readiness) {
  return parse_readiness(name);
}
inline std::optional<credential> parse_as(std::string_view name, credential) {
  return parse_credential(name);
}
inline std::optional<role> parse_as(std::string_view name, role) {
  return parse_role(name);
}

constexpr std::optional<audit_outcome> parse_as(std::string_view name, audit_outcome) {
  return parse_audit_outcome(name);
}

template <class T, class From>
bool take(std::optional<From> from, T& to) {
  if (!from)
    return false;
  to = T(*from);
  return true;
}

inline bool unpack(reader& in, bool& x) {
  return take(in.boolean(), x);
}
inline bool unpack(reader& in, std::uint64_t& x) {
  return take(in.unsigned_integer(), x);
}

inline bool unpack(reader& in, std::uint32_t& x) {
  auto wide = in.unsigned_integer();
  if (!wide || *wide > std::numeric_limits<std::uint32_t>::max())
    return false;
  x = static_cast<std::uint32_t>(*wide);
  return true;
}

inline bool unpack(reader& in, std::string& x) {
  auto text = in.string();
  if (text)
    x.assign(*text);
  return text.has_value();
}

inline bool unpack(reader& in, std::vector<char>& x) {
  auto bytes = in.binary();
  if (bytes)
    x.assign(bytes->begin(), bytes->end());
  return bytes.has_value();
}

inline bool unpack(reader& in, timestamp& x) {
  auto count = in.integer();
  if (!count || !is_readable(timestamp{std::chrono::milliseconds{*count}}))
    return false;
  x = timestamp{std::chrono::milliseconds{*count}};
  return true;
}

inline bool unpack(reader& in, duration& x) {
  auto count = in.integer();
  if (!count || !is_readable(duration{*count}))
    return false;
  x = duration{*count};
  return true;
}

inline bool unpack(reader& in, version_number& x) {
  return unpack(in, x.value) && is_readable(x);
}

template <named T>
bool unpack(reader& in, T& x) {
  auto name = in.string();
  auto parsed = name ? parse_as(*name, T{}) : std::nullopt;
  if (parsed)
    x = *parsed;
  return parsed.has_value();
}

bool unpack(reader& in, event_body& x);

template <listed T>
bool unpack(reader& in, T& x);

template <class T>
bool unpack(reader& in, std::optional<T>& x) {
  if (in.nil()) {
    x.reset();
    return true;
  }
  return unpack(in, x.emplace());
}

// Memory is taken for so many members at once; for more of them, as they are read.
inline constexpr std::size_t usual_members = 64;

template <class T>
bool unpack(reader& in, std::vector<T>& x) {
  auto size = in.array();
  if (!size)
    return false;
  x.clear();
  x.reserve(std::min(*size, usual_members));
  for (std::size_t i = 0; i < *size; ++i)
    if (!unpack(in, x.emplace_back()))
      return false;
  in.leave();
  return true;
}

// Calls at(key) for each pair of a map, to read its value or to skip it; false from there is a
// problem too.
template <class At>
bool each_pair(reader& in, At&& at) {
  auto pairs = in.map();
  if (!pairs)
    return false;
  for (std::size_t i = 0; i < *pairs; ++i)
    if (!at(in.key()))
      return false;
  in.leave();
  return true;
}

template <class T>
bool unpack(reader& in, std::map<std::string, T>& x) {
  x.clear();
  return each_pair(in, [&](std::string_view key) { return unpack(in, x[std::string{key}]); });
}

// The value of the field that is called so, if there is one; else it is skipped.
template <listed T>
bool unpack_named(reader& in, std::string_view key, T& x) {
  bool good = true;
  bool found = false;
  fields(
      [&](std::string_view name, auto& member) {
        if (found || key != name)
          return;
        found = true;
        good = unpack(in, member);
      },
      x);
  return found ? good : in.skip();
}

// As many fields as follow in the order of the list, and then one that does not.
template <listed T>
bool unpack(reader& in, T& x) {
  auto pairs = in.map();
  if (!pairs)
    return false;
  auto left = *pairs;
  bool good = true;
  while (good && left > 0) {
    fields(
        [&](std::string_view name, auto& member) {
          if (!good || left == 0 || !in.key_is(name))
            return;
          good = unpack(in, member);
          --left;
        },
        x);
    if (good && left > 0) {
      good = unpack_named(in, in.key(), x);
      --left;
    }
  }
  in.leave();
  return good;
}

// --- events' bodies

inline bool unpack_log(reader& in, log_event& x) {
  bool step = false;
  bool stream = false;
  bool line = false;
  const auto read = [&](std::string_view key) {
    if (key == "step")
      return step = unpack(in, x.step);
    if (key == "stream")
      return stream = unpack(in, x.stream);
    if (key != "line")
      return in.skip();
    auto bytes = in.binary();
    if (bytes)
      x.line.assign(bytes->begin(), bytes->end());
    return line = bytes.has_value();
  };
  return each_pair(in, read) && step && stream && line;
}

// The kind of the event that is next, wherever in its map that stands; reads nothing.
inline std::string_view kind_of_next(reader in) {
  std::optional<std::string_view> name;
  each_pair(in, [&](std::string_view key) {
    if (key != "event")
      return in.skip();
    name = in.string();
    return false; // enough
  });
  return name.value_or(std::string_view{});
}

inline bool unpack(reader& in, event_body& x) {
  const auto name = kind_of_next(in);
  if (name == "state")
    return unpack(in, x.emplace<state_event>());
  if (name == "progress")
    return unpack(in, x.emplace<progress_event>());
  if (name == "log")
    return unpack_log(in, x.emplace<log_event>());
  if (name == "health")
    return unpack(in, x.emplace<health_event>());
  if (name == "warning")
    return unpack(in, x.emplace<warning_event>());
  return false;
}

} // namespace pawl::msgpack
