// The apps that the tests deploy, and a gate that holds one of their commands until the test opens
// it.
#pragma once

#include "test/support/eventually.hpp"

#include <filesystem>
#include <string>

namespace pawl::test {

struct sample_app {
  std::string name = "shop";
  std::string greeting = "hello";
  std::string build = "true";
  std::string build_settings = {}; // further keys of [build]
  std::string run = "exec perl serve.pl";
  std::string run_settings = {}; // further keys of [run]
  std::string health = {};       // instead of a quick check of /healthz
  std::string rest = {};         // further tables of pawl.toml
};

// Writes (over) the app's directory below `place`, and gives its path.
std::string write_app(const std::filesystem::path& place, const sample_app& app);

// A command that waits: it connects to a port of this object, and ends with the status that open()
// says.
class gate {
public:
  gate();
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate();

  std::string command() const; // for [build], [release] or [run] of a sample app
  // Whether a (further) command waits, in time.
  bool reached(std::chrono::milliseconds within = patience);
  void open(int status = 0); // for the one that was reached last
  // Whether the one that was reached last is killed, in time.
  bool broken(std::chrono::milliseconds within = patience) const;

private:
  int listener_;
  int waiting_ = -1;
};

} // namespace pawl::test
