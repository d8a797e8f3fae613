// How many bytes the texts of a value have, with all that is in it: about its size where it is sent
// or stored.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

template <class T>
std::size_t text_bytes(const T& x);

inline std::size_t text_bytes(const std::string& x) {
  return x.size();
}

inline std::size_t text_bytes(const std::map<std::string, std::string>& x) {
  std::size_t total = 0;
  for (const auto& [key, value] : x)
    total += key.size() + value.size();
  return total;
}

template <class T>
std::size_t text_bytes(const std::optional<T>& x) {
  return x ? text_bytes(*x) : 0;
}

template <class T>
std::size_t text_bytes(const std::vector<T>& x) {
  std::size_t total = 0;
  for (const auto& member : x)
    total += text_bytes(member);
  return total;
}

inline std::size_t text_bytes(const event_body& x) {
  return std::visit([](const auto& body) { return text_bytes(body); }, x);
}

// A struct with a field list, or a value without a text.
template <class T>
std::size_t text_bytes(const T& x) {
  std::size_t total = 0;
  if constexpr (requires { fields([](auto, const auto&) {}, x); })
    fields([&](std::string_view, const auto& member) { total += text_bytes(member); }, x);
  return total;
}

} // namespace pawl::protocol
