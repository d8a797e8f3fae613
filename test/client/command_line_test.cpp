// The real program, without a server: what it refuses, and how it says so.
#include "test/client/command_line.hpp"

#include <array>

using pawl::test::command_line;
using pawl::test::ran;
namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 26> commands{
    "deploy",  "attach",   "status", "history",  "show",    "cancel", "rollback",
    "promote", "versions", "apps",   "clusters", "destroy", "login",  "logout",
    "servers", "whoami",   "freeze", "unfreeze", "audit",   "scale",  "stop",
    "start",   "restart",  "env",    "init",     "volumes"};

} // namespace

BOOST_AUTO_TEST_SUITE(command_lines)

BOOST_FIXTURE_TEST_CASE(the_version_is_told, command_line) {
  auto told = run({"--version"});
  BOOST_TEST(told.status == 0);
  BOOST_TEST(told.out.starts_with("pawl "));
}

BOOST_FIXTURE_TEST_CASE(the_help_of_each_command_has_an_example, command_line) {
  BOOST_TEST(run({"--help"}).status == 0);
  for (const auto* command : commands) {
    auto help = run({command, "--help"});
    BOOST_TEST(help.status == 0);
    BOOST_TEST(help.out.find(std::string{"Example:\n  pawl "} + command) != std::string::npos,
               help.out);
  }
}

BOOST_FIXTURE_TEST_CASE(a_command_of_a_command_has_a_help_of_its_own, command_line) {
  for (const auto* word : {"create", "list", "revoke"}) {
    auto help = run({"token", word, "--help"});
    BOOST_TEST(help.status == 0);
    BOOST_TEST(help.out.find(std::string{"Usage:\n  pawl token "} + word) != std::string::npos,
               help.out);
    BOOST_TEST(help.out.find("Example:\n  pawl token ") != std::string::npos, help.out);
  }
  auto wrong = run({"token", "crate"});
  BOOST_TEST(wrong.err.find("\"crate\" is not a command of pawl token; did you mean create?") !=
                 std::string::npos,
             wrong.err);
}

BOOST_FIXTURE_TEST_CASE(wrong_usage_exits_with_2_and_one_document, command_line) {
  const std::vector<std::vector<std::string>> wrong{
      {"history", "-n", "0"},
      {"history", "-n", "1001"},
      {"history", "--state", "sleeping"},
      {"history", "--operation", "undo"},
      {"history", "--since", "yesterday"},
      {"status", "-a", "Shop"},
      {"status", "-C", "-x-"},
      {"status", "--nonsense"},
      {"show"},
      {"show", "no id"},
      {"attach", "--from", "0", "7kq2"},
      {"scale", "-a", "shop", "web=-1"},
      {"scale", "-a", "shop", "web=10000"},
      {"scale", "-a", "shop", "web"},
      {"scale", "-a", "shop", "web=1", "web=2"},
      {"cancel"},
      {"rollback", "-a", "shop", "latest"},
      {"rollback"},
      {"promote", "v1", "-a", "shop"},
      {"promote", "v0", "-a", "shop", "--to", "production"},
      {"deploy", "--queue", "--supersede"},
      {"deploy", "missing"},
      {"deploy", "-f", "missing.toml"},
      {"init", "missing"},
      {"freeze"},
      {"freeze", "--reason", "sale", "--until", "soon"},
      {"freeze", "-a", "Shop", "--reason", "sale"},
      {"unfreeze", "-C", "-x-"},
      {"audit", "-n", "1001"},
      {"audit", "--since", "yesterday"},
      {"statsu"},
      {"apps", "--server", "nonsense"},
      {"token"},
      {"token", "make"},
      {"token", "create", "ci"},
      {"token", "create", "ci", "--role", "owner"},
      {"token", "create", "No Name", "--role", "view"},
      {"token", "create", "ci", "--role", "view", "--app", "Shop"},
      {"token", "create", "ci", "--role", "view", "--expires", "tomorrow"},
      {"token", "create", "ci", "--role", "view", "--expires", "5s"},
      {"token", "revoke"},
      {"token", "revoke", "No Name"},
      {"login"},
      {"login", "nonsense"},
      {"login", "127.0.0.1:1"},
      {"login", "127.0.0.1:1", "--token", "x", "--token-stdin"},
      {"logout"},
  };
  for (auto words : wrong) {
    auto plain = run(words);
    words.push_back("--json");
    auto refused = run(words);
    BOOST_TEST_CONTEXT(words.front() << " …: " << refused.err) {
      BOOST_TEST(plain.status == 2);
      BOOST_TEST(plain.out == "");
      BOOST_TEST(plain.err.starts_with("error: "));
      BOOST_TEST(refused.status == 2);
      BOOST_TEST(code_in(refused) == "invalid_argument");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(settings_that_the_server_could_not_read_are_told_before, command_line) {
  file("pawl.toml", "app = \"shop\"\n");
  file("Procfile.prod", "web: ./run\n");
  fs::create_symlink("Procfile.prod", place.path() / "Procfile");
  auto linked = run({"deploy"});
  BOOST_TEST(linked.status == 2);
  BOOST_TEST(linked.err.find("Procfile is a symlink") != std::string::npos, linked.err);
  fs::remove(place.path() / "Procfile");
  file("Procfile", "web: ./run\n");
  file(".pawlignore", "pawl.toml\n");
  auto ignored = run({"deploy", "-a", "shop"});
  BOOST_TEST(ignored.status == 2);
  BOOST_TEST(ignored.err.find("pawl.toml would not be sent, because an ignore file names it: put "
                              "!/pawl.toml at the end of .pawlignore") != std::string::npos,
             ignored.err);
  file(".pawlignore", "pawl.toml\n!/pawl.toml\n"); // as advised
  BOOST_TEST(run({"deploy"}).status == 11);
  file(".pawlignore", "Procfile\n");
  ignored = run({"deploy"});
  BOOST_TEST(ignored.status == 2);
  BOOST_TEST(ignored.err.find("Procfile would not be sent") != std::string::npos, ignored.err);
  file("pawl.toml", "app = \"shop\"\n[run]\ncommand = \"./run\"\n"); // needs no Procfile
  BOOST_TEST(run({"deploy"}).status == 11);
}

BOOST_FIXTURE_TEST_CASE(a_slip_of_the_pen_is_understood, command_line) {
  BOOST_TEST(run({"statsu"}).err.find("did you mean status?") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_not_there_exits_with_11, command_line) {
  file("pawl.toml", "app = \"shop\"\n[run]\ncommand = \"./run\"\n");
  const std::vector<std::vector<std::string>> all{{"deploy"},
                                                  {"attach"},
                                                  {"status"},
                                                  {"history"},
                                                  {"show", "7kq2"},
                                                  {"cancel", "7kq2"},
                                                  {"rollback"},
                                                  {"rollback", "--plan"},
                                                  {"promote", "v1", "--to", "production"},
                                                  {"versions"},
                                                  {"apps"},
                                                  {"clusters"},
                                                  {"freeze", "--reason", "sale"},
                                                  {"unfreeze"},
                                                  {"audit"},
                                                  {"whoami"},
                                                  {"login", "127.0.0.1:1", "--token", "x"},
                                                  {"apps", "--server", "127.0.0.1:1"},
                                                  {"--server", "unix:/nonexistent", "apps"},
                                                  {"deploy", "-m", std::string(5000, 'm')}};
  for (auto words : all) {
    words.push_back("--json");
    auto refused = run(words);
    BOOST_TEST_CONTEXT(words.front() << " …: " << refused.err) {
      BOOST_TEST(refused.status == 11);
      BOOST_TEST(code_in(refused) == "unavailable");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(mistakes_of_an_app_are_told_before_anything_is_sent, command_line) {
  file("app/pawl.toml", "app = \"shop\"\n[run]\ncomand = \"./run\"\n[health]\npath = \"x\"\n");
  auto refused = run({"deploy", "app"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err.find("app/pawl.toml") != std::string::npos);
  BOOST_TEST(refused.err.find("line 3: run.comand is not a known key; did you mean run.command?") !=
             std::string::npos);
  BOOST_TEST(refused.err.find("line 5: health.path must begin with /") != std::string::npos);
  file("app/pawl.toml", "app = \"shop\"\n[run]\ncommand = \"./run\"\n");
  fs::create_symlink("/etc", place.path() / "app/out");
  refused = run({"deploy", "app", "--json"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(code_in(refused) == "invalid_argument");
}

BOOST_FIXTURE_TEST_CASE(an_app_without_a_name_is_refused, command_line) {
  file("Procfile", "web: ./run\n");
  auto refused = run({"deploy"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err.find("no app is named") != std::string::npos);
  auto named = run({"deploy", "-a", "shop"});
  BOOST_TEST(named.status == 11);
}

BOOST_FIXTURE_TEST_CASE(with_jsonl_the_last_line_is_the_result, command_line) {
  auto refused = run({"deploy", "missing", "--jsonl"});
  auto line = nlohmann::json::parse(refused.out);
  BOOST_TEST(line.at("event").get<std::string>() == "result");
  BOOST_TEST(line.at("error").at("code").get<std::string>() == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()
