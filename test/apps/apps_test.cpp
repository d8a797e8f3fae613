// The kinds of apps that people have, each in a folder beside this file as the generator or the
// tutorial of its makers gives it: it is deployed, changed, deployed again and rolled back, and
// asked through the router each time. ctest runs each case by itself.
#include "test/apps/toolchain.hpp"
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

struct kind {
  std::string name; // of the folder, and of the app
  toolchain needs;
  std::string file;                     // is changed: it says
  std::string before;                   // this, and
  std::string after = "Good afternoon"; // then that instead
  std::string page = "/";               // shows either
};

// Such an app on a server of its own.
class deployed_app {
public:
  explicit deployed_app(kind what) : what_(std::move(what)) {
    fs::copy(fs::path{PAWL_SOURCE_DIR} / "test/apps" / what_.name, directory(),
             fs::copy_options::recursive);
    deploy();
  }

  // The output of curl for a path of the app, through the router; a failure fails the test.
  // With further options of its own.
  std::string ask(const std::string& path, words options = {}) {
    options.insert(options.begin(), {"/usr/bin/curl", "-sSf", "-m", "60"});
    options.push_back(fmt::format("http://{}.localhost:{}{}", what_.name, server_.port(), path));
    const auto& place = server_.place();
    program curl{{.arguments = std::move(options),
                  .directory = place,
                  .out = place / "curl.out",
                  .err = place / "curl.err"}};
    const auto end = curl.wait();
    check_exit(end, 0);
    return end.out;
  }

  // Its answer, the head included, has the text.
  void shows(const std::string& path, const std::string& text) {
    const auto answer = ask(path, {"-i"});
    BOOST_TEST(mentions(answer, text), path << " does not show \"" << text << "\":\n" << answer);
  }

  void change_and_roll_back() {
    shows(what_.page, what_.before);
    change();
    deploy();
    shows(what_.page, what_.after);
    check_exit(server_.pawl({"rollback", "-a", what_.name, "--json"}), 0);
    shows(what_.page, what_.before);
  }

private:
  fs::path directory() const { return server_.place() / what_.name; }

  void deploy() {
    constexpr auto long_build = 3 * patience; // it fetches packages, and bundles
    check_exit(server_.begin({"deploy", directory(), "--jsonl"})->wait(long_build), 0);
  }

  void change() const {
    auto text = read_text(directory() / what_.file);
    const auto at = text.find(what_.before);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, what_.file << ":\n" << text);
    write_text(directory() / what_.file, text.replace(at, what_.before.size(), what_.after));
  }

  running_server server_;
  kind what_;
};

// Nothing where the machine lacks what the kind needs.
std::unique_ptr<deployed_app> deployed(kind what) {
  return can_run(what.needs) ? std::make_unique<deployed_app>(std::move(what)) : nullptr;
}

void try_out(kind what) {
  if (auto app = deployed(std::move(what)))
    app->change_and_roll_back();
}

} // namespace

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
