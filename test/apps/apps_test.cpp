// The kinds of apps that people have, each in a folder beside this file as the generator or the
// tutorial of its makers gives it. ctest runs each case by itself.
#include "test/apps/deployed_app.hpp"

using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(apps)

BOOST_AUTO_TEST_CASE(vite) {
  auto app = deployed({"vite", toolchains::npm, "index.html", "Vite App"});
  if (!app)
    return;
  app->shows("/vite.svg", "image/svg+xml");
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(next) {
  auto app = deployed({"next", toolchains::npm, "app/page.js", "Hello World!"});
  if (!app)
    return;
  app->shows("/", "Rendered by <!-- -->v1<"); // not when it was built: there was no version then
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(express) {
  try_out({"express", toolchains::npm, "index.js", "Hello World!"});
}

BOOST_AUTO_TEST_CASE(fastify) {
  try_out({"fastify", toolchains::npm, "index.js", "world", "moon"});
}

BOOST_AUTO_TEST_CASE(workspace) {
  try_out({"workspace", toolchains::npm, "packages/greeting/index.js", "Hello"});
}

// By its default transport, long polling, a client of socket.io connects with several requests,
// which have to reach the instance that gave it its session.
BOOST_AUTO_TEST_CASE(socketio) {
  auto app = deployed({"socketio", toolchains::npm, "index.html", "Socket.IO chat"});
  if (!app)
    return;
  app->shows("/socket.io/socket.io.js", "javascript");
  for (int session = 1; session <= 6; ++session) { // one may find its instance by chance
    const auto jar = fmt::format("cookies-{}", session);
    const words cookies{"-b", jar, "-c", jar};
    const std::string path = "/socket.io/?EIO=4&transport=polling";
    const auto opened = app->ask(path, cookies);
    BOOST_REQUIRE_MESSAGE(opened.starts_with("0{"), opened);
    const std::string id = json::parse(opened.substr(1)).at("sid");
    BOOST_TEST(app->ask(path + "&sid=" + id, {"-b", jar, "--data", "40"}) == "ok");
    const auto connected = app->ask(path + "&sid=" + id, cookies);
    BOOST_TEST(connected.starts_with("40{"), connected);
  }
  app->change_and_roll_back();
}

// Its settings are those of production: it answers to its own name alone, and serves its files.
BOOST_AUTO_TEST_CASE(django) {
  auto app = deployed({.name = "django",
                       .needs = toolchains::django,
                       .file = "polls/templates/polls/index.html",
                       .before = "Hello, world",
                       .page = "/polls/"});
  if (!app)
    return;
  app->shows("/static/polls/style.css", "text/css");
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(flask) {
  try_out({"flask", toolchains::flask, "hello.py", "Hello, World!"});
}

BOOST_AUTO_TEST_CASE(sinatra) {
  try_out({"sinatra", toolchains::sinatra, "myapp.rb", "Hello world!"});
}

BOOST_AUTO_TEST_CASE(php) {
  try_out({"php", toolchains::php, "public/index.php", "Hello, "});
}

BOOST_AUTO_TEST_CASE(java) {
  try_out({"java", toolchains::java, "Main.java", "Hello, World!"});
}

BOOST_AUTO_TEST_CASE(nginx) {
  auto app = deployed({"nginx", toolchains::nginx, "html/index.html", "Welcome to nginx!"});
  if (!app)
    return;
  app->shows("/style.css", "text/css");
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(go) {
  try_out({"go", toolchains::go, "main.go", "Hello, World!"});
}

BOOST_AUTO_TEST_CASE(rust) {
  try_out({"rust", toolchains::rust, "src/main.rs", "Hello, World!"});
}

BOOST_AUTO_TEST_SUITE_END()
