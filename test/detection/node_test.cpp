// Node.js: which package manager installs, and how the app is started.
#include "test/detection/tree_of.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

constexpr auto server = R"({"scripts": {"start": "node server.js", "build": "tsc"},
                            "dependencies": {"express": "^4"}})";

} // namespace

BOOST_AUTO_TEST_SUITE(node)

BOOST_AUTO_TEST_CASE(the_lockfile_chooses_the_package_manager) {
  const std::vector<std::pair<texts_by_path, std::string>> all{
      {{{"package.json", server}, {"package-lock.json", "{}"}},
       "npm ci --no-audit --no-fund && npm run build"},
      {{{"package.json", server}}, "npm install --no-audit --no-fund && npm run build"},
      {{{"package.json", server}, {"yarn.lock", "# yarn lockfile v1\n"}},
       "npm exec --yes --package=yarn@1 -c 'yarn install --frozen-lockfile && yarn run build'"},
      {{{"package.json", server}, {"yarn.lock", "__metadata:\n  version: 8\n"}},
       "npm exec --yes --package=@yarnpkg/cli-dist@4 -c 'yarn install --immutable && yarn run "
       "build'"},
      {{{"package.json", server}, {"pnpm-lock.yaml", "lockfileVersion: '6.0'\n"}},
       "npm exec --yes --package=pnpm@8 -c 'pnpm install --frozen-lockfile && pnpm run build'"},
      {{{"package.json", server}, {"bun.lock", "{}"}},
       "npm exec --yes --package=bun@1 -c 'bun install --frozen-lockfile && bun run build'"},
  };
  for (const auto& [files, command] : all) {
    const auto found = found_in(tree_of{files});
    BOOST_TEST(found.settings.build.command == command);
    BOOST_TEST(found.settings.run.command == "exec npm start");
    BOOST_TEST(found.language == "Node.js");
    BOOST_TEST(needs(found, "npm"));
  }
}

BOOST_AUTO_TEST_CASE(the_package_json_can_name_the_version_of_its_manager) {
  const auto found = found_in({{"package.json", R"({"packageManager": "pnpm@9.12.0+sha512.ab",
    "scripts": {"start": "node ."}, "dependencies": {"a": "1"}})"},
                               {"pnpm-lock.yaml", "lockfileVersion: '9.0'\n"}});
  BOOST_TEST(says(found.settings.build.command, "--package=pnpm@9.12.0 "));
  const auto hostile = found_in({{"package.json", R"({"packageManager": "pnpm@9; rm -rf /",
    "scripts": {"start": "node ."}, "dependencies": {"a": "1"}})"},
                                 {"pnpm-lock.yaml", "lockfileVersion: '9.0'\n"}});
  BOOST_TEST(says(hostile.settings.build.command, "--package=pnpm@9 "));
}

BOOST_AUTO_TEST_CASE(without_packages_nothing_is_installed) {
  const auto found = found_in({{"package.json", R"({"scripts": {"start": "node a.js"}})"},
                               {"package-lock.json", "{}"},
                               {"a.js", ""}});
  BOOST_TEST(found.settings.build.command == "");
  BOOST_TEST(tells(found, "nothing is installed"));
  const auto vendored = found_in({{"package.json", server}, {"node_modules/express/index.js", ""}});
  BOOST_TEST(vendored.settings.build.command == "npm run build");
  BOOST_TEST(tells(vendored, "node_modules is part of the source"));
}

BOOST_AUTO_TEST_CASE(frameworks_are_served_as_they_are_meant_to_be) {
  const auto started = [](const std::string& package, const std::string& start = "") {
    auto text = "{\"scripts\": {\"build\": \"b\"" +
                (start.empty() ? "" : ", \"start\": \"" + start + "\"") +
                "}, \"dependencies\": {\"" + package + "\": \"1\"}}";
    return found_in({{"package.json", text}}).settings.run.command;
  };
  BOOST_TEST(started("next", "next start") == "exec npm start");
  BOOST_TEST(says(started("next", "next dev"), "next start -H $HOST -p $PORT"));
  BOOST_TEST(started("@sveltejs/kit") == "node build");
  BOOST_TEST(says(started("vite"), "root \"$PWD/dist\""));
  BOOST_TEST(says(started("vite"), "try_files \\$uri \\$uri/ \\$uri.html /index.html"));
  BOOST_TEST(says(started("react-scripts", "react-scripts start"), "root \"$PWD/build\""));
  BOOST_TEST(says(started("astro", "astro dev"), "root \"$PWD/dist\""));
  BOOST_TEST(started("nuxt") == "node .output/server/index.mjs");
}

BOOST_AUTO_TEST_CASE(a_start_script_for_production_comes_before_one_for_development) {
  const auto found = found_in({{"package.json", R"({"scripts":
      {"start": "nest start", "start:prod": "node dist/main"}})"}});
  BOOST_TEST(found.settings.run.command == "exec npm run start:prod");
}

BOOST_AUTO_TEST_CASE(a_script_for_development_is_better_than_a_guess) {
  const auto found =
      found_in({{"package.json", R"({"scripts": {"start": "nodemon src"}})"}, {"index.js", ""}});
  BOOST_TEST(found.settings.run.command == "exec npm start");
  BOOST_TEST(tells(found, "meant for development"));
}

BOOST_AUTO_TEST_CASE(without_a_script_the_main_file_is_started) {
  BOOST_TEST(found_in({{"package.json", R"({"main": "./lib/www"})"}, {"lib/www.js", ""}})
                 .settings.run.command == "exec node lib/www.js");
  BOOST_TEST(found_in({{"package.json", "{}"}, {"index.js", ""}}).settings.run.command ==
             "exec node index.js");
  const auto odd = found_in({{"package.json", R"({"main": "a b'.js"})"}, {"a b'.js", ""}});
  BOOST_TEST(odd.settings.run.command == "exec node 'a b'\\''.js'");
}

BOOST_AUTO_TEST_CASE(a_broken_package_json_is_told) {
  for (const auto* text : {"{", "[]", "", "{\"scripts\": {\"start\": \"a\"},}", "nul"}) {
    const auto why = why_nothing_in({{"package.json", text}});
    BOOST_TEST(says(why, "package.json is no JSON object"), text << ": " << why);
  }
  const std::string deep(100'000, '[');
  BOOST_TEST(says(why_nothing_in({{"package.json", "{\"a\": " + deep}}), "is no JSON object"));
}

BOOST_AUTO_TEST_CASE(values_of_another_kind_are_as_if_they_were_not_there) {
  const auto found = found_in({{"package.json", R"({"scripts": [1], "dependencies": "x", "main": 3,
      "workspaces": {"packages": 7}, "packageManager": {}})"},
                               {"server.js", ""}});
  BOOST_TEST(found.settings.run.command == "exec node server.js");
}

BOOST_AUTO_TEST_CASE(the_root_of_a_workspace_names_its_packages_that_start) {
  const tree_of files{{"package.json", R"({"workspaces": ["apps/*", "packages/*"]})"},
                      {"package-lock.json", "{}"},
                      {"apps/api/package.json", R"({"name": "api", "scripts":
                          {"start": "node main.js", "build": "tsc"}, "dependencies": {"a": "1"}})"},
                      {"apps/web/package.json", R"({"devDependencies": {"vite": "6"}})"},
                      {"packages/util/package.json", "{}"}};
  const auto why = why_nothing_in(files);
  BOOST_TEST(says(why, "[build] root = \"apps/api\" or \"apps/web\""), why);
  manifest said;
  said.build.root = "apps/api";
  const auto found = found_in(files, said);
  BOOST_TEST(found.settings.build.command ==
             "(cd ../.. && npm ci --no-audit --no-fund) && npm run build");
  BOOST_TEST(says(found.settings.run.env.at("PATH"),
                  "/app/apps/api/node_modules/.bin:/app/node_modules/.bin:"));
}

BOOST_AUTO_TEST_CASE(a_workspace_of_pnpm_builds_what_its_member_needs) {
  manifest said;
  said.build.root = "apps/api";
  const auto found = found_in({{"package.json", R"({"packageManager": "pnpm@9.1.0"})"},
                               {"pnpm-lock.yaml", "lockfileVersion: '9.0'\n"},
                               {"pnpm-workspace.yaml", "packages:\n  - 'apps/*' \n"},
                               {"apps/api/package.json", R"({"name": "@acme/api", "scripts":
                                   {"start": "node main.js", "build": "tsc"}})"}},
                              said);
  BOOST_TEST(found.settings.build.command ==
             "npm exec --yes --package=pnpm@9.1.0 -c '(cd ../.. && pnpm install "
             "--frozen-lockfile) && pnpm --filter=@acme/api... run build'");
}

BOOST_AUTO_TEST_SUITE_END()
