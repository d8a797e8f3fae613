// Checks the project's own tree.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test::house;

const tree& project() {
  static const tree house = read_tree(PAWL_SOURCE_DIR);
  return house;
}

void none(const breaches& found) {
  for (const auto& breach : found)
    BOOST_ERROR(breach);
}

BOOST_AUTO_TEST_SUITE(house)

BOOST_AUTO_TEST_CASE(the_tree_is_read_whole) {
  for (auto path : {"CMakeLists.txt", "lifecycle/state_machine.hpp", "scripts/build",
                    "test/house/house_test.cpp", "examples/hello/pawl.toml"})
    BOOST_TEST(project().files.contains(path), path);
  BOOST_TEST(!project().rooms().contains("build"));
}

BOOST_AUTO_TEST_CASE(every_folder_with_code_has_its_arrows_and_every_arrow_its_folder) {
  std::set<std::string> with_code;
  for (const auto& [path, text] : project().files)
    if (is_cpp(path))
      with_code.insert(room_of(path));
  for (const auto& room : with_code)
    BOOST_TEST(arrows().contains(room), room);
  for (const auto& [room, arrow] : arrows())
    BOOST_TEST(with_code.contains(room), room);
}

BOOST_AUTO_TEST_CASE(every_include_goes_along_an_arrow) {
  none(check_includes(project()));
}

BOOST_AUTO_TEST_CASE(third_party_headers_stand_where_they_may) {
  none(check_third_party(project()));
}

BOOST_AUTO_TEST_CASE(every_room_links_along_the_arrows) {
  none(check_links(project()));
}

BOOST_AUTO_TEST_CASE(files_functions_and_lines_are_short) {
  none(check_sizes(project()));
}

BOOST_AUTO_TEST_CASE(no_banned_word_is_written) {
  none(check_words(project()));
}

BOOST_AUTO_TEST_CASE(only_lifecycle_writes_a_deployments_state) {
  none(check_states(project()));
}

BOOST_AUTO_TEST_CASE(secrets_leave_their_type_where_they_have_to_and_nowhere_else) {
  none(check_secrets(project()));
}

BOOST_AUTO_TEST_CASE(the_readme_says_what_every_folder_is) {
  none(check_rooms_table(project()));
}

BOOST_AUTO_TEST_CASE(every_link_of_a_page_leads_to_a_file) {
  none(check_references(project()));
}

BOOST_AUTO_TEST_CASE(every_path_and_file_that_a_page_or_a_comment_names_is_there) {
  none(check_paths(project()));
  none(check_file_names(project()));
}

BOOST_AUTO_TEST_CASE(every_decision_is_in_the_index) {
  none(check_decisions(project()));
  none(check_claims(project()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
