// Apps without a pawl.toml, as they are cloned: the server finds how they are built and started.
#include "test/apps/deployed_app.hpp"

using namespace pawl::test;

namespace {

// That a choice is a line of the journal.
void tells(const deployed_app& app, const std::string& choice) {
  BOOST_TEST(mentions(app.journal(), choice), app.journal());
}

} // namespace

BOOST_AUTO_TEST_SUITE(found)

BOOST_AUTO_TEST_CASE(flask) {
  auto app = deployed({"found/flask", toolchains::flask_packages, "hello.py", "Hello, World!"});
  tells(*app, "requirements.txt found, packages are installed into .venv");
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(django) {
  auto app =
      deployed({"found/django", toolchains::django_packages, "mysite/urls.py", "Hello, world"});
  tells(*app, "it is started by gunicorn mysite.wsgi");
  app->change_and_roll_back();
}

// The Procfile says how it starts, the rest is found.
BOOST_AUTO_TEST_CASE(procfile) {
  auto app = deployed({"found/procfile", toolchains::flask_packages, "shop.py", "Hello, Procfile"});
  tells(*app, "requirements.txt found");
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(php) {
  try_out({"found/php", toolchains::php, "public/index.php", "Hello, PHP"});
}

BOOST_AUTO_TEST_CASE(cmake) {
  try_out({"found/cmake", toolchains::cmake, "src/main.cc", "Hello, CMake"});
}

BOOST_AUTO_TEST_CASE(static_files) {
  auto app = deployed({"found/static", toolchains::nginx, "index.html", "Welcome home"});
  app->shows("/style.css", "text/css");
  app->shows("/about/", "About us");
  for (const auto* path :
       {"/missing", "/.secret", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"}) {
    const auto answer = app->ask(path, {"-i", "--path-as-is", "--no-fail"});
    BOOST_TEST(!mentions(answer, "200 OK"), path << ":\n" << answer);
    BOOST_TEST(!mentions(answer, "root:"), path << ":\n" << answer);
  }
  BOOST_TEST(mentions(app->ask("/missing", {"--no-fail"}), "Not here"));
  app->change_and_roll_back();
}

BOOST_AUTO_TEST_CASE(node) {
  try_out({"found/node", toolchains::npm_alone, "server.js", "Hello, Node"});
}

BOOST_AUTO_TEST_CASE(golang) {
  try_out({"found/go", toolchains::go, "main.go", "Hello, World!"});
}

BOOST_AUTO_TEST_SUITE_END()
