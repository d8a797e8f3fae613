// The help of a command, as text and as a page of the manual.
#pragma once

#include "bin/usage/command_tree.hpp"

namespace pawl::usage {

// Whole lines, broken between words where they would be wider than `columns`.
std::string help_text(const command& one, std::size_t columns);

// In the man(7) language of roff, for section 1. `release` is what the foot names: "pawl 0.1.0";
// `related` are other pages: "pawl(1)".
std::string man_page(const command& one, std::string_view release,
                     const std::vector<std::string>& related);

// The line after "Usage:".
std::string synopsis(const command& one);

// How an option is written: "-a, --app APP".
std::string spelling(const option& one);

} // namespace pawl::usage
