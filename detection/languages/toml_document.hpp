// A TOML file of an app (pyproject.toml, Cargo.toml): what is of another kind is as not there.
#pragma once

#include "config/document.hpp"

namespace pawl::detection {

// Nothing if the text is no TOML.
inline std::optional<config::toml_table> read_document(std::string_view text) {
  config::problem_list problems;
  auto root = config::read_toml(text, problems);
  return root && problems.empty() ? std::move(root) : std::nullopt;
}

inline const config::toml_table* table_in(const config::toml_table& in, std::string_view key) {
  const auto* found = in.find(key);
  return found == nullptr ? nullptr : std::get_if<config::toml_table>(&found->value);
}

inline const config::toml_array* array_in(const config::toml_table& in, std::string_view key) {
  const auto* found = in.find(key);
  return found == nullptr ? nullptr : std::get_if<config::toml_array>(&found->value);
}

inline std::string text_in(const config::toml_table* in, std::string_view key) {
  const auto* found = in == nullptr ? nullptr : in->find(key);
  const auto* text = found == nullptr ? nullptr : std::get_if<std::string>(&found->value);
  return text == nullptr ? std::string{} : *text;
}

} // namespace pawl::detection
