// Reads C++ just closely enough for the rules: which characters are code, which files are included,
// how long functions are. It is no compiler: it has the small set of rules below, and tests of
// their edges.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pawl::test::house {

// The text with comments, preprocessor lines and the insides of literals turned into spaces; every
// line keeps its number.
std::string code_of(const std::string& text);

struct include_line {
  std::size_t line = 0;
  std::string target;
  bool angled = false; // <target>, not "target"
};

std::vector<include_line> includes_of(const std::string& text);

struct function_span {
  std::size_t line = 0; // of the signature's first word
  std::size_t lines =
      0; // from there to the closing brace, both counted, comments and empty lines too
  std::string signature;
};

// The function bodies: braces at namespace or class scope whose text before them has a parameter
// list and is no class, namespace, enumeration or initialised variable. Lambdas and local classes
// inside a body count to it.
std::vector<function_span> functions_of(const std::string& text);

std::size_t lines_of(const std::string& text);
std::size_t line_at(const std::string& text, std::size_t offset);

} // namespace pawl::test::house
