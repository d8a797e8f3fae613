#include "engines/process/process_engine.hpp"

#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(process_engine_builds)

BOOST_FIXTURE_TEST_CASE(this_machine_can_do_what_the_engine_needs, engine_fixture) {
  BOOST_TEST(message_of(engine->check()) == "");
}

BOOST_FIXTURE_TEST_CASE(a_build_runs_in_its_tree_and_its_output_comes_line_by_line,
                        engine_fixture) {
  auto built = build("d1", {{"hello.txt", "hi\n"}}, "cat hello.txt; echo two >&2; pwd > where");
  BOOST_TEST_REQUIRE(message_of(built) == "");
  BOOST_TEST(has_line("stdout", "hi"));
  BOOST_TEST(has_line("stderr", "two"));
  auto pushed = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  BOOST_TEST(read(release(pushed->digest) / "where") == "/app\n");
}

BOOST_FIXTURE_TEST_CASE(a_build_runs_in_the_folder_that_is_its_root, engine_fixture) {
  auto what = job("d1", "pwd > where; ls /app > all");
  what.settings.build.root = "apps/api";
  auto built = engine_fixture::build(what, {{"apps/api/a.txt", ""}, {"other.txt", ""}});
  BOOST_TEST_REQUIRE(message_of(built) == "");
  auto pushed = engine->push(what, {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  BOOST_TEST(read(release(pushed->digest) / "apps/api/where") == "/app/apps/api\n");
  BOOST_TEST(read(release(pushed->digest) / "apps/api/all") == "apps\nother.txt\n");
}

BOOST_FIXTURE_TEST_CASE(a_release_command_runs_in_that_folder_too, engine_fixture) {
  auto spec = app("d1", {{"apps/api/a.txt", ""}}, "true");
  spec.settings.build.root = "apps/api";
  spec.settings.release.command = "pwd";
  auto ran = engine->run_release(
      spec,
      [this](std::string_view stream, std::string_view line) { lines.emplace_back(stream, line); },
      {});
  BOOST_TEST_REQUIRE(message_of(ran) == "");
  BOOST_TEST(has_line("stdout", "/app/apps/api"));
}

BOOST_FIXTURE_TEST_CASE(a_failing_build_gives_its_command_and_its_exit_status, engine_fixture) {
  auto built = build("d1", {}, "exit 7");
  BOOST_TEST_REQUIRE(code_of(built) == "build_failed");
  BOOST_TEST(built.error().details.at("exit_status") == "7");
  BOOST_TEST(built.error().message.find("exit 7") != std::string::npos);
  BOOST_TEST(code_of(engine->push(job("d1", ""), {})) == "not_found");
}

BOOST_FIXTURE_TEST_CASE(without_a_build_command_the_source_is_the_release, engine_fixture) {
  BOOST_TEST_REQUIRE(message_of(build("d1", {{"a/b.txt", "b"}}, "")) == "");
  auto pushed = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  BOOST_TEST(read(release(pushed->digest) / "a/b.txt") == "b");
  BOOST_TEST(pushed->bytes == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_output_arrives_whole, engine_fixture) {
  BOOST_TEST_REQUIRE(message_of(build("d1", {}, "seq 200000")) == "");
  BOOST_TEST_REQUIRE(lines.size() == 200'000U);
  BOOST_TEST(lines.back().second == "200000");
}

BOOST_FIXTURE_TEST_CASE(an_endless_line_is_cut, engine_fixture) {
  BOOST_TEST_REQUIRE(
      message_of(build("d1", {}, "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end")) == "");
  std::size_t bytes = 0;
  for (const auto& [stream, line] : lines) {
    BOOST_TEST(line.size() <= limits::log_line_bytes);
    bytes += line.size();
  }
  BOOST_TEST(bytes == 100'003U);
  BOOST_TEST(lines.back().second == "end");
}

BOOST_FIXTURE_TEST_CASE(a_build_that_forks_without_end_meets_its_limit, engine_fixture) {
  if (!sandbox_host{config}.groups().usable())
    return;
  config.build_processes = 40;
  open();
  auto built = build("d1", {}, "for i in $(seq 100); do sleep 60 & done; wait");
  BOOST_TEST_REQUIRE(code_of(built) == "build_failed");
  BOOST_TEST(built.error().details.at("reason") == "processes");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_build_that_takes_too_much_memory_is_told_so, engine_fixture) {
  if (!sandbox_host{config}.groups().usable())
    return;
  config.build_memory_bytes = 64 * limits::mib;
  open();
  auto built = build("d1", {}, "exec perl -e '$x = \"a\" x 500_000_000; print length $x'");
  BOOST_TEST_REQUIRE(code_of(built) == "build_failed");
  BOOST_TEST(built.error().details.at("reason") == "memory");
  BOOST_TEST(built.error().message.find("64 MiB") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_build_past_its_timeout_is_ended_with_all_it_started, engine_fixture) {
  auto what = job("d1", "setsid sleep 1000 & nohup sleep 1000 & sleep 1000");
  what.settings.build.timeout = 300ms;
  BOOST_TEST(code_of(build(what, {})) == "timed_out");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_build_leaves_nothing_running, engine_fixture) {
  std::stop_source stop;
  write_source("d1", {});
  auto built = engine->build(
      job("d1", "trap '' TERM; setsid sleep 1000 & echo started; sleep 1000"),
      [&](auto, auto) { stop.request_stop(); }, stop.get_token());
  BOOST_TEST(code_of(built) == "cancelled");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(nothing_of_a_build_is_left_when_its_server_was_killed, engine_fixture) {
  write_source("d1", {});
  engine.reset(); // one engine at a time, and no thread across the fork
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  auto server_process = ::fork();
  if (server_process == 0) {
    process_engine other{config};
    auto built =
        other.build(job("d1", "setsid sleep 1000 & echo up; sleep 1000"),
                    [&](auto, auto) { [[maybe_unused]] auto sent = ::write(ends[1], "x", 1); }, {});
    ::_exit(built ? 0 : 1);
  }
  ::close(ends[1]);
  char up = 0;
  BOOST_TEST_REQUIRE(::read(ends[0], &up, 1) == 1);
  ::close(ends[0]);
  ::kill(server_process, SIGKILL);
  ::waitpid(server_process, nullptr, 0);
  open();
  BOOST_TEST(engine->list()->empty());
  BOOST_TEST(processes() == 0U);
  BOOST_TEST(sandbox_host{config}.jobs_found().empty());
  BOOST_TEST(message_of(build("d1", {}, "true")) == "");
}

BOOST_FIXTURE_TEST_CASE(what_a_build_left_in_the_background_is_ended, engine_fixture) {
  BOOST_TEST(message_of(build("d1", {}, "setsid sleep 1000 & echo done")) == "");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_build_without_network_sees_none, engine_fixture) {
  auto what = job("d1", "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '");
  what.settings.build.network = false;
  BOOST_TEST_REQUIRE(message_of(build(what, {})) == "");
  BOOST_TEST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(lines.front().second == "lo");
}

BOOST_FIXTURE_TEST_CASE(a_build_writes_and_reads_nothing_outside_its_tree, engine_fixture) {
  auto secret = home.path() / "secret";
  write_file(secret, "canary");
  std::filesystem::permissions(secret, std::filesystem::perms::all);
  auto command = "cat " + secret.string() + " 2>&1 && exit 9; echo x > " + secret.string() +
                 " 2>/dev/null && exit 8; echo x > /usr/x 2>/dev/null && exit 7; "
                 "ls " +
                 home.path().string() +
                 " 2>/dev/null && exit 6; "
                 "mount -t tmpfs none /mnt 2>/dev/null && exit 5; "
                 "unshare -U true 2>/dev/null && exit 4; exit 0";
  BOOST_TEST(message_of(build("d1", {}, command)) == "");
  BOOST_TEST(read(secret) == "canary");
}

BOOST_FIXTURE_TEST_CASE(a_build_neither_sees_nor_reaches_another_build, engine_fixture) {
  BOOST_TEST_REQUIRE(message_of(build("d1", {{"secret.txt", "s"}}, "true")) == "");
  std::size_t seen = 99;
  write_source("d2", {});
  auto outer = engine->build(job("d2", "echo up; sleep 0.1; ls /proc | grep -c '^[0-9]'; find / "
                                       "-name secret.txt 2>/dev/null; true"),
                             [&](auto, std::string_view line) {
                               if (line == "up")
                                 seen = processes();
                               BOOST_TEST(line.find("secret") == std::string_view::npos);
                             },
                             {});
  BOOST_TEST(message_of(outer) == "");
  BOOST_TEST(seen == 2U); // bubblewrap outside, and the first process of the namespace
}

BOOST_FIXTURE_TEST_CASE(a_build_knows_what_it_builds_and_nothing_of_the_server, engine_fixture) {
  ::setenv("PAWL_TEST_SECRET", "s3cret", 1);
  BOOST_TEST_REQUIRE(message_of(build("d1", {}, "env")) == "");
  ::unsetenv("PAWL_TEST_SECRET");
  BOOST_TEST(has_line("stdout", "PAWL_APP=shop"));
  BOOST_TEST(has_line("stdout", "PAWL_DEPLOYMENT=d1"));
  BOOST_TEST(has_line("stdout", "CI=true"));
  for (const auto& [stream, line] : lines)
    BOOST_TEST(line.find("s3cret") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_build_is_found_by_push_after_a_restart, engine_fixture) {
  BOOST_TEST_REQUIRE(message_of(build("d1", {{"a", "1"}}, "echo 2 > b")) == "");
  open();
  auto pushed = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  open();
  auto again = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(again) == "");
  BOOST_TEST(again->digest == pushed->digest);
  BOOST_TEST(again->bytes == pushed->bytes);
}

BOOST_FIXTURE_TEST_CASE(equal_trees_are_one_release_and_others_are_not, engine_fixture) {
  const files tree{{"a", "1"}, {"b/c", "2"}};
  std::set<std::string> digests;
  for (const std::string id : {"d1", "d2"}) {
    BOOST_TEST_REQUIRE(message_of(build(id, tree, "")) == "");
    digests.insert(engine->push(job(id, ""), {})->digest);
  }
  BOOST_TEST(digests.size() == 1U);
  for (const auto& [id, command] :
       files{{"d3", "chmod +x a"}, {"d4", "mv a aa"}, {"d5", "rm a; ln -s b a"}}) {
    BOOST_TEST_REQUIRE(message_of(build(id, tree, command)) == "");
    digests.insert(engine->push(job(id, ""), {})->digest);
  }
  BOOST_TEST(digests.size() == 4U);
  for (const auto& digest : digests)
    BOOST_TEST(std::filesystem::is_directory(release(digest)));
}

BOOST_FIXTURE_TEST_CASE(an_artifact_is_readable_and_without_privileged_bits, engine_fixture) {
  auto built = build("d1", {},
                     "umask 077; echo x > file; cp /bin/true tool; chmod 6755 tool; mkfifo pipe; "
                     "mkdir shut; echo y > shut/in; chmod 000 shut file; ln -s /etc/passwd link");
  BOOST_TEST_REQUIRE(message_of(built) == "");
  auto pushed = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  auto mode = [&](const std::string& name) {
    struct stat about {};
    BOOST_TEST_REQUIRE(::lstat((release(pushed->digest) / name).c_str(), &about) == 0);
    BOOST_TEST(about.st_uid == ::geteuid());
    return about.st_mode & 07777U;
  };
  BOOST_TEST(mode("file") == 0644U);
  BOOST_TEST(mode("tool") == 0755U);
  BOOST_TEST(mode("shut") == 0755U);
  BOOST_TEST(mode("shut/in") == 0644U);
  BOOST_TEST(std::filesystem::is_symlink(release(pushed->digest) / "link"));
  BOOST_TEST(!std::filesystem::exists(release(pushed->digest) / "pipe"));
}

BOOST_FIXTURE_TEST_CASE(discard_removes_what_a_build_left_and_no_artifact, engine_fixture) {
  BOOST_TEST_REQUIRE(message_of(build("d1", {{"a", "1"}}, "mkdir -p x/y; chmod 500 x")) == "");
  auto pushed = engine->push(job("d1", ""), {});
  BOOST_TEST_REQUIRE(message_of(pushed) == "");
  engine->discard("d1");
  BOOST_TEST(!std::filesystem::exists(home.path() / "builds" / "d1"));
  BOOST_TEST(std::filesystem::exists(release(pushed->digest)));
}

BOOST_FIXTURE_TEST_CASE(a_source_that_breaks_a_rule_is_not_built, engine_fixture) {
  write_file(home.path() / "d1.tar", tar_writer{}.file("../x", "y").whole());
  BOOST_TEST(code_of(engine->build(job("d1", "true"), [](auto, auto) {}, {})) ==
             "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(process_engine_release_commands)

BOOST_FIXTURE_TEST_CASE(a_release_command_runs_in_the_artifact, engine_fixture) {
  auto spec = app("d1", {{"a", "1"}}, "");
  spec.settings.run.env["COLOUR"] = "blue";
  spec.settings.release.command = "cat a; echo; echo $COLOUR $PAWL_VERSION; echo x > a";
  std::vector<std::string> printed;
  auto ran = engine->run_release(
      spec, [&](auto, std::string_view line) { printed.emplace_back(line); }, {});
  BOOST_TEST(code_of(ran) == "release_failed"); // the artifact cannot be written
  BOOST_TEST_REQUIRE(printed.size() >= 2U);
  BOOST_TEST(printed[0] == "1");
  BOOST_TEST(printed[1] == "blue v1");
  spec.settings.release.command = "true";
  BOOST_TEST(message_of(engine->run_release(spec, [](auto, auto) {}, {})) == "");
}

BOOST_FIXTURE_TEST_CASE(a_volume_that_a_crash_left_without_its_owner_can_be_written,
                        engine_fixture) {
  std::filesystem::create_directories(home.path() / "volumes/shop/local/data");
  auto spec = app("d1", {{"a", "1"}}, "");
  spec.settings.volumes["data"] = {"/data"};
  spec.settings.release.command = "echo x > /data/written";
  BOOST_TEST(message_of(engine->run_release(spec, [](auto, auto) {}, {})) == "");
}

BOOST_FIXTURE_TEST_CASE(no_option_can_be_smuggled_in_through_the_environment, engine_fixture) {
  auto spec = app("d1", {{"a", "1"}}, "");
  spec.settings.run.env["X"] = std::string{"x\0--bind\0/\0/host", 16};
  spec.settings.release.command = "test -d /host";
  BOOST_TEST(code_of(engine->run_release(spec, [](auto, auto) {}, {})) == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()
