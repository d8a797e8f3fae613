// Node.js: a package.json. The lockfile says which package manager installs, the scripts how it is
// built and started.
#include "detection/languages/language.hpp"

#include "detection/languages/json_document.hpp"
#include "detection/languages/node_packages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace pawl::detection {

namespace {

// A framework, and how it is served where the package has no start script for that.
struct framework {
  std::string_view package; // among the dependencies
  std::string_view name;
  std::string_view start;  // a command; empty: `output` has files to serve
  std::string_view output; // a folder that the build makes
};

constexpr auto frameworks = std::to_array<framework>({
    {"next", "Next.js", "npx --no-install next start -H $HOST -p $PORT", ""},
    {"nuxt", "Nuxt", "node .output/server/index.mjs", ""},
    {"@sveltejs/adapter-static", "SvelteKit, static", "", "build"},
    {"@sveltejs/kit", "SvelteKit", "node build", ""},
    {"@astrojs/node", "Astro", "node dist/server/entry.mjs", ""},
    {"astro", "Astro", "", "dist"},
    {"@nestjs/core", "Nest", "node dist/main", ""},
    {"@remix-run/serve", "Remix", "npx --no-install remix-serve build/server/index.js", ""},
    {"@react-router/serve", "React Router",
     "npx --no-install react-router-serve build/server/index.js", ""},
    {"gatsby", "Gatsby", "", "public"},
    {"@docusaurus/core", "Docusaurus", "", "build"},
    {"react-scripts", "Create React App", "", "build"},
    {"@vue/cli-service", "Vue CLI", "", "dist"},
    {"@11ty/eleventy", "Eleventy", "", "_site"},
    {"vite", "Vite", "", "dist"},
    {"parcel", "Parcel", "", "dist"},
});

const framework* framework_of(const node_package& package) {
  for (const auto& each : frameworks)
    if (package.depends_on(each.package))
      return &each;
  return nullptr;
}

// A start script that serves while somebody develops: it compiles at each request, or watches.
bool is_for_development(std::string_view script) {
  static constexpr auto signs = std::to_array<std::string_view>(
      {"react-scripts start", "vue-cli-service serve", "ng serve", "astro dev", "next dev",
       "nuxt dev", "vite dev", "gatsby develop", "docusaurus start", "nest start", "nodemon",
       "webpack serve", "nx serve", "webpack-dev-server", "parcel "});
  for (auto sign : signs)
    if (script.find(sign) != std::string_view::npos)
      return true;
  return script == "vite" || script.starts_with("vite --");
}

void set_start(recipe& to, std::string command, std::string note) {
  to.start = std::move(command);
  to.start_notes.push_back(std::move(note));
}

void start_by_framework(const framework& known, recipe& to) {
  if (known.start.empty()) {
    serve_files(known.output, to);
    to.start_notes.back() = fmt::format("{}: {}", known.name, to.start_notes.back());
    return;
  }
  set_start(to, std::string{known.start},
            fmt::format("{}: it is started by {}", known.name, known.start));
}

// The output of Angular's builder is in a folder of the project's name.
bool start_angular(const node_package& package, recipe& to) {
  if (!package.depends_on("@angular/core") || package.depends_on("@angular/ssr"))
    return false;
  const auto read = json_object::read(package.in.text("angular.json").value_or(""));
  const auto projects = read ? read->keys("projects") : std::vector<std::string>{};
  if (projects.size() != 1 || !is_plain(projects.front()))
    return false;
  const bool application =
      package.in.text("angular.json")->find("build-angular:browser\"") == std::string::npos;
  serve_files(fmt::format("dist/{}{}", projects.front(), application ? "/browser" : ""), to);
  to.start_notes.back() = "Angular: " + to.start_notes.back();
  return true;
}

std::string no_start_of(const node_package& package) {
  const auto members = package.members_that_start();
  if (members.empty())
    return fmt::format("{} has no start script, and there is no server.js or index.js: add a "
                       "\"start\" script, or [run] command in pawl.toml",
                       package.path());
  std::vector<std::string> shown;
  for (const auto& each : members)
    shown.push_back(fmt::format("\"{}\"", each));
  return fmt::format("{} is the root of a workspace and has no start script: name one of its "
                     "packages in pawl.toml by [build] root = {}",
                     package.path(), fmt::join(shown, " or "));
}

void find_start(const node_package& package, recipe& to) {
  const auto* known = framework_of(package);
  const auto script = package.script("start");
  const bool of_use = !script.empty() && !is_for_development(script);
  if (auto production = package.script("start:prod"); !production.empty() && !of_use)
    return set_start(to, "exec npm run start:prod", "it is started by npm run start:prod");
  if (of_use)
    return set_start(to, "exec npm start", fmt::format("it is started by npm start ({})", script));
  if (known != nullptr)
    return start_by_framework(*known, to);
  if (start_angular(package, to))
    return;
  if (!script.empty())
    return set_start(to, "exec npm start",
                     fmt::format("it is started by npm start ({}), which is meant for "
                                 "development",
                                 script));
  auto main = package.main_file();
  if (main.empty())
    main = package.in
               .first_of({"server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs",
                          "src/server.js", "src/index.js"})
               .value_or("");
  if (!main.empty())
    return set_start(to, "exec node " + shell_word(main),
                     fmt::format("it is started by node {}", main));
  to.no_start = no_start_of(package);
}

// SvelteKit's adapter-auto chooses by the variables of the place where it is built: the one below
// stands for "a server of Node.js".
void prepare_framework(const node_package& package, recipe& to) {
  if (package.depends_on("@sveltejs/adapter-auto")) {
    to.build_env["GCP_BUILDPACKS"] = "pawl";
    to.build_notes.emplace_back("SvelteKit: adapter-auto is told to make a server of Node.js");
  }
  if (package.depends_on("@sveltejs/kit")) {
    to.run_env["PROTOCOL_HEADER"] = "x-forwarded-proto";
    to.run_env["HOST_HEADER"] = "host";
  }
  if (package.depends_on("next"))
    to.build_env["NEXT_TELEMETRY_DISABLED"] = to.run_env["NEXT_TELEMETRY_DISABLED"] = "1";
}

} // namespace

bool is_node(const folder& in) {
  return in.has("package.json");
}

result<recipe> read_node(const folder& in) {
  auto package = node_package::read(in);
  if (!package)
    return std::move(package).error();
  recipe made;
  plan_installation(*package, made);
  prepare_framework(*package, made);
  find_start(*package, made);
  const auto modules = in.is_root() ? std::string{"/app"} : "/app/" + in.path();
  made.run_env["PATH"] = fmt::format("{}/node_modules/.bin:{}{}", modules,
                                     in.is_root() ? "" : "/app/node_modules/.bin:", machine_path);
  made.run_env["NODE_ENV"] = "production";
  made.run_env["npm_config_update_notifier"] = "false";
  made.start_tools.push_back({"node", "nodejs", "package.json"});
  if (made.start.find("npm ") != std::string::npos || made.start.starts_with("npx "))
    made.start_tools.push_back({"npm", "npm", "package.json"});
  return made;
}

} // namespace pawl::detection
