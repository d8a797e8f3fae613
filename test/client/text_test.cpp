#include "client/terminal/text_records.hpp"

#include "client/exit_status.hpp"
#include "client/terminal/narrator.hpp"
#include "client/terminal/text_plan.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"
#include "test/client/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;
using pawl::test::failed_deployment;
using pawl::test::sample_deployment;
using pawl::test::sample_time;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(times_are_written_and_read) {
  BOOST_TEST(format_time(sample_time) == "2026-01-02T03:04:05.678Z");
  BOOST_TEST(parse_time("2026-01-02T03:04:05.678Z", {}) == sample_time);
  BOOST_TEST(parse_time("2026-01-02T05:04:05.678+02:00", {}) == sample_time);
  BOOST_TEST(parse_time("2026-01-02", {}) ==
             timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}});
  BOOST_TEST(parse_time("2h", sample_time) == (sample_time - 2h));
  for (auto wrong : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-01-02T03:04:05",
                     "2026-01-02T25:00:00Z", "2026-01-02T03:04:05.Z", "2026-01-02x", "2 h"})
    BOOST_TEST(!parse_time(wrong, sample_time).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(ages_are_rough_and_durations_exact) {
  BOOST_TEST(ago(sample_time, sample_time + 3s) == "just now");
  BOOST_TEST(ago(sample_time, sample_time - 3s) == "just now");
  BOOST_TEST(ago(sample_time, sample_time + 59s) == "59 s ago");
  BOOST_TEST(ago(sample_time, sample_time + 5min) == "5 min ago");
  BOOST_TEST(ago(sample_time, sample_time + 30h) == "30 h ago");
  BOOST_TEST(ago(sample_time, sample_time + 24h * 100) == "2026-01-02");
  BOOST_TEST(elapsed(400ms) == "0.4 s");
  BOOST_TEST(elapsed(200s) == "3 min 20 s");
}

BOOST_AUTO_TEST_CASE(the_exit_status_is_that_of_the_record) {
  auto d = sample_deployment();
  BOOST_TEST(exit_status(outcome_error(d)) == 0);
  d.state = state::retired;
  BOOST_TEST(exit_status(outcome_error(d)) == 0);
  BOOST_TEST(exit_status(outcome_error(failed_deployment())) == 3);
  d.state = state::cancelled;
  BOOST_TEST(exit_status(outcome_error(d)) == 8);
  d.error = failure{errc::superseded, "s", {}, state::building};
  BOOST_TEST(exit_status(outcome_error(d)) == 7);
  d.error = {};
  d.state = state::superseded;
  BOOST_TEST(exit_status(outcome_error(d)) == 7);
}

BOOST_AUTO_TEST_CASE(every_code_has_the_exit_status_of_the_contract) {
  const std::map<std::string_view, int> contract{{"invalid_argument", 2},
                                                 {"too_large", 2},
                                                 {"build_failed", 3},
                                                 {"release_failed", 4},
                                                 {"unhealthy", 5},
                                                 {"in_flight", 6},
                                                 {"invalid_transition", 6},
                                                 {"too_late", 6},
                                                 {"frozen", 6},
                                                 {"superseded", 7},
                                                 {"cancelled", 8},
                                                 {"unauthenticated", 9},
                                                 {"permission_denied", 9},
                                                 {"not_found", 10},
                                                 {"unavailable", 11},
                                                 {"timed_out", 11},
                                                 {"resource_exhausted", 11},
                                                 {"data_corruption", 12},
                                                 {"internal", 12}};
  BOOST_TEST(contract.size() == error_table.size());
  for (const auto& row : error_table)
    BOOST_TEST(exit_status(error{row.code, "", {}}) == contract.at(row.name));
}

BOOST_AUTO_TEST_CASE(a_url_and_a_command_are_whole_on_a_narrow_terminal) {
  protocol::lane_view lane{"shop", "local", sample_deployment(), {}, {}, {}, {}};
  lane.in_flight = sample_deployment();
  lane.in_flight->state = state::building;
  const auto wide = lanes_text({{lane}, {}}, {}, {.columns = 200});
  BOOST_TEST(wide.find("  url        http://shop.localhost:7480/\n") != std::string::npos, wide);
  const auto narrow = lanes_text({{lane}, {}}, {}, {.columns = 30});
  BOOST_TEST(narrow.find("  url\nhttp://shop.localhost:7480/\n") != std::string::npos, narrow);
  BOOST_TEST(narrow.find("\npawl attach " + sample_deployment().id + "\n") != std::string::npos,
             narrow);
}

BOOST_AUTO_TEST_CASE(a_plan_says_what_a_rollback_finds_and_how_long_it_should_take) {
  protocol::planned plan{"shop", "local", version_number{2}, version_number{1}, "d"};
  plan.instances = 1;
  const std::string next = "to do it: pawl rollback v1 -a shop -C local\n";
  BOOST_TEST(plan_text(plan, {}) ==
             "shop in local would go from v2 to v1 (built by deployment d); nothing was changed\n"
             "1 instance cold: started, checked and switched to\n" +
                 next);
  plan.instances = 2;
  plan.readiness = readiness::warm;
  plan.expected_ms = 12;
  BOOST_TEST(plan_text(plan, {}).find(
                 "2 instances warm: one check and one switch; expected to take 12 ms\n") !=
             std::string::npos);
  plan.expected_ms = 2500;
  BOOST_TEST(plan_text(plan, {}).find("expected to take 2.5 s\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_status_and_the_versions_say_what_is_warm) {
  protocol::lane_view lane{"shop", "local", sample_deployment(), {}, {}, {}, {}};
  lane.warm = {{version_number{1}, timestamp{} + std::chrono::seconds{90}}};
  const auto status = lanes_text({{lane}, {}}, {}, {});
  BOOST_TEST(status.find("  warm       v1, for 1 min 30 s more\n") != std::string::npos, status);
  protocol::version_view version{"shop", version_number{1}, "sha256:1", {}, "d"};
  for (auto how : {readiness::warm, readiness::cold, readiness::gone}) {
    version.readiness = how;
    const auto versions = versions_text({{version}, {}}, {}, {});
    BOOST_TEST(versions.find(to_string(how)) != std::string::npos, versions);
  }
}

BOOST_AUTO_TEST_CASE(a_verdict_says_what_to_type_next) {
  BOOST_TEST(verdict_text(sample_deployment(), {}) == "✓ shop v3 is active in local, 2.0 s\n"
                                                      "  http://shop.localhost:7480/\n"
                                                      "  next: pawl status -a shop -C local\n");
  const std::string failed = "✗ shop did not go live in local: build_failed while building\n"
                             "  make: *** [all] Error 2\n"
                             "  exit_status: 2\n";
  const std::string advice = "  to see the whole log: pawl attach 7kq2m4x8v0abcdef\n";
  BOOST_TEST(verdict_text(failed_deployment(), {}) == failed + advice);
  protocol::lane_view lane{"shop", "local", sample_deployment(), {}, {}, {}, {}};
  BOOST_TEST(verdict_text(failed_deployment(), {}, false, &lane) ==
             failed + "  v3 serves in local, by deployment " + sample_deployment().id + "\n" +
                 advice);
  lane.active.reset();
  BOOST_TEST(verdict_text(failed_deployment(), {}, false, &lane) ==
             failed + "  nothing serves in local yet\n" + advice);
}

BOOST_AUTO_TEST_CASE(the_commit_of_an_earlier_version_is_no_reason_for_a_rollback) {
  auto d = sample_deployment();
  d.message.clear();
  const auto listed = [&] { return history_text({{d}, std::nullopt}, sample_time, {}); };
  BOOST_TEST(listed().find("Fix the cart") != std::string::npos);
  d.operation = operation::rollback;
  BOOST_TEST(listed().find("Fix the cart") == std::string::npos, listed());
  d.message = "It was slow";
  BOOST_TEST(listed().find("It was slow") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_log_of_a_failure_is_shown_without_its_colours) {
  auto d = failed_deployment();
  d.error->details = {{"log", "\x1b[31mone\x1b[0m\ntwo\x1b[2J"}};
  const auto text = verdict_text(d, {});
  BOOST_TEST(text.find("    one\n    two\\x1b[2J\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(an_unhealthy_deployment_says_where_all_of_its_output_is) {
  auto d = failed_deployment();
  d.error->code = errc::unhealthy;
  BOOST_TEST(verdict_text(d, {}).find("pawl logs " + d.id) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_detail_that_the_message_says_is_not_said_again) {
  auto d = failed_deployment();
  d.error->message = "cancelled by root after 9 s";
  d.error->details = {{"by", "root"}, {"signal", "9"}, {"step", "root certificate"}};
  const auto text = verdict_text(d, {});
  BOOST_TEST(text.find("by: root") == std::string::npos, text);
  BOOST_TEST(text.find("  signal: 9\n  step: root certificate\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(nothing_that_people_wrote_reaches_the_terminal_unescaped) {
  const std::string evil = "x\x1b]0;title\x07\x9b"
                           "2J";
  auto d = failed_deployment();
  d.by = d.message = d.error->message = evil;
  d.error->details = {{evil, evil + "\n" + evil}};
  d.git = git_facts{evil, evil, evil, evil, evil, {}, evil, false};
  d.urls = {evil};
  d.source = source_facts{evil, 1, 1};
  std::string all =
      deployment_text(d, sample_time, {}) + verdict_text(d, {}) +
      history_text({{d}, evil}, sample_time, {}) +
      lanes_text({{{evil, evil, d, {{evil, evil, evil}}, d, {d}, {}}}}, sample_time, {}) +
      versions_text({{{evil, {1}, evil, {}, "d", {evil}, true}}}, sample_time, {}) +
      apps_text({{{evil, {evil}}}}, {}) + clusters_text({{{evil, evil, when_busy::queue}}}, {}) +
      plan_text({evil, evil, {}, {1}, evil}, {}) +
      error_text({errc::internal, evil + "\n" + evil, {{evil, evil}}}, {});
  narrator tells{[&](std::string_view text) { all += text; }, {}};
  tells.accepted(d);
  for (const auto& body : std::initializer_list<event_body>{
           log_event{evil, evil, evil}, health_event{evil, false, evil}, warning_event{evil},
           progress_event{evil, 1, 2, evil}, state_event{state::failed, d.error}})
    tells.seen({1, {}, body});
  for (char c : {'\x1b', '\x07', '\x9b'})
    BOOST_TEST(all.find(c) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_deployment_that_had_ended_before_it_was_asked_for_is_told_first) {
  const auto told = [](state s) {
    std::string all;
    narrator tells{[&](std::string_view text) { all += text; }, {}};
    auto d = failed_deployment();
    d.state = s;
    tells.accepted(d);
    return all;
  };
  BOOST_TEST(told(state::failed).starts_with("! request id r1 belongs to deployment"));
  BOOST_TEST(told(state::failed).find("ended as failed") < told(state::failed).find("deploying"));
  BOOST_TEST(told(state::active).find("went live") < told(state::active).find("deploying"));
  BOOST_TEST(told(state::preparing).starts_with("deploying"));
}

BOOST_AUTO_TEST_CASE(each_step_that_ended_is_one_line) {
  std::string all;
  narrator tells{[&](std::string_view text) { all += text; }, {}};
  auto at = sample_time;
  std::uint64_t seq = 0;
  auto see = [&](event_body body, duration later = 0ms) {
    at += later;
    tells.seen({++seq, at, std::move(body)});
  };
  see(state_event{state::preparing, {}});
  see(progress_event{"upload", 5, 10, "bytes"});
  see(state_event{state::building, {}}, 500ms);
  see(log_event{"build", "stdout", "compiling"});
  see(state_event{state::pushing, {}}, 12s);
  see(state_event{state::activating, {}}, 1s);
  see(health_event{"d-1", false, "refused"});
  see(health_event{"d-1", false, "refused"});
  see(health_event{"d-1", true, "200"});
  see(state_event{state::active, {}}, 2s);
  BOOST_TEST(all == "✓ source received and verified 0.5 s\n"
                    "  build | compiling\n"
                    "✓ built 12 s\n"
                    "✓ version stored 1.0 s\n"
                    "  d-1 not healthy yet: refused\n"
                    "  d-1 healthy: 200\n"
                    "✓ healthy, traffic switched 2.0 s\n");
}

BOOST_AUTO_TEST_CASE(a_table_fits_the_terminal) {
  const std::vector<column> columns{{"ID"}, {"NAME", 2, 4}, {"WHEN", 1}};
  const table_rows all{{"1", "a long name", "now"}, {"22", "你好你好", "2 h ago"}};
  BOOST_TEST(table(columns, all, {}) == "ID  NAME         WHEN\n"
                                        "1   a long name  now\n"
                                        "22  你好你好     2 h ago\n");
  BOOST_TEST(table(columns, all, {.columns = 20}) == "ID  NAME     WHEN\n"
                                                     "1   a long…  now\n"
                                                     "22  你好你…  2 h ago\n");
  BOOST_TEST(table(columns, all, {.columns = 16}) == "ID  NAME\n"
                                                     "1   a long name\n"
                                                     "22  你好你好\n");
  BOOST_TEST(table(columns, all, {.columns = 7}) == "ID\n1\n22\n");
}

BOOST_AUTO_TEST_CASE(no_row_is_wider_than_the_terminal) {
  auto d = sample_deployment();
  d.message = std::string(500, 'm') + "\nsecond line";
  d.by = "a-very-long-name-of-a-person";
  for (std::size_t columns : {20U, 40U, 60U, 80U, 200U}) {
    look how{.columns = columns};
    auto all = history_text({{d}, {}}, sample_time, how) +
               lanes_text({{{"shop", "local", d, {{"d-1", "running", ":80"}}, d, {d}}}},
                          sample_time, how) +
               versions_text({{{"shop", {1}, std::string(71, 'x'), {}, d.id, {"a", "b"}, true}}},
                             sample_time, how);
    BOOST_TEST(all.find("second line") == std::string::npos);
    for (std::size_t begin = 0; begin < all.size(); begin = all.find('\n', begin) + 1) {
      auto line = all.substr(begin, all.find('\n', begin) - begin);
      bool is_copied = line.starts_with("http://") || line.starts_with("pawl attach ");
      BOOST_TEST((is_copied || width(line) <= columns), line);
    }
  }
  BOOST_TEST(history_text({{d}, {}}, sample_time, {}).find(std::string(500, 'm')) !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_lane_says_what_serves_and_what_is_under_way) {
  auto active = sample_deployment();
  auto building = sample_deployment();
  building.id = "b000000000000000";
  building.state = state::building;
  building.version = {};
  building.transitions = {{state::building, sample_time, "ana"}};
  auto queued = building;
  queued.id = "c000000000000000";
  queued.state = state::queued;
  BOOST_TEST(lanes_text({{{"shop",
                           "local",
                           active,
                           {{"d-1", "running", "127.0.0.1:80"}, {"d-2", "restarting", "", "", 4}},
                           building,
                           {queued},
                           sample_time + 31min}}},
                        sample_time + 12s, {}) ==
             "shop in local\n"
             "  active     v3, 10 s ago, by ana, deployment 7kq2m4x8v0abcdef: why\n"
             "  url        http://shop.localhost:7480/\n"
             "  instance   d-1  running  127.0.0.1:80\n"
             "  instance   d-2  restarting  restarted 4 times\n"
             "  in flight  building for 12 s, by ana, deployment b000000000000000: why\n"
             "  to watch   pawl attach b000000000000000\n"
             "  until      2026-01-02T03:35:05.678Z, in 30 min 48 s: its build must have ended: "
             "[build] timeout, and an hour to wait for a build worker\n"
             "  queued     for 12 s, by ana, deployment c000000000000000: why\n"
             "  until      2026-01-03T03:04:05.678Z, in 23 h 59 min: the deployments before it "
             "must have ended\n");
}

BOOST_AUTO_TEST_CASE(prose_breaks_between_words_on_a_terminal) {
  BOOST_TEST(prose("one two three\nfour", "  ", {.columns = 9}) == "  one two\n  three\n  four\n");
  BOOST_TEST(prose("one two three", "  ", {}) == "  one two three\n");
  BOOST_TEST(prose("onetwothreefour five", "", {.columns = 9}) == "onetwothreefour\nfive\n");
  BOOST_TEST(prose("", "  ", {.columns = 9}).empty());
}

BOOST_AUTO_TEST_CASE(the_locale_says_whether_there_is_more_than_ascii) {
  BOOST_TEST(speaks_utf8("", "", ""));
  BOOST_TEST(speaks_utf8("", "", "de_DE.UTF-8"));
  BOOST_TEST(speaks_utf8("C.utf8", "C", "C"));
  BOOST_TEST(!speaks_utf8("C", "C.UTF-8", "C.UTF-8"));
  BOOST_TEST(!speaks_utf8("", "POSIX", "C.UTF-8"));
  BOOST_TEST(!speaks_utf8("", "", "de_DE.ISO-8859-1"));
}

BOOST_AUTO_TEST_SUITE_END()
