// The JSON of pawl deploy --explain: how an app would be built and run.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/manifest.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pawl::json {

struct explanation {
  std::string app;
  std::string cluster;
  std::string language;
  std::vector<std::string> notes;
  std::vector<std::pair<std::string, std::string>> tools; // program, and the package that has it
  manifest settings;
  source_facts source;
};

// {"explanation": {"app", "cluster", "language", "notes": [], "build": {"command", "root", "env"},
// "run": {"command", "instances", "env"}, "release": {"command"}, "health": {"path"},
// "tools": [{"program", "package"}], "source": {"digest", "bytes", "files"}}}; what is open or not
// there is null.
std::string document(const explanation& all);

} // namespace pawl::json
