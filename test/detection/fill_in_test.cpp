// A manifest and a Procfile win; the rest is found, and said in a sentence each.
#include "test/detection/tree_of.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

const tree_of& flask() {
  static const tree_of files{{"requirements.txt", "flask\ngunicorn\n"},
                             {"app.py", "app = Flask(__name__)\n"},
                             {"package.json", "{}"}};
  return files;
}

} // namespace

BOOST_AUTO_TEST_SUITE(filling_in)

BOOST_AUTO_TEST_CASE(commands_that_are_said_are_kept) {
  manifest said;
  said.run.command = "gunicorn shop:app";
  said.run.env = {{"PATH", "/own"}};
  const auto built = found_in(flask(), said);
  BOOST_TEST(built.settings.run.command == "gunicorn shop:app");
  BOOST_TEST(says(built.settings.build.command, "pip install"));
  BOOST_TEST(built.settings.run.env.at("PATH") == "/own");
  BOOST_TEST(built.settings.run.env.at("VIRTUAL_ENV") == "/app/.venv");
  said.build.command = "make";
  BOOST_TEST(!detection::leaves_open(said));
  const auto all = found_in(flask(), said);
  BOOST_TEST((all.settings == said));
  BOOST_TEST(all.notes.empty());
  manifest half;
  half.build.command = "make";
  const auto started = found_in(flask(), half);
  BOOST_TEST(started.settings.build.command == "make");
  BOOST_TEST(started.settings.run.command == "exec gunicorn --bind $HOST:$PORT app:app");
}

BOOST_AUTO_TEST_CASE(of_several_languages_one_wins_and_the_others_are_named) {
  const auto found = found_in(flask());
  BOOST_TEST(found.language == "Python");
  BOOST_TEST(tells(found, "Python is chosen, though there is Node.js (package.json) too"));
}

BOOST_AUTO_TEST_CASE(a_folder_of_the_source_can_be_the_app) {
  const tree_of files{{"README.md", ""},
                      {"apps/api/main.py", ""},
                      {"apps/api/requirements.txt", "x\n"},
                      {"site/index.html", ""}};
  manifest said;
  said.build.root = "apps/api";
  const auto found = found_in(files, said);
  BOOST_TEST(found.settings.run.command == "exec python3 main.py");
  BOOST_TEST(found.settings.run.env.at("VIRTUAL_ENV") == "/app/apps/api/.venv");
  said.build.root = "apps/web";
  const auto why = why_nothing_in(files, said);
  BOOST_TEST(says(why, "[build] root is \"apps/web\", and the source has no such folder"), why);
  BOOST_TEST(says(why, "apps/api"), why);
}

BOOST_AUTO_TEST_CASE(an_app_that_nothing_is_known_of_is_refused_with_what_was_looked_for) {
  const auto why = why_nothing_in({{"README.md", ""}, {"backend/go.mod", ""}});
  BOOST_TEST(says(why, "nothing says how to start the app"), why);
  BOOST_TEST(says(why, "Node.js"), why);
  BOOST_TEST(says(why, "[build] root = \"backend\""), why);
  manifest said;
  said.run.command = "./run"; // then nothing has to be known
  BOOST_TEST((found_in({{"run", ""}}, said).settings == said));
  BOOST_TEST((found_in({{"package.json", "{"}}, said).settings == said));
}

BOOST_AUTO_TEST_CASE(where_dockerfiles_are_read_the_image_says_all) {
  const auto found = detection::fill_in({}, tree_of{{"Dockerfile", ""}, {"package.json", "{"}},
                                        detection::dockerfiles::read);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((found->settings == manifest{}));
  BOOST_TEST(tells(*found, "the image is built of it"));
  const auto why = why_nothing_in({{"Dockerfile", ""}, {"index.html", ""}});
  BOOST_TEST(says(why, "or deploy to a cluster with the engine docker"), why);
}

BOOST_AUTO_TEST_CASE(settings_of_containers_are_left_to_the_engine) {
  manifest said;
  said.build.dockerfile = "deploy/Dockerfile";
  BOOST_TEST((found_in(flask(), said).settings == said));
  said = {};
  said.build.image = "nginx:1.22";
  BOOST_TEST((found_in({{"notes.txt", ""}}, said).settings == said));
}

BOOST_AUTO_TEST_CASE(a_note_is_one_line_of_bounded_length) {
  const auto found = found_in(
      {{"package.json", "{\"scripts\": {\"start\": \"a\\nb" + std::string(5000, 'x') + "\"}}"}});
  for (const auto& note : found.notes) {
    BOOST_TEST(note.find('\n') == std::string::npos);
    BOOST_TEST(note.size() < 500u);
  }
}

BOOST_AUTO_TEST_CASE(missing_tools_are_named_with_their_packages) {
  const auto text =
      detection::missing_tools({{"npm", "npm", "package.json"}, {"node", "nodejs", ""}});
  BOOST_TEST(says(text, "npm (for package.json) and node"), text);
  BOOST_TEST(says(text, "apt install nodejs npm"), text);
}

BOOST_AUTO_TEST_SUITE_END()
