// Variables and secrets of an app, set by people and seen by it; and looked for in all places where
// a secret must not be.
#include "test/end_to_end/running_server.hpp"
#include "test/support/certificates.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

json configured(running_server& server, const words& arguments) {
  auto all = words{"env"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), {"-a", "shop", "--json"});
  const auto end = server.pawl(all);
  check_exit(end, 0);
  return document_of(end);
}

// With a file as its stdin.
outcome pawl_with_input(running_server& server, const words& arguments, const fs::path& input) {
  const words under{"/bin/sh", "-c", fmt::format("\"$@\" <{}", input.string()), "sh"};
  return server.begin(arguments, under)->wait();
}

std::string prefixed(const std::string& mark) {
  return mark + "-Zq7wX2-5pN/ro&4tKd-9vLm+3cRy";
}

std::string listing(running_server& server) {
  return server.pawl({"env", "-a", "shop", "--json"}).out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(variables_test)

BOOST_AUTO_TEST_CASE(a_variable_of_the_lane_reaches_the_app_and_goes_over_its_manifest) {
  running_server server;
  deploy(server, {.greeting = "of the manifest"});
  BOOST_TEST(server.answer_of("shop") == "of the manifest");
  const auto first = configured(server, {"set", "GREETING=of the lane", "EMPTY="});
  BOOST_TEST(first.at("deployment").at("operation") == "configure");
  BOOST_TEST(first.at("deployment").at("state") == "active");
  BOOST_TEST(first.at("deployment").at("config") == 1);
  BOOST_TEST(server.answer_of("shop") == "of the lane");
  const auto listed = json::parse(listing(server));
  BOOST_TEST(listed.at("config") == 1);
  BOOST_TEST(listed.at("running") == 1);
  BOOST_TEST(listed.at("variables").at(1).at("name") == "GREETING");
  BOOST_TEST(listed.at("variables").at(1).at("value") == "of the lane");
  BOOST_TEST(listed.at("variables").at(1).at("secret") == false);

  configured(server, {"set", "GREETING=later", "--stage"});
  BOOST_TEST(server.answer_of("shop") == "of the lane");
  BOOST_TEST(deploy(server, {}).at("config") == 2);
  BOOST_TEST(server.answer_of("shop") == "later");
  const auto back = server.pawl({"rollback", "-a", "shop", "--json"});
  check_exit(back, 0);
  BOOST_TEST(record_of(back).at("config") == 1);
  BOOST_TEST(server.answer_of("shop") == "of the lane");
  configured(server, {"unset", "GREETING"});
  BOOST_TEST(server.answer_of("shop") == "of the manifest");
  configured(server, {"rollback", "2"});
  BOOST_TEST(server.answer_of("shop") == "later");
  const auto history = document_of(server.pawl({"env", "history", "-a", "shop", "--json"}));
  BOOST_TEST(history.at("revisions").size() == 4U);
  BOOST_TEST(history.at("revisions").front().at("restored") == 2);
}

BOOST_AUTO_TEST_CASE(a_revision_that_is_not_healthy_changes_nothing_and_is_marked) {
  running_server server;
  deploy(server, {.health = "path = \"/healthz\"\ninterval = \"50ms\"\n"
                            "healthy_threshold = 1\ndeadline = \"2s\"\n"});
  configured(server, {"set", "GREETING=good"});
  check_exit(server.pawl({"env", "set", "UNHEALTHY=1", "-a", "shop"}), 5);
  BOOST_TEST(server.answer_of("shop") == "good");
  const auto history = document_of(server.pawl({"env", "history", "-a", "shop", "--json"}));
  BOOST_TEST(history.at("current") == 1);
  BOOST_TEST(history.at("revisions").front().at("failed") == true);
  configured(server, {"set", "GREETING=better"});
  BOOST_TEST(server.answer_of("shop") == "better");
  BOOST_TEST(!mentions(listing(server), "UNHEALTHY"));
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_before_anything_changes) {
  running_server server;
  deploy(server, {});
  const auto file = server.place() / "bad.env";
  write_text(file, "A=1\n\nnonsense sesame\n");
  const auto long_file = server.place() / "long";
  write_text(long_file, std::string(64 * 1024 + 1, 'x'));
  for (const auto& [arguments, words_of_it] : std::vector<std::pair<words, std::string>>{
           {{"set"}, "nothing is to be set"},
           {{"set", "PORT=1"}, "PORT cannot be set"},
           {{"set", "PAWL_X=1"}, "PAWL_X cannot be set"},
           {{"set", "1A=1"}, "cannot be the name"},
           {{"set", "A"}, "has no ="},
           {{"set", "A=1", "A=2"}, "given twice"},
           {{"set", "--file", file.string()}, "bad.env: line 3"},
           {{"set", "A=@" + long_file.string()}, "65536 bytes"},
           {{"set", "A=@" + server.place().string()}, "is a directory"},
           {{"unset", "NOBODY"}, "has no variable NOBODY"},
           {{"rollback", "7"}, "no revision 7"},
           {{"rollback", "x"}, "is no revision"}}) {
    auto all = words{"env"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"-a", "shop"});
    const auto end = server.pawl(all);
    check_exit(end, 2);
    BOOST_TEST(mentions(end.err, words_of_it), end.err);
    BOOST_TEST(!mentions(end.err, "sesame"), end.err);
  }
  BOOST_TEST(json::parse(listing(server)).at("config").is_null());
}

BOOST_AUTO_TEST_CASE(a_value_may_have_any_bytes_and_lines_and_comes_whole) {
  running_server server;
  const auto value = server.place() / "value";
  std::string bytes = "two\nlines \xff\x01 'and' \"quotes\" $HOME ${X}\n";
  write_text(value, bytes);
  const auto told = server.place() / "told";
  write_text(told, "");
  check_exit(pawl_with_input(server, {"env", "set", "BYTES=-", "-a", "shop"}, value), 0);
  deploy(server, {.run = "printf %s \"$BYTES\" | od -An -tx1 | tr -d ' \\n'; echo; "
                         "exec perl serve.pl"});
  std::string wanted;
  for (const char byte : bytes)
    wanted += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  BOOST_TEST(mentions(server.pawl({"logs", "-a", "shop"}).out, wanted));
}

BOOST_AUTO_TEST_CASE(a_build_sees_the_secrets_that_it_names_and_the_release_command_all) {
  running_server server;
  check_exit(server.pawl({"env", "set", "NPM_TOKEN=for-the-build", "DB=for-the-app", "-a", "shop"}),
             0);
  const sample_app app{.build = "test \"$NPM_TOKEN\" = for-the-build && test -z \"$DB\"",
                       .build_settings = "secrets = [\"NPM_TOKEN\"]",
                       .rest = "[release]\ncommand = 'test \"$DB\" = for-the-app && "
                               "test \"$URL\" = db://for-the-app'\n"};
  const auto place = write_app(server.place(), app);
  auto manifest = read_text(fs::path{place} / "pawl.toml");
  const auto at = manifest.find("env = { ");
  BOOST_REQUIRE(at != std::string::npos);
  manifest.insert(at + 8, "URL = \"db://${DB}\", ");
  write_text(fs::path{place} / "pawl.toml", manifest);
  check_exit(server.pawl({"deploy", place}), 0);
  check_exit(server.pawl({"env", "unset", "DB", "-a", "shop"}), 2);
  check_exit(server.pawl({"env", "unset", "NPM_TOKEN", "-a", "shop"}), 0);
  const auto refused = server.pawl({"deploy", place});
  check_exit(refused, 2);
  BOOST_TEST(mentions(refused.out, "pawl env set NPM_TOKEN=-"), refused.out);
}

BOOST_AUTO_TEST_CASE(a_secret_is_nowhere_but_with_the_app_that_gets_it) {
  running_server server;
  const auto secret = prefixed("SENTINEL");
  const auto input = server.place().parent_path() / fmt::format("pawl-test-secret-{}", ::getpid());
  write_text(input, secret);
  deploy(server, {});
  // Prints it in each way, and a part of a line at a time.
  const auto tell =
      "echo \"it is $TOKEN.\"; printf %s \"user:$TOKEN\" | base64 -w0; echo; "
      "printf '%.9s' \"$TOKEN\"; sleep 0.1; printf '%s\\n' \"${TOKEN#?????????}\"; "
      "printf 'q=%s\\n' \"$(printf %s \"$TOKEN\" | sed 's,/,%2F,;s,&,%26,;s,+,%2B,')\"; ";
  check_exit(pawl_with_input(server, {"env", "set", "TOKEN=-", "-a", "shop", "--secret", "--stage"},
                             input),
             0);
  const sample_app app{.build = std::string{tell} + "true",
                       .build_settings = "secrets = [\"TOKEN\"]",
                       .run = std::string{tell} + "exec perl serve.pl",
                       .rest = fmt::format("[release]\ncommand = '''{}true'''\n", tell)};
  const auto deployed = deploy(server, app);
  const auto instance = deployed.at("id").get<std::string>() + "-1";
  const auto environment =
      read_text(fmt::format("/proc/{}/environ", server.instance_pid(instance)));
  const auto of_logs = server.pawl({"logs", "-a", "shop"}).out;
  BOOST_TEST(mentions(of_logs, "it is [TOKEN]."), of_logs);
  BOOST_TEST((mentions(of_logs, "\n[TOKEN]\n") || mentions(of_logs, " [TOKEN]\n")), of_logs);
  BOOST_TEST(mentions(of_logs, "q=[TOKEN]"), of_logs);
  const auto journal = server.pawl({"attach", deployed.at("id").get<std::string>(), "--jsonl"}).out;
  BOOST_TEST(mentions(journal, "it is [TOKEN]."), journal);
  // The app itself has it.
  check_exit(server.pawl({"env", "set", "OTHER=1", "-a", "shop"}), 0);

  const std::string mark = "Zq7wX2-5pN";
  const std::string encoded = "WnE3d1gyLTVwTi"; // the same in base64, at the alignment of user:…
  for (const auto* shown : {&of_logs, &journal}) {
    BOOST_TEST(!mentions(*shown, mark));
    BOOST_TEST(!mentions(*shown, encoded));
  }
  for (const words& looks : {words{"env", "-a", "shop", "--json"}, words{"env", "-a", "shop"},
                             words{"env", "history", "-a", "shop", "--json"},
                             words{"history", "--json"}, words{"audit", "--json"}})
    BOOST_TEST(!mentions(server.pawl(looks).out, mark));
  for (const auto& each : fs::directory_iterator{"/proc"}) {
    const auto name = each.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos)
      BOOST_TEST(!mentions(read_text(each.path() / "cmdline"), mark), name);
  }
  const auto backup = server.place() / "backup.tar";
  check_exit(server
                 .begin_pawld({"--config", (server.place() / "pawld.toml").string(), "--backup",
                               backup.string()})
                 ->wait(),
             0);
  BOOST_TEST(!mentions(server.log(), mark));
  check_exit(server.stop(), 0);
  const auto key = read_text(server.data() / "secret.key");
  BOOST_TEST(key.size() == 65U);
  for (const auto& each : fs::recursive_directory_iterator{server.place()}) {
    if (!each.is_regular_file())
      continue;
    const auto text = read_text(each.path());
    BOOST_TEST(!mentions(text, mark), each.path().string());
    BOOST_TEST((each.path().filename() == "secret.key" || !mentions(text, key.substr(0, 64))),
               each.path().string());
  }
  fs::remove(input);
}

BOOST_AUTO_TEST_CASE(a_server_without_the_key_serves_on_and_says_what_it_cannot_start) {
  running_server server;
  deploy(server, {});
  configured(server, {"set", "GREETING=open sesame", "--secret"});
  BOOST_TEST(server.answer_of("shop") == "open sesame");
  const auto key = server.data() / "secret.key";
  struct stat about {};
  BOOST_REQUIRE(::stat(key.c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0600U);
  check_exit(server.stop(), 0);
  fs::rename(key, server.place() / "kept");
  server.start();
  BOOST_TEST(mentions(server.log(), "secret.key"), server.log());
  BOOST_TEST(server.answer_of("shop") == "open sesame");
  const auto refused = server.pawl({"env", "set", "LEVEL=debug", "-a", "shop"});
  check_exit(refused, 11);
  BOOST_TEST(mentions(refused.out, "secret.key"), refused.out);
  fs::rename(server.place() / "kept", key);
  configured(server, {"set", "LEVEL=debug"});
  BOOST_TEST(server.answer_of("shop") == "open sesame");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_killed_goes_on_with_the_revision) {
  running_server server;
  gate door;
  deploy(server, {.run = "test -z \"$WAIT\" || { " + door.command() + "; }; exec perl serve.pl"});
  const auto waiting = server.begin({"env", "set", "WAIT=1", "GREETING=new", "-a", "shop"});
  BOOST_REQUIRE(door.reached());
  server.kill();
  server.start();
  door.open();
  check_exit(waiting->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "new");
}

BOOST_AUTO_TEST_SUITE_END()
