// From field lists to msgpack and back.
//
// A struct is a map from field name to value. Enumerations are their names, times and durations
// milliseconds (signed), versions their number. An empty optional is nil. Unpacking: a field that
// is not in the map keeps the member's default, so that a reader takes what an older writer wrote;
// a field of another type or out of range is a problem.
#pragma once

#include "protocol/fields.hpp"
#include "protocol/msgpack.hpp"

#include <algorithm>
#include <limits>

namespace pawl::packing {

using msgpack_io::value;
using msgpack_io::writer;

// --- names of enumerations

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

template <class T>
concept named = std::is_enum_v<T> && requires(T x) {
  to_string(x);
};

template <class T>
concept listed = requires(T& x) {
  fields([](auto, auto&) {}, x);
};

// --- packing

inline void pack(writer& out, bool x) {
  out.boolean(x);
}
inline void pack(writer& out, std::uint32_t x) {
  out.unsigned_integer(x);
}
inline void pack(writer& out, std::uint64_t x) {
  out.unsigned_integer(x);
}
inline void pack(writer& out, double x) {
  out.real(x);
}
inline void pack(writer& out, const std::string& x) {
  out.string(x);
}
inline void pack(writer& out, const std::vector<char>& x) {
  out.binary(x);
}
inline void pack(writer& out, timestamp x) {
  out.integer(x.time_since_epoch().count());
}
inline void pack(writer& out, duration x) {
  out.integer(x.count());
}
inline void pack(writer& out, version_number x) {
  out.unsigned_integer(x.value);
}

template <named T>
void pack(writer& out, T x) {
  out.string(to_string(x));
}

void pack(writer& out, const event_body& x);

template <listed T>
void pack(writer& out, const T& x);

template <class T>
void pack(writer& out, const std::optional<T>& x) {
  if (x)
    pack(out, *x);
  else
    out.nil();
}

template <class T>
void pack(writer& out, const std::vector<T>& x) {
  out.array(x.size());
  for (const auto& member : x)
    pack(out, member);
}

inline void pack(writer& out, const std::map<std::string, std::string>& x) {
  out.map(x.size());
  for (const auto& [key, mapped] : x) {
    out.string(key);
    out.string(mapped);
  }
}

template <listed T>
void pack(writer& out, const T& x) {
  std::size_t count = 0;
  fields([&](std::string_view, const auto&) { ++count; }, x);
  out.map(count);
  fields(
      [&](std::string_view name, const auto& member) {
        out.string(name);
        pack(out, member);
      },
      x);
}

// --- what can be read again: unpack() refuses the rest

// Times within the years 1970 to 9999: what RFC 3339 can write.
constexpr bool is_readable(timestamp x) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799'999;
  return x.time_since_epoch().count() >= 0 && x.time_since_epoch().count() <= end_of_9999;
}
constexpr bool is_readable(duration x) {
  constexpr std::int64_t hundred_years = 100LL * 366 * 24 * 3600 * 1000;
  return x.count() >= 0 && x.count() <= hundred_years;
}
constexpr bool is_readable(version_number x) {
  return x.value > 0;
}

template <class T>
requires std::is_arithmetic_v<T> || named<T>
constexpr bool is_readable(T) {
  return true;
}
inline bool is_readable(const std::string&) {
  return true;
}
inline bool is_readable(const std::map<std::string, std::string>&) {
  return true;
}

template <listed T>
bool is_readable(const T& x);

template <class T>
bool is_readable(const std::optional<T>& x) {
  return !x || is_readable(*x);
}

template <class T>
bool is_readable(const std::vector<T>& x) {
  return std::all_of(x.begin(), x.end(), [](const T& member) { return is_readable(member); });
}

template <listed T>
bool is_readable(const T& x) {
  bool good = true;
  fields([&](std::string_view, const auto& member) { good = good && is_readable(member); }, x);
  return good;
}

// --- unpacking: false is a problem

template <class T, class From>
bool take(std::optional<From> from, T& to) {
  if (!from)
    return false;
  to = T(*from);
  return true;
}

inline bool unpack(const value& in, bool& x) {
  return take(in.boolean(), x);
}
inline bool unpack(const value& in, std::uint64_t& x) {
  return take(in.unsigned_integer(), x);
}
inline bool unpack(const value& in, double& x) {
  return take(in.real(), x);
}

inline bool unpack(const value& in, std::uint32_t& x) {
  auto wide = in.unsigned_integer();
  if (!wide || *wide > std::numeric_limits<std::uint32_t>::max())
    return false;
  x = static_cast<std::uint32_t>(*wide);
  return true;
}

inline bool unpack(const value& in, std::string& x) {
  return take(in.string(), x);
}

inline bool unpack(const value& in, std::vector<char>& x) {
  auto bytes = in.binary();
  if (bytes)
    x.assign(bytes->begin(), bytes->end());
  return bytes.has_value();
}

inline bool unpack(const value& in, timestamp& x) {
  auto count = in.integer();
  if (!count || !is_readable(timestamp{std::chrono::milliseconds{*count}}))
    return false;
  x = timestamp{std::chrono::milliseconds{*count}};
  return true;
}

inline bool unpack(const value& in, duration& x) {
  auto count = in.integer();
  if (!count || !is_readable(duration{*count}))
    return false;
  x = duration{*count};
  return true;
}

inline bool unpack(const value& in, version_number& x) {
  return unpack(in, x.value) && is_readable(x);
}

template <named T>
bool unpack(const value& in, T& x) {
  auto name = in.string();
  auto parsed = name ? parse_as(*name, T{}) : std::nullopt;
  if (parsed)
    x = *parsed;
  return parsed.has_value();
}

bool unpack(const value& in, event_body& x);

template <listed T>
bool unpack(const value& in, T& x);

template <class T>
bool unpack(const value& in, std::optional<T>& x) {
  if (in.is_nil()) {
    x.reset();
    return true;
  }
  return unpack(in, x.emplace());
}

template <class T>
bool unpack(const value& in, std::vector<T>& x) {
  auto size = in.array_size();
  if (!size)
    return false;
  x.clear();
  for (std::size_t i = 0; i < *size; ++i)
    if (!unpack(in.at(i), x.emplace_back()))
      return false;
  return true;
}

inline bool unpack(const value& in, std::map<std::string, std::string>& x) {
  auto size = in.map_size();
  if (!size)
    return false;
  x.clear();
  for (std::size_t i = 0; i < *size; ++i) {
    auto [key, mapped] = in.pair(i);
    if (!unpack(mapped, x[std::string{key}]))
      return false;
  }
  return true;
}

template <listed T>
bool unpack(const value& in, T& x) {
  if (!in.map_size())
    return false;
  bool good = true;
  std::size_t next = 0;
  fields(
      [&](std::string_view name, auto& member) {
        if (auto found = good ? in.find(name, next) : std::nullopt)
          good = unpack(*found, member);
      },
      x);
  return good;
}

// --- events' bodies: {"event": kind, …the fields of that kind…}

// A log line goes as binary: programs print bytes that are not UTF-8.
inline void pack_body(writer& out, const log_event& x) {
  out.map(4);
  out.string("event");
  out.string("log");
  out.string("step");
  out.string(x.step);
  out.string("stream");
  out.string(x.stream);
  out.string("line");
  out.binary(x.line);
}

template <class T>
void pack_body(writer& out, const T& x) {
  std::size_t count = 1;
  fields([&](std::string_view, const auto&) { ++count; }, x);
  out.map(count);
  out.string("event");
  out.string(kind(event_body{x}));
  fields(
      [&](std::string_view name, const auto& member) {
        out.string(name);
        pack(out, member);
      },
      x);
}

inline void pack(writer& out, const event_body& x) {
  std::visit([&](const auto& body) { pack_body(out, body); }, x);
}

inline bool unpack_log(const value& in, log_event& x) {
  auto step = in.find("step");
  auto stream = in.find("stream");
  auto line = in.find("line");
  auto bytes = line ? line->binary() : std::nullopt;
  if (!step || !stream || !bytes)
    return false;
  x.line.assign(bytes->begin(), bytes->end());
  return unpack(*step, x.step) && unpack(*stream, x.stream);
}

inline bool unpack(const value& in, event_body& x) {
  auto tag = in.map_size() ? in.find("event") : std::nullopt;
  auto name = tag ? tag->string() : std::nullopt;
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

} // namespace pawl::packing
