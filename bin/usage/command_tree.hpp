// The commands and options of a program as data. Help, man pages, completion and hints are made
// from it, so they cannot differ from the command line that is parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace pawl::usage {

struct option {
  std::vector<std::string> names = {}; // "-a", "--app"; none for an argument without a name
  std::string value = {};              // what follows it: "APP"; empty for a flag
  std::string text = {};               // what it is for
  std::string variable = {};           // of the environment, that says the same
  bool required = false;

  bool is_argument() const { return names.empty(); }
};

// A part of a help: a title, and its lines as they are to be shown.
struct section {
  std::string title;
  std::vector<std::string> lines;
};

struct command {
  std::string name;  // with its program's: "pawl deploy"
  std::string word;  // the last of it
  std::string group; // of the commands that it is listed with
  std::string summary;
  std::string details = {};
  std::vector<option> options = {};
  std::vector<section> sections = {}; // exit status, examples
  std::vector<command> commands = {};

  // Nothing if there is none of that name.
  const option* find_option(std::string_view name) const;
  const command* find_command(std::string_view word) const;

  // The place of the first word that is no option of this command, nor the value of one: where a
  // command is named. The number of words if there is none.
  std::size_t place_of_command(const std::vector<std::string>& words) const;
  // The command that is named there, or the one of its own commands that is named behind it;
  // nothing if it is none.
  const command* chosen_command(const std::vector<std::string>& words) const;
};

// Reads the tree of a CLI11 program. The first line of a description is the summary, the others are
// the details. A footer consists of sections, each with a title line that ends in a colon.
command read_tree(const CLI::App& program);

// The known word that is nearest to one that the command does not know; nothing if none is near.
std::optional<std::string> meant(const command& where, const std::string& word);

} // namespace pawl::usage
