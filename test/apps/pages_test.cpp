// The pages for the first hour are right: the commands of a section are run as they are written,
// and print what the page says. ctest runs each case by itself.
#include "test/apps/toolchain.hpp"
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

// The commands of a section (its blocks of sh), and the lines that they print (its blocks of text).
struct section {
  std::string commands;
  std::vector<std::string> prints;
};

using page_sections = std::map<std::string, section>; // by heading; those without commands too

page_sections read_page(const std::string& name) {
  page_sections sections;
  std::istringstream page{read_text(fs::path{PAWL_SOURCE_DIR} / "docs" / name)};
  std::string heading;
  std::string block; // the language of the open one
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```"))
      block = line.substr(3);
    else if (block.empty() && line.starts_with("## "))
      heading = line.substr(3);
    else if (block == "sh")
      sections[heading].commands += line + "\n";
    else if (block == "text")
      sections[heading].prints.push_back(line);
  }
  return sections;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// Each of the lines, in their order.
void check_prints(const outcome& end, const std::vector<std::string>& lines) {
  std::size_t from = 0;
  for (const auto& line : lines) {
    const auto at = ("\n" + end.out).find("\n" + line + "\n", from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, "it does not print \"" << line << "\":\n"
                                                                          << end.out << end.err);
    from = at + line.size();
  }
}

// Runs the commands as a person would, one after another up to the first that fails, with the pawl
// of this build. The page's router has its default port, the test's another one; the server that
// the page reaches through ssh is this machine, and its user's home the test's folder.
void try_section(const std::string& page, const std::string& heading, const toolchain& needed) {
  if (!can_run(needed))
    return;
  const auto sections = read_page(page);
  BOOST_REQUIRE_MESSAGE(sections.contains(heading), page << " has no section " << heading);
  const auto& [commands, prints] = sections.at(heading);
  BOOST_REQUIRE_MESSAGE(!prints.empty(), heading << " does not say what is printed");
  running_server server;
  const auto& place = server.place();
  auto here = replaced(commands, ":7480/", fmt::format(":{}/", server.port()));
  here = replaced(here, "root@server.example.org:", place.string() + "/");
  write_text(place / "section.sh", here);
  program shell{{.arguments = {"/bin/bash", "-eo", "pipefail", "section.sh"},
                 .environment = {{"PATH", PAWL_BIN_DIR ":/usr/bin:/bin"},
                                 {"HOME", place.string()},
                                 {"PAWL_SERVER", "unix:" + server.socket().string()},
                                 {"GIT_AUTHOR_NAME", "Somebody"},
                                 {"GIT_AUTHOR_EMAIL", "somebody@example.org"},
                                 {"GIT_COMMITTER_NAME", "Somebody"},
                                 {"GIT_COMMITTER_EMAIL", "somebody@example.org"}},
                 .directory = place,
                 .out = place / "section.out",
                 .err = place / "section.err"}};
  const auto end = shell.wait();
  check_exit(end, 0);
  check_prints(end, prints);
}

} // namespace

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(python) {
  try_section("first-app.md", "Python", toolchains::flask);
}

BOOST_AUTO_TEST_CASE(node) {
  try_section("first-app.md", "Node", toolchains::node);
}

BOOST_AUTO_TEST_CASE(java) {
  try_section("first-app.md", "Java", toolchains::java);
}

BOOST_AUTO_TEST_CASE(php) {
  try_section("first-app.md", "PHP", toolchains::php);
}

BOOST_AUTO_TEST_CASE(static_files) {
  try_section("first-app.md", "Static files", toolchains::nginx);
}

BOOST_AUTO_TEST_CASE(cpp) {
  try_section("first-app.md", "C++", toolchains::compiler);
}

BOOST_AUTO_TEST_CASE(git_push) {
  try_section("remote.md", "Deploy by git push", toolchains::git);
}

BOOST_AUTO_TEST_CASE(each_section_of_the_first_app_is_tried) {
  std::set<std::string> headings;
  for (const auto& [heading, section] : read_page("first-app.md"))
    headings.insert(heading);
  BOOST_TEST(headings ==
                 (std::set<std::string>{"C++", "Java", "Node", "PHP", "Python", "Static files"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
