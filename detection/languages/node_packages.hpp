// A package of Node.js: its package.json, the lockfile that holds for it, and the workspace that it
// is part of.
#pragma once

#include "detection/languages/json_document.hpp"
#include "detection/languages/language.hpp"

namespace pawl::detection {

class node_package {
public:
  // invalid_argument if the package.json cannot be read as one.
  static result<node_package> read(const folder& in);

  folder in;

  // The path of the package.json in the source.
  std::string path() const;
  std::string name() const { return document_.text("name"); }
  bool depends_on(std::string_view package) const { return packages_.contains(package); }
  bool has_dependencies() const { return !packages_.empty(); }
  std::string script(std::string_view name) const;
  // "pnpm@9.1.0", or empty.
  std::string package_manager() const { return document_.text("packageManager"); }
  // The file of "main", if it is there.
  std::string main_file() const;

  // Patterns of the packages that belong to this one, such as "apps/*"; empty: it is no root of a
  // workspace.
  std::vector<std::string> workspace_patterns() const;
  // The folders of those that have a start script or a framework's, at most ten.
  std::vector<std::string> members_that_start() const;

private:
  node_package(folder where, json_object document);

  json_object document_;
  std::map<std::string, std::string, std::less<>> packages_; // of all kinds of dependencies
};

// How the packages are installed and the build script is run.
void plan_installation(const node_package& package, recipe& to);

} // namespace pawl::detection
