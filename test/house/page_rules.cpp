// Checks the pages (.md) against the tree.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <fmt/format.h>

#include <regex>
#include <sstream>

namespace pawl::test::house {

namespace {

// The names in the first column of the table that begins with "| folder |".
std::set<std::string> folders_named_in(const std::string& page) {
  static const std::regex row{R"(^\|\s*`([^`]+)/`\s*\|\s*(\S.*?)\s*\|)"};
  std::set<std::string> named;
  auto at = page.find("| folder |");
  while (at < page.size() && page[at] == '|') {
    auto end = std::min(page.find('\n', at), page.size());
    auto line = page.substr(at, end - at);
    std::smatch parts;
    if (std::regex_search(line, parts, row))
      named.insert(parts[1].str());
    at = end + 1;
  }
  return named;
}

// Every room, and the folders of a room that hold C++; those of tests, measures and examples are
// left to their rooms.
std::set<std::string> folders_to_name(const tree& house) {
  static const std::set<std::string> whole{"test", "bench", "examples"};
  auto folders = house.rooms();
  for (const auto& [path, text] : house.files)
    if (is_cpp(path) && path.find('/') != std::string::npos &&
        !whole.contains(path.substr(0, path.find('/'))))
      folders.insert(folder_of(path));
  return folders;
}

// Where a link of a page leads, from the root: "docs/a.md" and "../README.md#x" give "README.md".
std::string target_of(const std::string& page, std::string link) {
  link = link.substr(0, link.find('#'));
  if (link.empty())
    return page;
  auto target = (std::filesystem::path{page}.parent_path() / link).lexically_normal();
  auto text = target.generic_string();
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

bool exists(const tree& house, const std::string& target) {
  if (house.files.contains(target))
    return true;
  auto below = house.files.lower_bound(target + "/");
  return below != house.files.end() && below->first.starts_with(target + "/");
}

// Whether a name in a page stands for a file: as it is, or without the ending of a C++ file.
bool is_path(const tree& house, std::string name) {
  if (name.ends_with('/'))
    name.pop_back();
  return exists(house, name) || exists(house, name + ".hpp") || exists(house, name + ".cpp");
}

// Adds a breach for each path in the words whose first folder is a room and that leads to no file.
void check_paths_in(const tree& house, const std::string& words, const std::regex& pattern,
                    const std::string& place, breaches& found) {
  static const std::regex placeholder{R"((^|/)[A-Z]+(/|$))"};
  for (std::sregex_iterator it{words.begin(), words.end(), pattern}, end; it != end; ++it) {
    const auto room = (*it)[1].str();
    const auto name = room + "/" + (*it)[2].str();
    if (house.rooms().contains(room) && !std::regex_search(name, placeholder) &&
        !is_path(house, name))
      found.push_back(fmt::format("{}: there is no file {}; write its present path", place, name));
  }
}

} // namespace

breaches check_rooms_table(const tree& house) {
  auto page = house.files.find("README.md");
  if (page == house.files.end())
    return {"README.md: missing, and with it the table of the rooms"};
  breaches found;
  auto named = folders_named_in(page->second);
  for (const auto& folder : folders_to_name(house))
    if (!named.contains(folder))
      found.push_back(
          fmt::format("README.md: the table of the rooms lacks {}/; add a row", folder));
  for (const auto& name : named)
    if (house.files.contains(name) || !exists(house, name))
      found.push_back(fmt::format("README.md: there is no folder {}/; remove its row", name));
  return found;
}

breaches check_references(const tree& house) {
  static const std::regex link{R"(\]\(([^()\s]+)\))"};
  static const std::regex elsewhere{R"(^[a-z]+:)"};
  breaches found;
  for (const auto& [path, text] : house.files) {
    if (!path.ends_with(".md"))
      continue;
    for (std::sregex_iterator it{text.begin(), text.end(), link}, end; it != end; ++it) {
      auto target = (*it)[1].str();
      if (!std::regex_search(target, elsewhere) && !exists(house, target_of(path, target)))
        found.push_back(fmt::format("{}:{}: the link {} leads to no file", path,
                                    line_at(text, static_cast<std::size_t>(it->position())),
                                    target));
    }
  }
  return found;
}

breaches check_paths(const tree& house) {
  // In pages between back-quotes; in comments a whole path alone.
  static const std::regex quoted{R"re(`([\w.-]+)/([\w./-]*)`)re"};
  static const std::regex in_comment{R"re((?:^|[^\w/."])(\w+)/([\w./-]+\.(?:hpp|cpp|md))\b)re"};
  breaches found;
  for (const auto& [path, text] : house.files) {
    const bool page = path.ends_with(".md");
    if (!page && !is_cpp(path))
      continue;
    for (std::size_t begin = 0, line = 1; begin < text.size(); ++line) {
      auto end = std::min(text.find('\n', begin), text.size());
      auto words = text.substr(begin, end - begin);
      if (!page)
        words.erase(0, words.find("//"));
      check_paths_in(house, words, page ? quoted : in_comment, fmt::format("{}:{}", path, line),
                     found);
      begin = end + 1;
    }
  }
  return found;
}

breaches check_file_names(const tree& house) {
  static const std::regex quoted{R"re(`([\w-]+\.(?:hpp|cpp))`)re"};
  std::set<std::string> names;
  for (const auto& [path, text] : house.files)
    names.insert(path.substr(path.rfind('/') + 1));
  breaches found;
  for (const auto& [path, text] : house.files)
    if (path.ends_with(".md"))
      for (std::sregex_iterator it{text.begin(), text.end(), quoted}, end; it != end; ++it)
        if (!names.contains((*it)[1].str()))
          found.push_back(fmt::format("{}:{}: there is no file {}; write its present name", path,
                                      line_at(text, static_cast<std::size_t>(it->position())),
                                      (*it)[1].str()));
  return found;
}

breaches check_decisions(const tree& house) {
  static const std::string folder = "docs/decisions/";
  breaches found;
  const auto index = house.files.find(folder + "README.md");
  for (auto it = house.files.lower_bound(folder);
       it != house.files.end() && it->first.starts_with(folder); ++it) {
    const auto name = it->first.substr(folder.size());
    if (name != "README.md" &&
        (index == house.files.end() || index->second.find("](" + name + ")") == std::string::npos))
      found.push_back(fmt::format("{}: the index of the decisions does not list it; add a line to "
                                  "{}README.md",
                                  it->first, folder));
  }
  return found;
}

namespace {

// Adds a breach for each row of the page's tables, headings left out, whose last column names
// nothing.
void check_rows(const std::pair<const std::string, std::string>& page, breaches& found) {
  std::istringstream lines{page.second};
  std::size_t number = 1;
  for (std::string line; std::getline(lines, line); ++number) {
    if (!line.starts_with('|') || line.starts_with("| ---") || line.starts_with("| threat"))
      continue;
    const auto last = line.rfind('|', line.size() - 2);
    if (line.find('`', last) == std::string::npos)
      found.push_back(fmt::format("{}:{}: a threat without a test; name the one that shows the "
                                  "control in the row's last column",
                                  page.first, number));
  }
}

} // namespace

breaches check_claims(const tree& house) {
  static const std::regex quoted{R"re(`([a-z0-9]+(?:_[a-z0-9]+){2,})`)re"};
  static const std::regex test_case{R"re(_TEST_CASE\(\s*(\w+))re"};
  const auto page = house.files.find("docs/security.md");
  if (page == house.files.end())
    return {};
  std::set<std::string> tests;
  for (const auto& [path, text] : house.files)
    if (path.starts_with("test/"))
      for (std::sregex_iterator it{text.begin(), text.end(), test_case}, end; it != end; ++it)
        tests.insert((*it)[1].str());
  breaches found;
  const auto& text = page->second;
  for (std::sregex_iterator it{text.begin(), text.end(), quoted}, end; it != end; ++it)
    if (!tests.contains((*it)[1].str()))
      found.push_back(
          fmt::format("{}:{}: there is no test {}; name the one that shows the claim", page->first,
                      line_at(text, static_cast<std::size_t>(it->position())), (*it)[1].str()));
  check_rows(*page, found);
  return found;
}

} // namespace pawl::test::house
