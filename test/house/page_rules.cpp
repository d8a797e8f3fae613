// The pages that people read, against the tree.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <fmt/format.h>

#include <regex>

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

} // namespace

breaches check_rooms_table(const tree& house) {
  auto page = house.files.find("README.md");
  if (page == house.files.end())
    return {"README.md: missing, and with it the table of the rooms"};
  breaches found;
  auto named = folders_named_in(page->second);
  auto rooms = house.rooms();
  for (const auto& room : rooms)
    if (!named.contains(room))
      found.push_back(
          fmt::format("README.md: the table of the rooms does not say what {}/ is", room));
  for (const auto& name : named)
    if (!rooms.contains(name))
      found.push_back(fmt::format("README.md: there is no folder {}/", name));
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
        found.push_back(fmt::format("{}:{}: {} leads nowhere", path,
                                    line_at(text, static_cast<std::size_t>(it->position())),
                                    target));
    }
  }
  return found;
}

} // namespace pawl::test::house
