// Where a run works, and how much it may do.
#pragma once

#include "bench/harness/floor.hpp"
#include "bench/harness/report.hpp"

#include <functional>

namespace pawl::bench {

struct workplace {
  std::filesystem::path directory; // for everything that is written; empty at first
  std::filesystem::path programs;  // where pawld, pawl and ours are
  bool quick = false;              // CI: a row takes 10 s at most, its times are not to be trusted
  bool large = false;              // by hand: histories of ten million, which take long to fill
  floors floor = {};
  std::function<void(const std::string&)> say = {}; // what is going on, for a person who waits

  // A new empty directory below `directory`.
  std::filesystem::path fresh(const std::string& name) const;
  std::filesystem::path program(const std::string& name) const { return programs / name; }
  // How long a row may go on beginning new rounds.
  std::chrono::milliseconds budget() const;
};

} // namespace pawl::bench
