// The problems of one file that people write, collected so that all are told at once.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pawl::config {

// The problems of one file, each with its line.
class problem_list {
public:
  void add(std::uint32_t line, std::string text);
  void add(std::string text); // about the file as a whole; stands last

  bool empty() const { return problems_.empty(); }

  // One invalid_argument error: a line for each problem, in the order of the file.
  error to_error() const;

private:
  struct problem {
    std::uint32_t line;
    std::string text;
  };
  std::vector<problem> problems_;
};

} // namespace pawl::config
