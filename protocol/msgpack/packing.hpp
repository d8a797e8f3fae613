// From field lists to msgpack; protocol/msgpack/unpacking.hpp is the way back.
//
// A struct is a map from field name to value. Enumerations are their names, times and durations
// milliseconds (signed), versions their number. An empty optional is nil.
#pragma once

#include "protocol/fields.hpp"
#include "protocol/msgpack/msgpack.hpp"

#include <algorithm>

namespace pawl::msgpack {

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

template <class T>
void pack(writer& out, const std::map<std::string, T>& x) {
  out.map(x.size());
  for (const auto& [key, mapped] : x) {
    out.string(key);
    pack(out, mapped);
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

// --- what can be read again: unpacking refuses the rest

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

template <listed T>
bool is_readable(const T& x);

template <class T>
bool is_readable(const std::map<std::string, T>& x) {
  return std::all_of(x.begin(), x.end(), [](const auto& pair) { return is_readable(pair.second); });
}

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

// --- events' bodies: {"event": kind, …the fields of that kind…}

// A log line goes as binary: programs print bytes that are not UTF-8.
inline void pack_event_body(writer& out, const log_event& x) {
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
void pack_event_body(writer& out, const T& x) {
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
  std::visit([&](const auto& body) { pack_event_body(out, body); }, x);
}

} // namespace pawl::msgpack
