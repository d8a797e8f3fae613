// Two checks in front of the library that reads TOML, of texts with which it ends the program.
//
// It makes a table of each part of a dotted key, "a.b.c", in each other, and takes the stack to go
// through them: a key of a few kilobytes overruns that. And it asserts that a name follows the
// bracket of a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pawl::config {

// Far over what any of our settings needs.
inline constexpr std::size_t key_parts_most = 16;

// The line, from 1, of the first key or name of a table that has more than key_parts_most parts;
// nothing if there is none. The text need not be TOML: up to where it stops being it, no such key
// is missed, and behind that no reader looks.
std::optional<std::uint32_t> line_of_deep_key(std::string_view text);

// The line of the first table, "[…]" or "[[…]]", in whose brackets something else comes first than
// a name or the closing bracket; nothing if there is none. The text as above.
std::optional<std::uint32_t> line_of_nameless_table(std::string_view text);

} // namespace pawl::config
