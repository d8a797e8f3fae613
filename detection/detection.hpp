// How an app is built and started, where its manifest and its Procfile do not say: found in the
// files of its source. Pure: the same files give the same answer, on the server and in the CLI.
//
// docs/detection.md is the table of the rules; each language has a file in languages/.
#pragma once

#include "lifecycle/manifest.hpp"
#include "lifecycle/result.hpp"
#include "sources/source_files.hpp"

#include <string>
#include <vector>

namespace pawl::detection {

// A program that the commands call, and the Debian package that has it.
struct tool {
  std::string program;
  std::string package;
  std::string why = {}; // the file that asks for it

  friend bool operator==(const tool&, const tool&) = default;
};

struct findings {
  manifest settings;                   // as said, with what was missing filled in
  std::string language = {};           // such as "Node.js"; empty: nothing was looked for, or found
  std::vector<std::string> notes = {}; // a sentence for each choice, most important first
  std::vector<tool> tools = {};        // that the commands need of the machine
};

// Whether the engine of the cluster builds images of a Dockerfile. The CLI does not know.
enum class dockerfiles : std::uint8_t { not_read, read };

// Whether the files can say more than the manifest: else nobody has to look into them.
bool leaves_open(const manifest& said);

// Fills in what `said` leaves open: the commands that build and start the app, and the variables
// that these need. What is said is kept as it is; where both commands are, nothing is looked for.
// Fails with invalid_argument, naming the file and the remedy: nothing says how the app is started
// and nothing of it is found, a file that decides is broken, or [build] root is no folder of the
// source.
result<findings> fill_in(const manifest& said, const source_files& files,
                         dockerfiles reads = dockerfiles::not_read);

// The sentence of tools that this machine lacks, with the command that installs them.
std::string missing_tools(const std::vector<tool>& missing);

} // namespace pawl::detection
