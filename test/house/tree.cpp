#include "test/house/tree.hpp"

#include <fstream>
#include <iterator>

namespace pawl::test::house {

namespace fs = std::filesystem;

std::set<std::string> tree::rooms() const {
  std::set<std::string> names;
  for (const auto& [path, text] : files)
    if (auto slash = path.find('/'); slash != std::string::npos)
      names.insert(path.substr(0, slash));
  return names;
}

tree read_tree(const fs::path& root) {
  tree found;
  for (fs::recursive_directory_iterator it{root}, end; it != end; ++it) {
    auto path = it->path().lexically_relative(root);
    auto is_hidden = path.filename().string().starts_with('.');
    if (it->is_directory() && !it->is_symlink()) {
      if (is_hidden || path == "build")
        it.disable_recursion_pending();
      continue;
    }
    if (is_hidden || !it->is_regular_file())
      continue;
    std::ifstream file{it->path(), std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.find('\0') == std::string::npos)
      found.files.emplace(path.generic_string(), std::move(text));
  }
  return found;
}

bool is_header(const std::string& path) {
  return path.ends_with(".hpp");
}

bool is_cpp(const std::string& path) {
  return is_header(path) || path.ends_with(".cpp");
}

std::string room_of(const std::string& path) {
  auto slash = path.find('/');
  if (slash == std::string::npos)
    return {};
  auto first = path.substr(0, slash);
  if (first != "bin" && first != "examples")
    return first;
  auto second = path.find('/', slash + 1);
  return second == std::string::npos ? first : path.substr(0, second);
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

} // namespace pawl::test::house
