// docs/faults.md says what the tests say. With PAWL_WRITE_PAGES=1 in the environment this test
// writes it.
#include "test/faults/fault_page.hpp"

#include "test/support/print.hpp"
#include "test/support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

std::vector<fault_test> all_fault_tests(std::vector<std::string>& problems) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator{fs::path{PAWL_SOURCE_DIR} / "test"})
    if (entry.path().native().ends_with("_test.cpp"))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<fault_test> all;
  for (const auto& file : files) {
    const auto name = fs::relative(file, PAWL_SOURCE_DIR).generic_string();
    for (auto& one : fault_tests_in(name, read_text(file), problems))
      all.push_back(std::move(one));
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fault_page_test)

BOOST_AUTO_TEST_CASE(the_page_says_what_the_tests_say) {
  std::vector<std::string> problems;
  const auto wanted = fault_page(all_fault_tests(problems));
  for (const auto& problem : problems)
    BOOST_ERROR(problem);
  const auto path = fs::path{PAWL_SOURCE_DIR} / "docs" / "faults.md";
  if (std::getenv("PAWL_WRITE_PAGES") != nullptr)
    write_text(path, wanted);
  BOOST_TEST(read_text(path) == wanted, "docs/faults.md is not what the tests say; write it with "
                                        "PAWL_WRITE_PAGES=1 ctest -R '^faults_fault_page$'");
}

BOOST_AUTO_TEST_CASE(a_comment_is_read_over_its_lines_and_mistakes_in_it_are_told) {
  const std::string source = "BOOST_AUTO_TEST_SUITE(a_test)\n"
                             "// It goes on. Fault: F1 F2; hits: pawld; at: building\n"
                             "// pushing; holds: I3.\n"
                             "BOOST_AUTO_TEST_CASE(first) {\n}\n"
                             "// Fault: F99; hits: moon; at: noon; holds: I99.\n"
                             "BOOST_AUTO_TEST_CASE(second) {\n}\n"
                             "// Fault: F1.\n"
                             "BOOST_AUTO_TEST_CASE(third) {\n}\n"
                             "BOOST_AUTO_TEST_CASE(fourth) {\n}\n";
  std::vector<std::string> problems;
  const auto found = fault_tests_in("x.cpp", source, problems);
  BOOST_REQUIRE_EQUAL(found.size(), 2U);
  BOOST_TEST(found[0].name == "a_test/first");
  BOOST_TEST(found[0].steps == (std::vector<std::string>{"building", "pushing"}));
  BOOST_TEST(problems.size() == 5U);
  const auto page = fault_page({found[0]});
  const auto has = [&](std::string_view text) { return page.find(text) != std::string::npos; };
  BOOST_TEST(has("- building (1): first\n"), page);
  BOOST_TEST(has("- switch: not tested\n"), page);
  BOOST_TEST(has("- queued: no build runs yet\n"), page);
  BOOST_TEST(has("- F2 pawld and others are killed at random moments (1): first\n"), page);
  BOOST_TEST(has("| pawld | 0 | 0 | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n"), page);
  BOOST_TEST(has("| build | – | – | – | 0 | – |"), page);
}

BOOST_AUTO_TEST_CASE(a_test_at_any_step_counts_at_each_and_is_named_once) {
  const auto page = fault_page({{"a_test/all", "x.cpp", {"F1"}, "pawld", {"any"}, {"I1"}}});
  const auto count = [&](std::string_view text) {
    std::size_t found = 0;
    for (auto at = page.find(text); at != std::string::npos; at = page.find(text, at + 1))
      ++found;
    return found;
  };
  BOOST_TEST(count("| pawld | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 |\n") == 1U, page);
  BOOST_TEST(count("- any step (1): all\n") == 1U, page);
  BOOST_TEST(count("all\n") == 2U, page); // there, and with its fault
}

BOOST_AUTO_TEST_SUITE_END()
