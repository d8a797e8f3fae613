// A failure changes nothing for the version that serves, and its message names the thing, the
// reason and the remedy.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

#include <csignal>
#include <sys/stat.h>

namespace {

using namespace pawl::test;

const sample_app unhealthy{.greeting = "two",
                           .run = "echo cannot find the till; exec env UNHEALTHY=1 perl serve.pl",
                           .health = "path = \"/healthz\"\ninterval = \"50ms\"\n"
                                     "deadline = \"4s\"\n"};

// A pawld.toml of the test's own, checked or started.
outcome run_pawld(running_server& server, const std::string& flag, const std::string& config) {
  write_text(server.place() / "other.toml", config);
  return server.begin_pawld(flag, server.place() / "other.toml")->wait();
}

} // namespace

BOOST_AUTO_TEST_SUITE(failures_test)

// Fault: F13; hits: build; at: building; holds: I4.
BOOST_AUTO_TEST_CASE(a_build_that_fails_shows_its_log_and_leaves_the_old_version_serving) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  const auto end =
      begin_deploy(server, {.greeting = "two", .build = "echo no paint left >&2; exit 7"})->wait();
  check_exit(end, 3);
  BOOST_TEST(mentions(end.out, "no paint left"));
  BOOST_TEST(mentions(end.out, "build_failed while building"));
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(lane_of(server).at("active").at("id") == first.at("id"));
  BOOST_TEST(lane_of(server).at("in_flight").is_null());
  BOOST_TEST(deploy(server, {.greeting = "two"}).at("version") == "v2");
}

// Fault: F27; hits: instance; at: activating; holds: I4 I5.
BOOST_AUTO_TEST_CASE(an_app_that_never_becomes_healthy_is_not_let_at_the_traffic) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  const auto end = begin_deploy(server, unhealthy, {"--json"})->wait();
  check_exit(end, 5);
  const auto record = record_of(end);
  BOOST_TEST(record.at("state") == "failed");
  BOOST_TEST(record.at("error").at("code") == "unhealthy");
  BOOST_TEST(record.at("error").at("state") == "activating");
  BOOST_TEST(mentions(record.at("error").at("details").at("log"), "cannot find the till"));
  BOOST_TEST(mentions(record.at("error").at("message"), "503"));
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(lane_of(server).at("active").at("id") == first.at("id"));
  const auto shown = server.pawl({"show", record.at("id")});
  check_exit(shown, 0);
  BOOST_TEST(mentions(shown.out, "cannot find the till"));
  const auto instance = "instance-" + record.at("id").get<std::string>() + "-1";
  BOOST_TEST(eventually([&] { return !server.jobs().contains(instance); }));
}

// Fault: F28; hits: instance; at: activating; holds: I4.
BOOST_AUTO_TEST_CASE(an_app_that_cannot_start_fails_with_what_it_said) {
  running_server server;
  auto app = unhealthy;
  app.run = "echo where is my engine; exit 9";
  const auto end = begin_deploy(server, app, {"--json"})->wait();
  check_exit(end, 5);
  BOOST_TEST(mentions(record_of(end).at("error").at("details").at("log"), "where is my engine"));
}

// Fault: F13; hits: build; at: releasing; holds: I4.
BOOST_AUTO_TEST_CASE(a_release_command_that_fails_stops_the_deployment) {
  running_server server;
  deploy(server, {.greeting = "one"});
  const auto end = begin_deploy(server,
                                {.greeting = "two",
                                 .rest = "[release]\ncommand = 'echo table is locked; exit 3'\n"},
                                {"--json"})
                       ->wait();
  check_exit(end, 4);
  BOOST_TEST(record_of(end).at("error").at("state") == "releasing");
  BOOST_TEST(mentions(record_of(end).at("error").at("details").at("log"), "table is locked"));
  BOOST_TEST(server.answer_of("shop") == "one");
}

BOOST_AUTO_TEST_CASE(a_mistake_in_the_request_makes_no_deployment) {
  running_server server;
  const auto good = write_app(server.place(), {});
  const auto bad = server.place() / "bad";
  write_text(bad / "pawl.toml", "app = \"shop\"\n[run]\ncomand = \"x\"\n[health]\npath = 3\n");
  const auto told = server.pawl({"deploy", bad.string()});
  check_exit(told, 2);
  BOOST_TEST(mentions(told.err, "command")); // the nearest known key
  BOOST_TEST(mentions(told.err, "path"));    // and the other problem too
  write_text(server.place() / "empty" / "README", "nothing to run");
  for (const auto& command :
       {words{"deploy", (server.place() / "empty").string()}, words{"deploy", "/nonexistent"},
        words{"deploy", good, "-a", "Shop!"}, words{"deploy", good, "-C", "no_such"},
        words{"deploy", good, "--request-id", "a b"},
        words{"deploy", good, "--queue", "--supersede"}, words{"rollback", "one", "-a", "shop"},
        words{"nonsense"}}) {
    const auto end = server.pawl(command);
    BOOST_TEST(end.status == 2, command.back() << " exits with " << end.status << end.err);
    BOOST_TEST(!end.err.empty());
  }
  check_exit(server.pawl({"deploy", good, "-C", "moon"}), 10);
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_reached_is_told_with_exit_11) {
  running_server server;
  server.stop();
  for (const auto* command : {"status", "history", "apps"}) {
    const auto end = server.pawl({command, "--json"});
    check_exit(end, 11);
    BOOST_TEST(document_of(end).at("error").at("code") == "unavailable");
    BOOST_TEST(mentions(end.err, server.socket().string()));
  }
  check_exit(server.pawl({"deploy", write_app(server.place(), {})}), 11);
}

BOOST_AUTO_TEST_CASE(control_characters_of_a_build_do_not_reach_a_terminal) {
  running_server server;
  const sample_app noisy{.build = "printf 'red \\033[31malert\\007 \\235 \\302\\233 end\\n'"};
  const auto end = begin_deploy(server, noisy)->wait();
  check_exit(end, 0);
  BOOST_TEST(mentions(end.out, "alert"));
  for (const auto* text : {&end.out, &end.err}) {
    BOOST_TEST(!mentions(*text, "\033"));
    BOOST_TEST(!mentions(*text, "\007"));
    BOOST_TEST(!mentions(*text, "\302\233"));
    BOOST_TEST(!mentions(*text, "\235"));
  }
  const auto id = lane_of(server).at("active").at("id").get<std::string>();
  const auto lines = lines_of(server.pawl({"attach", id, "--jsonl"}).out);
  BOOST_TEST(lines.back().at("deployment").at("state") == "active");
}

// Fault: F30; hits: machine; at: start; holds: I11.
BOOST_AUTO_TEST_CASE(a_second_server_on_the_same_data_is_refused) {
  running_server server;
  const auto end = run_pawld(server, "--config",
                             "data_dir = \"data\"\n[listen]\nsocket = \"other.sock\"\n"
                             "[router]\nkind = \"none\"\n");
  BOOST_TEST(end.status != 0);
  BOOST_TEST(mentions(end.err, (server.data() / "store").string()), end.err);
  BOOST_TEST(mentions(end.err, "another"), end.err);
  BOOST_TEST(server.listens());
  deploy(server, {});
}

BOOST_AUTO_TEST_CASE(a_configuration_is_checked_and_every_problem_is_told) {
  running_server server;
  const auto bad = run_pawld(server, "--check-config",
                             "data_dir = 3\n[router]\nkind = \"nginx\"\n"
                             "[cluster.Local]\n[limits]\nuplod_bytes = \"1G\"\n");
  BOOST_TEST(bad.status == 2);
  for (const auto* problem : {"data_dir", "nginx", "Local", "upload_bytes"})
    BOOST_TEST(mentions(bad.err, problem), problem << " is not told:\n" << bad.err);
  BOOST_TEST(run_pawld(server, "--config", "[router]\nkind = \"nginx\"\n").status == 2);
  const auto good = server.begin_pawld("--check-config", server.place() / "pawld.toml")->wait();
  BOOST_TEST(good.status == 0);
  check_exit(run_pawld(server, "--check-config", ""), 0); // everything has a default
  BOOST_TEST(server.begin_pawld("--check-config", "/nonexistent.toml")->wait().status == 2);
  BOOST_TEST(
      mentions(server.begin_pawld("--check-config", server.place())->wait().err, "cannot be read"));
}

BOOST_AUTO_TEST_CASE(a_configuration_that_is_checked_to_be_good_is_one_that_starts) {
  running_server server;
  write_text(server.place() / "file", "no directory");
  for (const auto* text :
       {"[router]\nlisten = \"localhost:7480\"\n", "[router]\nlisten = \"*:7480\"\n",
        "data_dir = \"file\"\n", "data_dir = \"file/data\"\n", "[listen]\nsocket = \"file\"\n",
        "[listen]\nsocket = \"data\"\n", "[router]\ntrusted_proxies = [\"10.0.0.1/8\"]\n"}) {
    const auto checked = run_pawld(server, "--check-config", text);
    const auto started = run_pawld(server, "--config", text);
    BOOST_TEST(checked.status == 2, text);
    BOOST_TEST(started.status == 2, text);
    BOOST_TEST(started.err == checked.err);
  }
}

// The router of this start neither runs nor ends.
BOOST_AUTO_TEST_CASE(a_start_that_hangs_ends_when_it_is_told_to) {
  running_server server;
  check_exit(server.stop(), 0);
  server.end_everything();
  const auto program = server.place() / "hanging" / "haproxy";
  const auto hangs = server.place() / "it-hangs";
  std::filesystem::create_directories(program.parent_path());
  write_text(program, fmt::format("#!/usr/bin/perl\nuse POSIX;\nopen F, '>', '{}';\n"
                                  "POSIX::pause() while 1;\n",
                                  hangs.string()));
  BOOST_REQUIRE(::chmod(program.c_str(), 0755) == 0);
  server.set_environment({{"PATH", program.parent_path().string() + ":/usr/bin:/bin"}});
  const auto starting = server.begin_pawld("--config", server.place() / "pawld.toml");
  BOOST_REQUIRE(eventually([&] { return std::filesystem::exists(hangs); }));
  starting->signal(SIGTERM);
  check_exit(starting->wait(std::chrono::seconds{10}), 0);
  BOOST_TEST(!server.listens());
}

// An app's environment is where it keeps what nobody else may know.
// Fault: F27; hits: instance; at: activating; holds: I14.
BOOST_AUTO_TEST_CASE(the_environment_of_an_app_is_in_no_record_message_or_argument) {
  const std::string secret = "s3cret-canary";
  running_server server;
  const std::string first = deploy(server, {.greeting = secret}).at("id");
  BOOST_TEST(server.answer_of("shop") == secret); // the app has it
  const auto failed =
      begin_deploy(server,
                   {.greeting = secret,
                    .run = "exec env UNHEALTHY=1 perl serve.pl",
                    .health = "path = \"/healthz\"\ninterval = \"50ms\"\ndeadline = \"300ms\"\n"},
                   {"--json"})
          ->wait();
  BOOST_TEST(failed.status != 0);
  std::string told = failed.out + failed.err + server.log();
  for (const words& question :
       {words{"history", "--json"}, words{"status", "--json"},
        words{"versions", "-a", "shop", "--json"}, words{"show", first, "--json"},
        words{"attach", first, "--jsonl"}, words{"logs", "-a", "shop"}})
    told += server.pawl(question).out;
  BOOST_TEST(!mentions(told, secret), told);
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"})
    BOOST_TEST(!mentions(read_text(entry.path() / "cmdline"), secret), entry.path());
}

BOOST_AUTO_TEST_CASE(the_socket_is_its_owners_alone) {
  running_server server;
  struct stat found {};
  BOOST_REQUIRE(::stat(server.socket().c_str(), &found) == 0);
  BOOST_TEST((found.st_mode & 0777U) == 0600U);
  BOOST_REQUIRE(::stat((server.data() / "store").c_str(), &found) == 0);
  BOOST_TEST((found.st_mode & 0077U) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
