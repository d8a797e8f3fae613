// The rules of one language, for a folder. To add a language: a file beside this one with its two
// functions, a line in languages.cpp, a row in docs/detection.md, and a case in
// test/detection/languages_test.cpp.
#pragma once

#include "detection/detection.hpp"
#include "detection/languages/folder.hpp"

#include <map>

namespace pawl::detection {

// Where the machine's programs are, in builds and instances.
inline constexpr std::string_view machine_path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

// The way from a folder to a running app. Commands are for /bin/sh, in the folder of the app.
struct recipe {
  std::string build = {}; // empty: nothing is to be built
  std::string start = {}; // empty: none was found
  std::map<std::string, std::string> build_env = {};
  std::map<std::string, std::string> run_env = {};
  std::vector<std::string> build_notes = {}; // sentences; told where `build` is used
  std::vector<std::string> start_notes = {}; // the same of `start`
  std::vector<tool> build_tools = {};
  std::vector<tool> start_tools = {};
  std::string no_start = {}; // why `start` is empty, and what to do

  // Another step of the build.
  void then(std::string_view command) {
    if (!build.empty() && !command.empty())
      build += " && ";
    build += command;
  }
};

struct language {
  std::string_view name;
  bool (*is_there)(const folder&);
  std::string (*sign)(const folder&); // the file by which it was known
  result<recipe> (*read)(const folder&);
};

// In their order: the first that is there counts.
const std::vector<language>& languages();

// "'…'" for /bin/sh.
std::string shell_word(std::string_view text);

// Whether the text is a plain name that needs no quotes: letters, digits, and ._-/@:+
bool is_plain(std::string_view text);

// A broken or unfit file of the app.
error broken_file(const folder& in, std::string_view file, std::string_view what);

// --- one for each file in this folder

bool is_node(const folder& in);
result<recipe> read_node(const folder& in);
bool is_python(const folder& in);
std::string python_sign(const folder& in);
result<recipe> read_python(const folder& in);
bool is_ruby(const folder& in);
std::string ruby_sign(const folder& in);
result<recipe> read_ruby(const folder& in);
bool is_go(const folder& in);
result<recipe> read_go(const folder& in);
bool is_rust(const folder& in);
result<recipe> read_rust(const folder& in);
bool is_java(const folder& in);
std::string java_sign(const folder& in);
result<recipe> read_java(const folder& in);
bool is_php(const folder& in);
std::string php_sign(const folder& in);
result<recipe> read_php(const folder& in);
bool is_cmake(const folder& in);
result<recipe> read_cmake(const folder& in);
bool is_static(const folder& in);
std::string static_sign(const folder& in);
result<recipe> read_static(const folder& in);

// Serves the files of a folder (of the app's, "" is itself); used by what builds such files too.
void serve_files(std::string_view folder, recipe& to);

} // namespace pawl::detection
