// The parts of a lane that need no actor: what the store says, deadlines, idleness, the pauses of
// an instance.
#include "actors/lane/deadlines.hpp"
#include "actors/lane/idleness.hpp"
#include "actors/lane/instance_specs.hpp"
#include "actors/lane/served_instance.hpp"
#include "test/support/memory_store.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

using moment = std::chrono::steady_clock::time_point;

deployment begun(const std::string& id, state first) {
  deployment draft;
  draft.id = id;
  draft.app = "shop";
  draft.cluster = "local";
  return *begin(std::move(draft), first, timestamp{1h});
}

receipt receipt_of(std::vector<deployment> all, std::optional<lane_record> lane = {}) {
  return {std::move(all), std::move(lane), {}, {}};
}

deployment moved(const deployment& d, state to) {
  return *advance(d, to, timestamp{2h}, "pawl", version_from::store);
}

std::string ids_of(const std::deque<deployment>& all) {
  std::string ids;
  for (const auto& one : all)
    ids += one.id + " ";
  return ids;
}

struct woken_deadlines {
  lane_facts facts;
  moment now = moment{1h};
  std::vector<moment::duration> wakes;
  std::string passed;
  pawl::deadlines all{facts, [this] { return now; },
                      [this](moment::duration wait) { wakes.push_back(wait); }};

  void pass() {
    all.pass([this](const pawl::deadlines::entry& one) { passed += one.of.deployment + " "; });
  }
  state_visit add(const std::string& id, state first = state::queued) {
    auto d = begun(id, first);
    facts.apply(receipt_of({d}));
    return {id, d.transitions.size()};
  }
  static constexpr auto leave_state = pawl::deadlines::purpose::leave_state;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lane_parts_test)

BOOST_AUTO_TEST_CASE(facts_follow_a_deployment_from_its_turn_to_its_end) {
  lane_facts facts;
  auto first = begun("d1", state::preparing);
  auto second = begun("d2", state::queued);
  facts.apply(receipt_of({first}));
  facts.apply(receipt_of({second}));
  facts.apply(receipt_of({begun("d3", state::queued)}));
  BOOST_TEST(facts.in_flight()->id == "d1");
  BOOST_TEST(ids_of(facts.queue()) == "d2 d3 ");
  BOOST_TEST(facts.still({"d1", 1}));
  facts.apply(receipt_of({moved(first, state::building)}));
  BOOST_TEST(!facts.still({"d1", 1}));
  BOOST_TEST(facts.still(facts.visit()));
  facts.apply(receipt_of({*fail(*facts.in_flight(), {errc::internal, "x", {}}, timestamp{3h})}));
  BOOST_TEST(!facts.in_flight().has_value());
  facts.apply(receipt_of({moved(second, state::preparing)}));
  BOOST_TEST(facts.in_flight()->id == "d2");
  BOOST_TEST(ids_of(facts.queue()) == "d3 ");
  BOOST_TEST(facts.is_current({"d3", 1}));
  BOOST_TEST(!facts.is_current({"d3", 2}));
}

BOOST_AUTO_TEST_CASE(facts_know_the_active_deployment_and_forget_what_it_replaced) {
  lane_facts facts;
  auto old =
      moved(moved(moved(moved(begun("d1", state::preparing), state::building), state::pushing),
                  state::activating),
            state::active);
  facts.apply(receipt_of({old}));
  BOOST_TEST(facts.active()->id == "d1");
  BOOST_TEST(!facts.busy());
  auto next = moved(moved(moved(begun("d2", state::preparing), state::building), state::pushing),
                    state::activating);
  facts.apply(receipt_of({next}));
  lane_record record;
  record.active = "d2";
  facts.apply(receipt_of({moved(next, state::active), moved(old, state::retired)}, record));
  BOOST_TEST(facts.active()->id == "d2");
  BOOST_TEST(facts.record().active.value() == "d2");
  BOOST_TEST(!facts.in_flight().has_value());
}

BOOST_AUTO_TEST_CASE(facts_of_a_newcomer_that_takes_over) {
  lane_facts facts;
  auto first = begun("d1", state::preparing);
  auto second = begun("d2", state::queued);
  facts.apply(receipt_of({first}));
  facts.apply(receipt_of({second}));
  facts.apply(receipt_of({begun("d3", state::queued), moved(second, state::superseded),
                          moved(first, state::cancelling)}));
  BOOST_TEST(ids_of(facts.queue()) == "d3 ");
  BOOST_TEST(facts.in_flight()->id == "d1");
  BOOST_TEST(to_string(facts.in_flight()->state) == "cancelling");
}

BOOST_AUTO_TEST_CASE(facts_are_read_from_the_store) {
  memory_store records;
  std::vector<change> wanted(1);
  wanted.front().deployments.push_back(begun("d1", state::preparing));
  wanted.front().lane = lane_record{.lane = {"shop", "local"}, .last_created = timestamp{1h}};
  auto stored = records.commit(wanted);
  BOOST_REQUIRE(stored.front().has_value());
  lane_facts facts;
  BOOST_REQUIRE(facts.load(records, {"shop", "local"}));
  BOOST_TEST(facts.in_flight()->id == "d1");
  BOOST_TEST(facts.record().revision == 1u);
}

BOOST_AUTO_TEST_CASE(only_the_first_deadline_is_waited_for_and_each_passes_in_its_time) {
  woken_deadlines here;
  auto first = here.add("d1", state::preparing);
  auto second = here.add("d2");
  here.all.wait_for(here.leave_state, second, 5s);
  here.all.wait_for(here.leave_state, first, 9s);
  BOOST_TEST(here.wakes.size() == 1u);
  here.all.wait_for(here.leave_state, first, 2s);
  BOOST_REQUIRE(here.wakes.size() == 2u);
  BOOST_TEST(here.wakes.back().count() == moment::duration{2s}.count());
  here.now += 2s;
  here.pass();
  BOOST_TEST(here.passed == "d1 ");
  BOOST_TEST(here.wakes.back().count() == moment::duration{3s}.count());
  here.now += 7s;
  here.pass();
  BOOST_TEST(here.passed == "d1 d2 d1 ");
  BOOST_TEST(here.wakes.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_deadline_of_an_earlier_visit_is_void) {
  woken_deadlines here;
  auto first = here.add("d1", state::preparing);
  here.all.wait_for(here.leave_state, first, 1s);
  here.facts.apply(receipt_of({moved(*here.facts.in_flight(), state::building)}));
  here.now += 1s;
  here.pass();
  BOOST_TEST(here.passed == "");
}

BOOST_AUTO_TEST_CASE(a_lane_is_idle_when_it_has_had_nothing_to_do_for_long_enough_without_a_break) {
  idleness idle{30s};
  moment now{1h};
  auto wait = idle.begin(now);
  BOOST_REQUIRE(wait.has_value());
  BOOST_TEST(wait->count() == moment::duration{30s}.count());
  BOOST_TEST(!idle.begin(now + 20s).has_value()); // it had something to do: one timer is enough
  wait = idle.passed(now + 30s);
  BOOST_REQUIRE(wait.has_value());
  BOOST_TEST(wait->count() == moment::duration{20s}.count());
  BOOST_TEST(!idle.passed(now + 50s).has_value());
  idle.end();
  BOOST_TEST(idle.begin(now + 60s).has_value());
}

BOOST_AUTO_TEST_CASE(the_pauses_of_an_instance_double_until_a_life_was_long) {
  moment now{1h};
  served_instance one{"d1-1"};
  one.phase = service_phase::running;
  one.since = now;
  BOOST_TEST(one.begin_pause(now, "exited").count() == limits::restart_backoff_first.count());
  BOOST_TEST(to_string(one.phase) == "restarting");
  BOOST_TEST(one.detail == "exited");
  BOOST_TEST(one.begin_pause(now, "exited").count() == 2 * limits::restart_backoff_first.count());
  for (int i = 0; i < 20; ++i)
    one.begin_pause(now, "exited");
  BOOST_TEST(one.begin_pause(now, "exited").count() ==
             duration{limits::restart_backoff_max}.count());
  one.phase = service_phase::running;
  one.since = now;
  now += limits::restart_backoff_max + 1ms;
  BOOST_TEST(one.begin_pause(now, "exited").count() == limits::restart_backoff_first.count());
}

BOOST_AUTO_TEST_CASE(a_deployment_has_its_instances_when_it_has_a_version) {
  auto d = begun("d1", state::preparing);
  cluster_settings cluster;
  BOOST_TEST(specs_of(d, cluster).empty());
  d.version = version_number{3};
  d.internals.artifact = "sha256:a";
  d.internals.settings.emplace();
  d.internals.settings->run.instances = 2;
  cluster.memory_bytes = 7;
  auto specs = specs_of(d, cluster);
  BOOST_REQUIRE(specs.size() == 2u);
  BOOST_TEST(specs.back().name == "d1-2");
  BOOST_TEST(specs.back().memory_bytes == 7u);
  auto names = instance_names_of(d);
  BOOST_TEST(names == (std::vector<std::string>{"d1-1", "d1-2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
