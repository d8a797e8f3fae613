// The packing room as a module that `pawl deploy` loads: its libraries (libarchive, libgit2,
// libcrypto and thirty that they need) take 4 ms to load, which no other command has to pay.
#pragma once

#include "packing/git.hpp"
#include "packing/pack.hpp"

namespace pawl::packing {

// The functions of pack.hpp and git.hpp, under their own names; those headers say what each does.
struct functions {
  std::string_view
      release; // of Pawl: program and module pass C++ objects, so both are of one build
  decltype(&packing::pack) pack;
  decltype(&packing::read_git_facts) read_git_facts;
};

inline constexpr const char* module_file = "pawl-packing.so";
inline constexpr const char* module_entry = "pawl_packing";

} // namespace pawl::packing

// Never fails. The table that it returns is valid while the module is loaded.
extern "C" const pawl::packing::functions* pawl_packing();
