// docs/faults.md, made of what the tests say of themselves. A test that shows a fault has it in the
// comment above its case:
//
//   // Fault: F1 F12; hits: pawld; at: building pushing; holds: I1 I3.
//
// `hits` is one of victims(), `at` are steps(); "any" is every one of them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace pawl::test {

struct fault_test {
  std::string name; // suite/case, as --run_test takes it
  std::string file;
  std::vector<std::string> faults;
  std::string victim;
  std::vector<std::string> steps;
  std::vector<std::string> invariants;
};

const std::vector<std::string>& victims();
const std::vector<std::string>& steps();

// The tests of one source that carry such a comment. Adds to `problems` what is wrong in one.
std::vector<fault_test> fault_tests_in(const std::string& file, const std::string& source,
                                       std::vector<std::string>& problems);

std::string fault_page(const std::vector<fault_test>& tests);

} // namespace pawl::test
