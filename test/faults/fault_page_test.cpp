// docs/faults.md says what the tests say. With PAWL_WRITE_PAGES=1 in the environment this test
// writes it.
#include "test/faults/fault_page.hpp"

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
  BOOST_TEST((read_text(path) == wanted), "docs/faults.md is not what the tests say; write it with "
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
  BOOST_TEST(page.find("| building | [first](../x.cpp) |") != std::string::npos);
  BOOST_TEST(page.find("| switch | not tested |") != std::string::npos);
  BOOST_TEST(page.find("| queued | no build runs yet |") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
