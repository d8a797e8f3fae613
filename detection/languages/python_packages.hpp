// How the packages of a Python app are named and installed: requirements.txt, pyproject.toml (with
// the lock of uv or Poetry), a Pipfile, or none.
#pragma once

#include "detection/languages/language.hpp"

namespace pawl::detection {

inline constexpr std::string_view python_environment = ".venv"; // its folder, in that of the app

struct python_packages {
  std::string file;    // that names them; empty: there is none, the machine's packages are used
  std::string install; // the command, within the environment; empty: nothing to install
  std::string text;    // all that names packages, in small letters

  // Whether a package is named there, or its name stands in `code` behind an import.
  bool name(std::string_view package) const;
};

result<python_packages> read_python_packages(const folder& in);

// Makes the environment, installs the packages and those `also`, unless they are named already.
void plan_environment(const python_packages& packages, const std::vector<std::string>& also,
                      const folder& in, recipe& to);

} // namespace pawl::detection
