// The rules for the source tree. Each check returns a line for each breach: the place, the fact,
// and the remedy.
#pragma once

#include "test/house/tree.hpp"

#include <string>
#include <vector>

namespace pawl::test::house {

using breaches = std::vector<std::string>;

// Each room, and the parts of other rooms that it may include and link. "engines" is the top of
// that room, its contract; "engines/*" is all of it, implementations too. A room may include all of
// itself, but a header at its top none of its implementations. One entry for each folder at the
// root that holds C++.
const std::map<std::string, std::set<std::string>>& arrows();

breaches check_includes(const tree& house);    // along the arrows, from the root, own header first
breaches check_third_party(const tree& house); // each header in the few files that need it
breaches check_links(const tree& house);       // of the root CMakeLists.txt, along the arrows
breaches check_sizes(const tree& house);       // files and functions
breaches check_words(const tree& house);       // what must not be written
breaches check_states(const tree& house);      // a state is written in lifecycle/ alone
// A secret is revealed in the few files that have to, and packed for a frame alone.
breaches check_secrets(const tree& house);
breaches check_rooms_table(const tree& house); // the README's table names every folder with code
breaches check_references(const tree& house);  // the pages' links lead to files
// A path whose first folder is a room leads to a file: in pages where it stands between
// back-quotes, with or without the ending .hpp or .cpp; in comments where it has an ending. Paths
// with a placeholder (a component in capitals) are left out.
breaches check_paths(const tree& house);
breaches check_file_names(const tree& house); // `x.cpp` in a page is the name of a file
breaches check_decisions(const tree& house);  // the index of the decisions lists each page
// `x_y_z` in docs/security.md is the name of a test, and each row of its tables has one in its last
// column: what shows a claim exists.
breaches check_claims(const tree& house);

inline constexpr std::size_t file_lines = 400;
inline constexpr std::size_t function_lines = 70;
inline constexpr std::size_t columns = 100;

} // namespace pawl::test::house
