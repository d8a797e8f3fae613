// Reads the Docker daemon's JSON: a value that is missing, or of another type, has its default.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace pawl {

using json = nlohmann::json;

// Discarded (is_discarded()) if it is no JSON.
inline json parse_json(std::string_view text) {
  return json::parse(text, nullptr, false);
}

// Null if there is no such member.
inline const json& member(const json& object, const std::string& name) {
  static const json none;
  if (!object.is_object())
    return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

inline std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string{};
}
inline std::int64_t number_of(const json& value) {
  return value.is_number() ? value.get<std::int64_t>() : 0;
}
inline bool truth_of(const json& value) {
  return value.is_boolean() && value.get<bool>();
}

inline std::string text_in(const json& object, const std::string& name) {
  return text_of(member(object, name));
}
inline std::int64_t number_in(const json& object, const std::string& name) {
  return number_of(member(object, name));
}

// As one line, whatever bytes the texts in it have.
inline std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace pawl
