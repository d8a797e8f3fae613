// PHP: served by PHP's own server, whose root is public/ where there is one.
#include "detection/languages/json_document.hpp"
#include "detection/languages/language.hpp"

#include <fmt/format.h>

namespace pawl::detection {

namespace {

// Whether composer.json names packages, and not only PHP and its extensions.
bool needs_packages(const json_object& composer) {
  for (const auto& name : composer.keys("require"))
    if (name.find('/') != std::string::npos)
      return true;
  return false;
}

} // namespace

bool is_php(const folder& in) {
  return in.has("composer.json") || in.has("index.php") || in.has("public/index.php");
}

std::string php_sign(const folder& in) {
  return in.first_of({"composer.json", "index.php", "public/index.php"}).value_or("");
}

result<recipe> read_php(const folder& in) {
  recipe made;
  if (auto text = in.text("composer.json")) {
    const auto composer = json_object::read(*text);
    if (!composer)
      return broken_file(in, "composer.json",
                         "is no JSON object: mend it (composer validate says where)");
    if (needs_packages(*composer) && in.has_folder("vendor"))
      made.build_notes.emplace_back("vendor is part of the source: nothing is installed");
    else if (needs_packages(*composer)) {
      made.build = "composer install --no-dev --no-interaction --no-progress --optimize-autoloader";
      made.build_notes.push_back(
          fmt::format("{} found, packages are installed by composer install",
                      in.has("composer.lock") ? "composer.lock" : "composer.json"));
      made.build_tools.push_back({"composer", "composer", "composer.json"});
      made.build_tools.push_back({"php", "php-cli", "composer.json"});
    }
  }
  std::string root;
  for (auto name : {"public", "web", "www"})
    if (root.empty() && in.has(std::string{name} + "/index.php"))
      root = name;
  if (root.empty() && !in.has("index.php")) {
    made.no_start = "there is no index.php, public/index.php or web/index.php: add [run] command "
                    "to pawl.toml, such as command = \"exec php -S $HOST:$PORT -t public\"";
    return made;
  }
  made.start = fmt::format("exec php -S $HOST:$PORT{}", root.empty() ? "" : " -t " + root);
  made.start_notes.push_back(
      fmt::format("{} is served by PHP's own server", root.empty() ? "the folder" : root + "/"));
  made.run_env["PHP_CLI_SERVER_WORKERS"] = "4";
  made.start_tools.push_back({"php", "php-cli", php_sign(in)});
  return made;
}

} // namespace pawl::detection
