// The output and the input of a user at a terminal: pawl runs in a pseudo terminal of script(1).
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

std::unique_ptr<program> begin_at_terminal(const running_server& server, const std::string& words,
                                           std::map<std::string, std::string> variables = {}) {
  program_plan plan{{"/usr/bin/script", "-qefc", PAWL_BIN_DIR "/pawl " + words, "/dev/null"}};
  plan.environment = {{"PATH", "/usr/bin:/bin"},
                      {"HOME", server.place().string()},
                      {"TERM", "xterm"},
                      {"PAWL_SERVER", "unix:" + server.socket().string()}};
  plan.environment.merge(variables);
  plan.directory = server.place();
  plan.out = server.place() / "output" / "terminal.out";
  plan.err = server.place() / "output" / "terminal.err";
  return std::make_unique<program>(plan);
}

outcome at_terminal(const running_server& server, const std::string& words,
                    std::map<std::string, std::string> variables = {}) {
  return begin_at_terminal(server, words, std::move(variables))->wait();
}

} // namespace

BOOST_AUTO_TEST_SUITE(terminal_test)

BOOST_AUTO_TEST_CASE(a_deploy_is_shown_live) {
  running_server server;
  gate door;
  const auto app = write_app(server.place(), {.build = "echo 'a line'; " + door.command()});
  const auto viewer = begin_at_terminal(server, "deploy " + app);
  BOOST_REQUIRE(door.reached());
  // The time goes on though nothing comes from the server.
  BOOST_TEST(eventually([&] {
    return mentions(viewer->out(), "building \x1b[2m0.") &&
           mentions(viewer->out(), "building \x1b[2m1.");
  }));
  BOOST_TEST(mentions(viewer->out(), "│ a line"));
  door.open();
  const auto end = viewer->wait();
  check_exit(end, 0);
  BOOST_TEST(mentions(end.out, "✓\x1b[0m built"));
  BOOST_TEST(mentions(end.out, "  next: pawl status -a shop -C local"));
  BOOST_TEST(!mentions(end.out, "\x1b[?25l")); // the cursor is never hidden
}

BOOST_AUTO_TEST_CASE(what_an_app_prints_does_nothing_to_the_terminal) {
  running_server server;
  const auto app =
      write_app(server.place(), {.build = "printf '\\033]0;title\\007\\033[2J\\233\\n'; exit 1"});
  for (const auto& command : {"deploy " + app, std::string{"attach -a shop"}}) {
    const auto end = at_terminal(server, command);
    check_exit(end, 3);
    BOOST_TEST(mentions(end.out, "\\x1b]0;title\\x07\\x1b[2J\\x9b"));
    BOOST_TEST(!mentions(end.out, "\x1b]0"));
    BOOST_TEST(!mentions(end.out, "\x1b[2J"));
  }
}

BOOST_AUTO_TEST_CASE(without_colours_and_without_utf8_it_is_plain_text) {
  running_server server;
  const auto app = write_app(server.place(), {});
  const auto plain = at_terminal(server, "deploy " + app, {{"NO_COLOR", "1"}, {"LC_ALL", "C"}});
  check_exit(plain, 0);
  BOOST_TEST(mentions(plain.out, "+ built"));
  BOOST_TEST(!mentions(plain.out, "✓"));
  for (const auto code : {"\x1b[1m", "\x1b[2m", "\x1b[3", "\x1b[0m"})
    BOOST_TEST(!mentions(plain.out, code));
  const auto ci = at_terminal(server, "deploy " + app, {{"CI", "true"}, {"NO_COLOR", "1"}});
  check_exit(ci, 0);
  BOOST_TEST(mentions(ci.out, "✓ built"));
  BOOST_TEST(!mentions(ci.out, "\x1b"));
}

BOOST_AUTO_TEST_CASE(a_shell_completes_what_the_server_has) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  BOOST_TEST(server.pawl({"__complete", "status", "-a", "sh"}).out == "shop\tin local\n");
  BOOST_TEST(mentions(server.pawl({"__complete", "status", "-C", ""}).out, "local\t"));
  BOOST_TEST(server.pawl({"__complete", "show", id.substr(0, 2)}).out.starts_with(id + "\tdeploy"));
  BOOST_TEST(server.pawl({"__complete", "rollback", "-a", "shop", ""}).out.starts_with("v1\t"));
  BOOST_TEST(server.pawl({"__complete", "rollback", "-a", "other", ""}).out == "");
}

BOOST_AUTO_TEST_CASE(a_large_source_is_pointed_out_before_it_is_sent) {
  running_server server;
  const auto end = server.pawl({"deploy", write_big_app(server, "big"), "--json"});
  check_exit(end, 0);
  BOOST_TEST(mentions(end.err, "! the source has 128.0 MiB"));
  BOOST_TEST(mentions(end.err, "128.0 MiB  big\n"));
  BOOST_TEST(end.err.find("  big\n") < end.err.find("uploaded"));
}

BOOST_AUTO_TEST_SUITE_END()
