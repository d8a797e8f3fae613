// docs/states.md and docs/errors.md say what the tables say. With PAWL_WRITE_PAGES=1 in the
// environment this test writes them.
#include "test/lifecycle/pages.hpp"

#include "lifecycle/error.hpp"
#include "lifecycle/state_machine.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace pawl;

void compare(const std::string& name, const std::string& wanted) {
  auto path = std::filesystem::path{PAWL_SOURCE_DIR} / "docs" / name;
  if (std::getenv("PAWL_WRITE_PAGES") != nullptr)
    std::ofstream{path, std::ios::binary} << wanted;
  std::ifstream file{path, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(file, "docs/" << name << " is missing");
  std::string found{std::istreambuf_iterator<char>{file}, {}};
  BOOST_TEST(found == wanted, "docs/" << name << " is not what the table says; write it with "
                                      << "PAWL_WRITE_PAGES=1 ctest -R '^lifecycle$'");
}

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(the_page_of_the_states_says_what_the_table_says) {
  compare("states.md", test::states_page());
}

BOOST_AUTO_TEST_CASE(the_page_of_the_errors_says_what_the_table_says) {
  compare("errors.md", test::errors_page());
}

BOOST_AUTO_TEST_CASE(the_diagram_shows_every_move_and_every_state_has_its_row) {
  auto page = test::states_page();
  for (const auto& rule : transition_table) {
    auto line =
        "  " + std::string{to_string(rule.from)} + " --> " + std::string{to_string(rule.to)} + "\n";
    BOOST_TEST(page.find(line) != std::string::npos, line);
  }
  for (const auto& row : state_table)
    BOOST_TEST(page.find("\n| `" + std::string{row.name} + "` |") != std::string::npos, row.name);
}

BOOST_AUTO_TEST_CASE(the_diagram_of_the_routing_shows_every_rule_and_every_state_has_its_row) {
  auto page = test::states_page();
  for (const auto& rule : routing_rules) {
    auto line = "  " + std::string{to_string(rule.from)} + " --> " +
                std::string{to_string(rule.to)} + ": " + std::string{to_string(rule.event)} + "\n";
    BOOST_TEST(page.find(line) != std::string::npos, line);
  }
  for (const auto& row : routing_table)
    BOOST_TEST(page.find("\n| `" + std::string{row.name} + "` |") != std::string::npos, row.name);
  for (const auto& row : routing_event_table)
    BOOST_TEST(page.find("\n| `" + std::string{row.name} + "` |") != std::string::npos, row.name);
}

BOOST_AUTO_TEST_CASE(every_code_has_its_row) {
  auto page = test::errors_page();
  for (const auto& row : error_table)
    BOOST_TEST(page.find("\n| `" + std::string{row.name} + "` |") != std::string::npos, row.name);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
