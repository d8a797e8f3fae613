// One pattern of a .dockerignore, as Docker reads it: filepath.Match of Go, and `**`.
//
//   *        any characters but /
//   ?        one character that is no /
//   [a-z]    one character of a class; [^a-z] one that is not of it, which may be /
//   \c       the character c
//   **/ , ** any number of directories, none too; at the end of a pattern: everything
//
// A pattern matches a whole path. Of one that begins with ** and has nothing else that is special,
// the rest is the end of a path: "**.txt" matches "a.txt", and "**/b" matches "a/b" and "b".
//
// A match takes no more than pattern_bytes * path_bytes steps, whatever they are: there is no way
// back in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl {

// A path, with its characters: UTF-8, and each byte that is none for itself.
struct path_characters {
  explicit path_characters(std::string_view path);

  std::string_view bytes;
  std::vector<char32_t> characters;
};

class ignore_pattern {
public:
  // Takes a pattern without empty, "." and ".." components and without a slash at its ends. Nothing
  // if the pattern breaks the syntax: a class that has no end, is empty or has a range from back to
  // front, or a backslash at the end.
  static std::optional<ignore_pattern> compile(std::string_view clean);

  // Adds to `steps` what it costs.
  bool matches(const path_characters& path, std::uint64_t& steps) const;

private:
  enum class form : std::uint8_t { same, beginning, end, tokens };

  enum class token_kind : std::uint8_t {
    character,
    not_slash,   // ?
    one_of,      // a class
    name_part,   // *
    directories, // **, which the next one belongs to
    within,      // of directories, behind their first character
    everything,  // ** at the end
  };

  struct token {
    token_kind kind = token_kind::character;
    char32_t character = 0;
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges = {}; // of a class

    bool takes(char32_t c) const;
  };

  class compilation;

  void step(char32_t c, const std::vector<char>& from, std::vector<char>& to) const;
  void skip_empty(std::vector<char>& at) const;

  form form_ = form::same;
  std::string text_; // of a form without tokens; of tokens the end that a path has to have
  std::vector<token> tokens_;
  std::uint64_t cost_ = 0; // steps for each character of a path, in the form `tokens`
};

} // namespace pawl
