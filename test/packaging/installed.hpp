// Pawl as `cmake --install` puts it in place, in a folder of the test's own.
#pragma once

#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pawl::test {

// Runs a program of the machine to its end, with the variables that it needs.
outcome run(std::vector<std::string> arguments, std::map<std::string, std::string> more = {});

// Whether the machine has the program; if not, says that the test is skipped.
bool machine_has(const std::string& program);

class installed {
public:
  // Installs to this prefix, below a root of its own as packages are made, or without one.
  static installed as_package() { return installed{"/usr", true}; }
  static installed in_a_prefix() { return installed{"", false}; }

  void install() const;
  // Where a path of the installed system is.
  std::filesystem::path at(const std::string& path) const { return root_ / path; }

private:
  installed(std::string prefix, bool staged);

  temporary_directory place_;
  std::filesystem::path root_;
  std::string prefix_;
  bool staged_;
};

} // namespace pawl::test
