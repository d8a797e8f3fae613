#include "detection/languages/language.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::detection {

const std::vector<language>& languages() {
  static const std::vector<language> all{
      {"PHP", is_php, php_sign, read_php},
      {"Go", is_go, [](const folder&) { return std::string{"go.mod"}; }, read_go},
      {"Java", is_java, java_sign, read_java},
      {"Rust", is_rust, [](const folder&) { return std::string{"Cargo.toml"}; }, read_rust},
      {"Ruby", is_ruby, ruby_sign, read_ruby},
      {"Python", is_python, python_sign, read_python},
      {"Node.js", is_node, [](const folder&) { return std::string{"package.json"}; }, read_node},
      {"CMake", is_cmake, [](const folder&) { return std::string{"CMakeLists.txt"}; }, read_cmake},
      {"static files", is_static, static_sign, read_static},
  };
  return all;
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"._-/@:+"}.find(c) != std::string_view::npos;
  });
}

std::string shell_word(std::string_view text) {
  if (is_plain(text) && !text.starts_with('-'))
    return std::string{text};
  std::string all = "'";
  for (char c : text)
    if (c == '\'')
      all += "'\\''";
    else
      all += c;
  return all + "'";
}

error broken_file(const folder& in, std::string_view file, std::string_view what) {
  const auto path = in.is_root() ? std::string{file} : fmt::format("{}/{}", in.path(), file);
  return {errc::invalid_argument, fmt::format("{} {}", path, what), {{"file", path}}};
}

} // namespace pawl::detection
