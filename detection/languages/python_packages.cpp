#include "detection/languages/python_packages.hpp"

#include "detection/languages/code_search.hpp"
#include "detection/languages/toml_document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl::detection {

namespace {

constexpr std::size_t dependencies_most = 300;

std::string small(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// The texts of [project] dependencies.
std::vector<std::string> dependencies_of(const config::toml_table& project) {
  std::vector<std::string> all;
  const auto* found = array_in(project, "dependencies");
  if (found == nullptr)
    return all;
  for (const auto& each : found->entries)
    if (const auto* text = std::get_if<std::string>(&each.value))
      if (all.size() < dependencies_most)
        all.push_back(*text);
  return all;
}

// Poetry and uv are themselves packages that pip installs: into HOME, which is not kept.
std::string by_tool(std::string_view package, std::string_view command) {
  return fmt::format("python3 -m venv \"$HOME/tool\" && \"$HOME/tool/bin/pip\" install -q {} && "
                     "\"$HOME/tool/bin/{}\" {}",
                     package, package, command);
}

result<python_packages> read_pyproject(const folder& in, std::string text) {
  const auto root = read_document(text);
  if (!root)
    return broken_file(in, "pyproject.toml",
                       "is no TOML: mend it, or say in pawl.toml by [build] "
                       "command and [run] command how the app is built and "
                       "started");
  python_packages all{"pyproject.toml", "", small(text)};
  if (in.has("uv.lock")) {
    all.file = "uv.lock";
    all.install = by_tool("uv", "sync --frozen --no-dev");
    return all;
  }
  const auto* tool = table_in(*root, "tool");
  if (tool != nullptr && table_in(*tool, "poetry") != nullptr) {
    all.file = in.has("poetry.lock") ? "poetry.lock" : "pyproject.toml";
    all.install = by_tool("poetry", "install --no-root --no-interaction --only main");
    return all;
  }
  const auto* project = table_in(*root, "project");
  auto names = project == nullptr ? std::vector<std::string>{} : dependencies_of(*project);
  if (root->find("build-system") != nullptr && in.has_folder("src"))
    all.install = "pip install -q .";
  else if (!names.empty()) {
    std::transform(names.begin(), names.end(), names.begin(), shell_word);
    all.install = fmt::format("pip install -q {}", fmt::join(names, " "));
  }
  return all;
}

} // namespace

bool python_packages::name(std::string_view package) const {
  return has_word(text, package);
}

result<python_packages> read_python_packages(const folder& in) {
  if (auto text = in.text("requirements.txt"))
    return python_packages{"requirements.txt", "pip install -q -r requirements.txt", small(*text)};
  if (auto text = in.text("pyproject.toml"))
    return read_pyproject(in, *text);
  if (auto text = in.text("Pipfile"))
    return python_packages{in.has("Pipfile.lock") ? "Pipfile.lock" : "Pipfile",
                           by_tool("pipenv", in.has("Pipfile.lock") ? "sync" : "install"),
                           small(*text)};
  if (in.has("setup.py"))
    return python_packages{"setup.py", "pip install -q .", small(in.code("setup.py"))};
  return python_packages{};
}

// The environment sees the machine's packages too: those that Debian has need no network, and no
// compiler. A version that the app names wins.
void plan_environment(const python_packages& packages, const std::vector<std::string>& also,
                      const folder& in, recipe& to) {
  to.start_tools.push_back({"python3", "python3", packages.file});
  std::vector<std::string> missing;
  for (const auto& each : also)
    if (!packages.name(each))
      missing.push_back(each);
  if (packages.install.empty()) {
    for (const auto& each : also)
      to.start_tools.push_back({each, each, {}});
    return;
  }
  to.then(fmt::format("python3 -m venv --system-site-packages {}", python_environment));
  to.then(packages.install);
  if (!missing.empty())
    to.then(fmt::format("pip install -q {}", fmt::join(missing, " ")));
  to.build_notes.push_back(fmt::format(
      "{} found, packages are installed into {}{}", packages.file, python_environment,
      missing.empty() ? std::string{} : fmt::format(", and {}", fmt::join(missing, ", "))));
  const auto place =
      fmt::format("/app/{}{}{}", in.path(), in.is_root() ? "" : "/", python_environment);
  for (auto* env : {&to.build_env, &to.run_env}) {
    (*env)["PATH"] = fmt::format("{}/bin:{}", place, machine_path);
    (*env)["VIRTUAL_ENV"] = place;
  }
  to.build_env["UV_PYTHON_PREFERENCE"] = "only-system"; // one that it fetches would not be kept
  to.build_env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1";
  to.build_tools.push_back({"python3", "python3", packages.file});
  to.build_tools.push_back({"pip3", "python3-venv python3-pip", packages.file});
}

} // namespace pawl::detection
