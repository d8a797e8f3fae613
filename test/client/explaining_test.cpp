// The real program, without a server: what is found in a directory, shown and written.
#include "test/client/command_line.hpp"

#include <boost/test/unit_test.hpp>

using pawl::test::command_line;
using pawl::test::ran;
using pawl::test::text_of;
namespace fs = std::filesystem;

namespace {

constexpr auto server_package = R"({"scripts": {"start": "node server.js"}})";

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(explaining)

BOOST_FIXTURE_TEST_CASE(what_a_deploy_would_do_is_shown_and_nothing_is_sent, command_line) {
  file("shop/package.json", server_package);
  auto shown = run({"deploy", "shop", "-a", "shop", "--explain"});
  BOOST_TEST(shown.status == 0, shown.err);
  for (const auto* line : {"app       shop\n", "build     nothing\n", "run       exec npm start\n",
                           "it is started by npm start (node server.js)", "nothing was sent\n"})
    BOOST_TEST(says(shown.out, line), shown.out);
  auto told = run({"deploy", "shop", "-a", "shop", "--explain", "--json"});
  const auto all = nlohmann::json::parse(told.out).at("explanation");
  BOOST_TEST(all.at("language") == "Node.js");
  BOOST_TEST(all.at("run").at("command") == "exec npm start");
  BOOST_TEST(all.at("build").at("command").is_null());
  BOOST_TEST(all.at("tools").at(0).at("package") == "nodejs");
  BOOST_TEST(all.at("source").at("files") == 1);
}

BOOST_FIXTURE_TEST_CASE(an_app_of_which_nothing_is_known_is_refused_before_it_is_sent,
                        command_line) {
  file("notes.txt", "none");
  for (const auto& words : {std::vector<std::string>{"deploy", "-a", "shop"},
                            {"deploy", "-a", "shop", "--explain"},
                            {"init"}}) {
    auto refused = run(words);
    BOOST_TEST(refused.status == 2);
    BOOST_TEST(says(refused.err, "nothing says how to start the app"), refused.err);
  }
  BOOST_TEST(!fs::exists(place.path() / "pawl.toml"));
  file("Dockerfile", "FROM scratch\n"); // only the server knows whether that is enough
  BOOST_TEST(run({"deploy", "-a", "shop"}).status == 11);
}

BOOST_FIXTURE_TEST_CASE(init_writes_what_a_deploy_finds_and_overwrites_nothing, command_line) {
  file("My Shop/package.json", server_package);
  auto before = run({"deploy", "My Shop", "-a", "my-shop", "--explain", "--json"});
  auto wrote = run({"init", "My Shop"});
  BOOST_TEST(wrote.status == 0, wrote.err);
  const auto text = text_of(place.path() / "My Shop/pawl.toml");
  BOOST_TEST(says(text, "app = \"my-shop\"\n"), text);
  BOOST_TEST(says(text, "# Node.js: it is started by npm start (node server.js)\n"), text);
  auto after = run({"deploy", "My Shop", "--explain", "--json"});
  const auto run_of = [](const ran& shown) {
    return nlohmann::json::parse(shown.out).at("explanation").at("run");
  };
  BOOST_TEST(run_of(before) == run_of(after));
  auto again = run({"init", "My Shop"});
  BOOST_TEST(again.status == 2);
  BOOST_TEST(says(again.err, "is not overwritten"), again.err);
  BOOST_TEST(text_of(place.path() / "My Shop/pawl.toml") == text);
}

BOOST_FIXTURE_TEST_CASE(the_command_of_static_files_survives_the_manifest, command_line) {
  file("index.html", "<h1>hello</h1>");
  auto found = run({"deploy", "-a", "site", "--explain", "--json"});
  BOOST_TEST(run({"init", "-a", "site"}).status == 0);
  auto written = run({"deploy", "--explain", "--json"});
  const auto command_of = [](const ran& shown) {
    return nlohmann::json::parse(shown.out).at("explanation").at("run").at("command");
  };
  BOOST_TEST(command_of(found) == command_of(written));
}

BOOST_FIXTURE_TEST_CASE(another_manifest_takes_the_place_of_pawl_toml, command_line) {
  file("pawl.toml", "app = \"shop\"\nrun.command = \"./shop\"\n");
  file("api.toml", "app = \"api\"\ncluster = \"staging\"\nbuild.root = \"apps/api\"\n");
  file("apps/api/index.html", "");
  auto shown = run({"deploy", "-f", "api.toml", "--explain", "--json"});
  BOOST_TEST(shown.status == 0, shown.err);
  const auto all = nlohmann::json::parse(shown.out).at("explanation");
  BOOST_TEST(all.at("app") == "api");
  BOOST_TEST(all.at("cluster") == "staging");
  BOOST_TEST(all.at("build").at("root") == "apps/api");
  auto named = run({"deploy", "-f", "api.toml", "-C", "other", "--explain", "--json"});
  BOOST_TEST(nlohmann::json::parse(named.out).at("explanation").at("cluster") == "other");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_not_there_is_told, command_line) {
  file("pawl.toml", "app = \"shop\"\nbuild.root = \"api\"\n");
  auto refused = run({"deploy", "--explain"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(says(refused.err, "[build] root is \"api\", and the source has no such folder"),
             refused.err);
  file("pawl.toml", "app = \"shop\"\nbuild.root = \"../api\"\n");
  BOOST_TEST(says(run({"deploy", "--explain"}).err, "build.root must be a folder of the source"));
}

BOOST_AUTO_TEST_SUITE_END()
