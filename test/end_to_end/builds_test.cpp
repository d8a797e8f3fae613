// Builds that misbehave: bounded in time, processes, memory and words; each failure says why.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

std::uint64_t peak_kib(pid_t pid) {
  const auto status = read_text("/proc/" + std::to_string(pid) + "/status");
  const auto at = status.find("VmHWM:");
  return at == std::string::npos ? 0 : std::stoull(status.substr(at + 6));
}

json failed(running_server& server, const sample_app& app, int status) {
  const auto end = begin_deploy(server, app, {"--json"})->wait();
  check_exit(end, status);
  const auto record = record_of(end);
  const auto job = "build-" + record.at("id").get<std::string>();
  BOOST_TEST(eventually([&] { return !server.jobs().contains(job); }), job << " is left");
  return record;
}

// An app whose [build] has a further key.
sample_app with_timeout(const std::string& build) {
  return {.build = build, .build_settings = "timeout = \"1s\""};
}

std::vector<json> events_of(running_server& server, const json& record) {
  return lines_of(server.pawl({"attach", record.at("id"), "--jsonl"}).out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(builds_test)

// Fault: F26; hits: build; at: building; holds: I5.
BOOST_AUTO_TEST_CASE(a_build_that_hangs_is_ended_after_its_timeout) {
  running_server server;
  const auto record = failed(
      server, with_timeout("(setsid sleep 1000 &); trap \"\" TERM; while :; do sleep 1; done"), 11);
  BOOST_TEST(record.at("error").at("code") == "timed_out");
  BOOST_TEST(mentions(record.at("error").at("message"), "1 s"), record.at("error").dump());
}

// Fault: F21 F26; hits: build; at: building; holds: I9.
BOOST_AUTO_TEST_CASE(a_build_that_forks_without_end_fails_and_takes_nobody_along) {
  running_server server;
  deploy(server, {.name = "blog", .greeting = "news"});
  const auto record =
      failed(server,
             {.build = "perl -e 'for (1 .. 2000) { defined(my $p = fork) or die \"no more\\n\"; "
                       "$p or do { sleep 100; exit } }'; exit 1"},
             3);
  BOOST_TEST(record.at("error").at("code") == "build_failed");
  BOOST_TEST(server.answer_of("blog") == "news");
}

BOOST_AUTO_TEST_CASE(a_build_that_fills_its_quota_of_the_disk_is_ended) {
  running_server server("[limits]\nbuild_disk = \"8M\"\n");
  deploy(server, {.greeting = "one"});
  const auto record = failed(
      server, {.greeting = "two", .build = "head -c 20000000 /dev/zero > big; sleep 1000"}, 11);
  BOOST_TEST(record.at("error").at("code") == "resource_exhausted");
  BOOST_TEST(mentions(record.at("error").at("message"), "build_disk"));
  BOOST_TEST(server.answer_of("shop") == "one");
  const auto left = server.data() / "builds" / record.at("id").get<std::string>();
  BOOST_TEST(eventually([&] { return !std::filesystem::exists(left); }));
}

BOOST_AUTO_TEST_CASE(a_build_that_kills_its_parent_ends_itself_only) {
  running_server server;
  const auto record = failed(server, {.build = "kill -9 -1; kill -9 $PPID; kill -9 1; exit 6"}, 3);
  BOOST_TEST(record.at("error").at("code") == "build_failed");
  BOOST_TEST(deploy(server, {}).at("state") == "active");
}

// Fault: F25; hits: build; at: building; holds: I9.
BOOST_AUTO_TEST_CASE(a_flood_is_cut_at_the_journals_limit_and_told) {
  running_server server;
  const auto before = peak_kib(server.server().pid());
  const auto record = failed(
      server,
      {.build = "perl -e '$l = (\"x\" x 1023) . \"\\n\"; print $l x 1024 for 1 .. 300'; exit 1"},
      3);
  if (memory_can_be_measured)
    BOOST_TEST(peak_kib(server.server().pid()) < before + 48 * 1024);
  std::uint64_t bytes = 0;
  bool told = false;
  for (const auto& event : events_of(server, record)) {
    if (event.at("event") == "log")
      bytes += event.at("line").get<std::string>().size();
    told = told || (event.at("event") == "warning" && mentions(event.at("message"), "lines"));
  }
  BOOST_TEST(bytes <= 17U * 1024 * 1024);
  BOOST_TEST(bytes >= 15U * 1024 * 1024);
  BOOST_TEST(told);
}

// Fault: F25; hits: build; at: building; holds: I9.
BOOST_AUTO_TEST_CASE(an_endless_line_and_bytes_of_any_kind_become_valid_events) {
  running_server server;
  const auto record = failed(
      server,
      {.build =
           "head -c 1000000 /dev/zero | tr \"\\\\0\" x; printf \"\\\\n\\\\377\\\\376 caf\\\\351 "
           "\\\\033[2J\\\\n\"; exit 1"},
      3);
  std::uint64_t bytes = 0;
  bool odd = false;
  for (const auto& event : events_of(server, record)) {
    if (event.at("event") != "log")
      continue;
    const std::string line = event.at("line");
    BOOST_TEST(line.size() <= 8U * 1024);
    bytes += line.size();
    odd = odd || mentions(line, "\xEF\xBF\xBD caf");
  }
  BOOST_TEST(bytes >= 1'000'000U);
  BOOST_TEST(odd);
}

BOOST_AUTO_TEST_SUITE_END()
