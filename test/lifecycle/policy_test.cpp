// The policies: a busy lane, deadlines, health, and the version that a rollback goes back to.
#include "lifecycle/cluster.hpp"
#include "lifecycle/deadlines.hpp"
#include "lifecycle/health.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/rollback.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using namespace pawl;
using namespace std::chrono_literals;

deployment in_state(state s) {
  deployment d;
  d.state = s;
  return d;
}

deployment release_of(std::uint32_t version, state s) {
  auto d = in_state(s);
  d.version = version_number{version};
  return d;
}

// The version that a rollback goes to: `history` is the lane's, newest first, the active one in
// front.
std::optional<std::uint32_t> target_in(const std::vector<deployment>& history) {
  rollback_search search{history.front()};
  for (std::size_t i = 1; i < history.size(); ++i)
    if (search.is_target(history[i]))
      return history[i].version->value;
  return std::nullopt;
}

BOOST_AUTO_TEST_SUITE(admission_policy)

BOOST_AUTO_TEST_CASE(a_busy_lane_meets_a_request_as_its_cluster_says) {
  struct row {
    bool in_flight;
    std::size_t queued;
    when_busy policy;
    admission expected;
  };
  using b = when_busy;
  using a = admission;
  const std::vector<row> rows{
      {false, 0, b::reject, a::start_now},    {false, 0, b::queue, a::start_now},
      {false, 0, b::supersede, a::start_now}, {true, 0, b::reject, a::refuse},
      {true, 0, b::queue, a::wait_in_turn},   {true, 0, b::supersede, a::take_over},
      {false, 1, b::reject, a::refuse},       {false, 1, b::queue, a::wait_in_turn},
      {false, 1, b::supersede, a::take_over}, {true, 20, b::reject, a::refuse},
      {true, 20, b::queue, a::wait_in_turn},  {true, 20, b::supersede, a::take_over},
  };
  for (const auto& r : rows)
    BOOST_TEST(admit(r.in_flight, r.queued, r.policy) == r.expected,
               (r.in_flight ? "in flight, " : "idle, ")
                   << r.queued << " queued, " << to_string(r.policy));
}

BOOST_AUTO_TEST_CASE(the_policies_are_called_by_their_names) {
  BOOST_TEST(parse_when_busy("reject") == when_busy::reject);
  BOOST_TEST(parse_when_busy("queue") == when_busy::queue);
  BOOST_TEST(parse_when_busy("supersede") == when_busy::supersede);
  BOOST_TEST(!parse_when_busy("Queue").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(deadlines)

BOOST_AUTO_TEST_CASE(every_state_has_a_deadline_except_active_and_the_final_ones) {
  for (const auto& row : state_table) {
    auto deadline = deadline_of(in_state(row.state));
    BOOST_TEST(deadline.has_value() == !is_settled(row.state), row.name);
    if (deadline)
      BOOST_TEST(deadline->count() > 0, row.name);
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_leaves_the_app_the_time_its_manifest_asks_for) {
  manifest settings;
  settings.build.timeout = 3h;
  settings.release.timeout = 2h;
  settings.health.deadline = 20min;
  auto with = [&](state s) {
    auto d = in_state(s);
    d.internals.settings = settings;
    return deadline_of(d).value();
  };
  BOOST_TEST(with(state::building) > (3h + limits::build_wait));
  BOOST_TEST(with(state::releasing) > 2h);
  BOOST_TEST(with(state::activating) > (20min + limits::switch_timeout));
  BOOST_TEST(with(state::preparing) == deadline_of(in_state(state::preparing)));
}

deployment building_since(timestamp at) {
  auto d = in_state(state::building);
  d.transitions.push_back({state::building, at, "pawl"});
  return d;
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_deadline_goes_by_the_stored_time) {
  constexpr timestamp noon{1'700'000'000'000ms};
  auto d = building_since(noon);
  auto whole = deadline_of(d).value();
  BOOST_TEST(time_left(d, noon) == whole);
  BOOST_TEST(time_left(d, noon + 20min) == (whole - 20min));
  BOOST_TEST(!time_left(in_state(state::active), noon).has_value());
}

BOOST_AUTO_TEST_CASE(a_clock_that_jumps_makes_a_deadline_neither_longer_nor_nothing) {
  constexpr timestamp noon{1'700'000'000'000ms};
  auto d = building_since(noon);
  auto whole = deadline_of(d).value();
  BOOST_TEST(time_left(d, noon - 24h) == whole);
  BOOST_TEST(time_left(d, noon + 240h) == limits::resume_patience);
  auto brief = in_state(state::cancelling);
  brief.transitions.push_back({state::cancelling, noon, "pawl"});
  BOOST_TEST(time_left(brief, noon + 240h) <= deadline_of(brief));
}

BOOST_AUTO_TEST_CASE(a_worker_gives_up_before_its_states_deadline) {
  BOOST_TEST(deadline_of(in_state(state::building)) > limits::build_timeout);
  BOOST_TEST(deadline_of(in_state(state::releasing)) > limits::release_timeout);
  BOOST_TEST(deadline_of(in_state(state::activating)) > limits::health_deadline);
  BOOST_TEST(deadline_of(in_state(state::cancelling)) > limits::cancel_polite);
  BOOST_TEST(deadline_of(in_state(state::preparing)) > limits::upload_timeout);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(health)

BOOST_AUTO_TEST_CASE(an_instance_is_healthy_after_as_many_good_answers_in_a_row_as_asked) {
  health_policy policy{3};
  for (bool expected : {false, false, true, true}) {
    policy.observe(true);
    BOOST_TEST(policy.healthy() == expected);
  }
}

BOOST_AUTO_TEST_CASE(a_bad_answer_starts_the_row_again) {
  health_policy policy{2};
  for (bool answer : {true, false, true, false})
    policy.observe(answer);
  BOOST_TEST(!policy.healthy());
  policy.observe(true);
  policy.observe(true);
  BOOST_TEST(policy.healthy());
  policy.observe(false);
  BOOST_TEST(!policy.healthy());
}

BOOST_AUTO_TEST_CASE(pauses_double_up_to_the_interval) {
  for (const auto& [interval, pauses] : std::map<duration, std::vector<duration>>{
           {500ms, {20ms, 40ms, 80ms, 160ms, 320ms, 500ms, 500ms}},
           {20ms, {20ms, 20ms}},
           {10ms, {10ms, 10ms}}}) {
    check_pace pace{interval};
    for (const auto pause : pauses)
      BOOST_TEST(pace.next(false).count() == pause.count());
  }
}

BOOST_AUTO_TEST_CASE(pauses_begin_anew_once_after_the_first_good_answer) {
  check_pace pace{500ms};
  for (const auto& [ok, pause] : std::vector<std::pair<bool, duration>>{
           {false, 20ms}, {false, 40ms}, {true, 20ms}, {false, 40ms}, {true, 80ms}, {true, 160ms}})
    BOOST_TEST(pace.next(ok).count() == pause.count());
}

BOOST_AUTO_TEST_CASE(nothing_is_healthy_before_it_was_asked) {
  BOOST_TEST(!health_policy{1}.healthy());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(watch)

BOOST_AUTO_TEST_CASE(so_many_failed_checks_in_a_row_are_unhealthy) {
  watch_policy policy;
  for (std::uint32_t i = 1; i < limits::watch_failures; ++i)
    policy.observe("a", false);
  BOOST_TEST(!policy.unhealthy("a"));
  policy.observe("a", true);
  for (std::uint32_t i = 0; i < limits::watch_failures; ++i) {
    BOOST_TEST(!policy.unhealthy("a"));
    policy.observe("a", false);
  }
  BOOST_TEST(policy.unhealthy("a"));
  BOOST_TEST(!policy.unhealthy("b"));
  policy.observe("a", true);
  BOOST_TEST(!policy.unhealthy("a"));
}

// A new process begins with nothing against it, but the version's ends are counted.
BOOST_AUTO_TEST_CASE(an_end_takes_the_checks_with_it_and_counts_for_all_instances) {
  watch_policy policy;
  for (std::uint32_t i = 0; i < limits::watch_failures; ++i)
    policy.observe("a", false);
  policy.observe_end("a");
  BOOST_TEST(!policy.unhealthy("a"));
  for (std::uint32_t i = 2; i < limits::watch_ends; ++i)
    policy.observe_end("b");
  BOOST_TEST(!policy.keeps_ending());
  policy.observe_end("a");
  BOOST_TEST(policy.keeps_ending());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rollback_target)

BOOST_AUTO_TEST_CASE(a_rollback_goes_to_the_version_that_was_live_before) {
  BOOST_TEST(target_in({release_of(3, state::active), release_of(2, state::retired),
                        release_of(1, state::retired)}) == 2U);
}

BOOST_AUTO_TEST_CASE(a_second_rollback_goes_further_back) {
  // v1, v2, v3 were deployed; v3 was rolled back, and v2 released again.
  BOOST_TEST(target_in({release_of(2, state::active), release_of(3, state::rolled_back),
                        release_of(2, state::retired), release_of(1, state::retired)}) == 1U);
}

BOOST_AUTO_TEST_CASE(after_all_was_rolled_back_there_is_nothing_to_go_back_to) {
  BOOST_TEST(!target_in({release_of(1, state::active), release_of(2, state::rolled_back),
                         release_of(3, state::rolled_back), release_of(2, state::retired),
                         release_of(1, state::retired)})
                  .has_value());
}

BOOST_AUTO_TEST_CASE(a_version_counts_by_its_latest_fate) {
  // v2 was rolled back once, then released again and replaced by v3: it was good in the end.
  BOOST_TEST(target_in({release_of(3, state::active), release_of(2, state::retired),
                        release_of(1, state::retired), release_of(2, state::rolled_back),
                        release_of(1, state::retired)}) == 2U);
}

BOOST_AUTO_TEST_CASE(the_only_version_of_a_lane_has_none_before_it) {
  BOOST_TEST(!target_in({release_of(1, state::active)}).has_value());
  BOOST_TEST(!target_in({release_of(1, state::active), release_of(1, state::retired)}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lane)

BOOST_AUTO_TEST_CASE(a_lanes_next_deployment_is_later_than_its_last_whatever_the_clock_says) {
  lane_record lane;
  lane.last_created = timestamp{1000ms};
  BOOST_TEST(next_created(lane, timestamp{1001ms}) == timestamp{1001ms});
  BOOST_TEST(next_created(lane, timestamp{1000ms}) == timestamp{1001ms});
  BOOST_TEST(next_created(lane, timestamp{5ms}) == timestamp{1001ms});
}

BOOST_AUTO_TEST_CASE(a_new_lanes_first_deployment_has_the_clocks_time) {
  BOOST_TEST(next_created({}, timestamp{7ms}) == timestamp{7ms});
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
