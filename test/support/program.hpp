// A program that a test runs: its output goes to files, so that it never waits for the test, and it
// does not outlive its object.
#pragma once

#include "test/support/eventually.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pawl::test {

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

// The address sanitizer keeps what was freed for a while: then a program's memory says nothing.
#ifdef PAWL_ADDRESS_SANITIZER
inline constexpr bool memory_can_be_measured = false;
#else
inline constexpr bool memory_can_be_measured = true;
#endif

struct program_plan {
  std::vector<std::string> arguments; // the program's absolute path first
  std::map<std::string, std::string> environment = {};
  std::filesystem::path directory = {}; // to start in
  std::filesystem::path out = {};       // where its stdout and stderr go
  std::filesystem::path err = {};
};

// Its end: its exit status, or 128 and the signal.
struct outcome {
  int status = -1;
  std::string out;
  std::string err;
};

class program {
public:
  // Throws std::runtime_error if it cannot be started.
  explicit program(program_plan plan);
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program(); // kills it, and waits for its end

  pid_t pid() const { return pid_; }
  std::uint64_t resident_kib() const; // the memory that it holds now
  void signal(int number) const;      // only while it was not waited for
  bool running();
  std::string out() const { return read_text(plan_.out); } // so far
  std::string err() const { return read_text(plan_.err); }

  // Waits for its end. A program that does not end in time is killed, and std::runtime_error is
  // thrown with its output.
  outcome wait(std::chrono::milliseconds within = patience);

private:
  std::string description() const;

  program_plan plan_;
  pid_t pid_ = 0;
  std::optional<int> status_;
};

} // namespace pawl::test
