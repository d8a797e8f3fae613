// The switch ledger against its specification, written out again here: the table in
// lifecycle/switch_ledger.hpp is never asked for the expected value.
#include "lifecycle/switch_ledger.hpp"

#include "test/lifecycle/pages.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

namespace pawl {

std::ostream& operator<<(std::ostream& out, routing of) {
  return out << to_string(of);
}

} // namespace pawl

BOOST_AUTO_TEST_SUITE(switch_ledger_test)

namespace {

using namespace pawl;
using pawl::test::ledger_with;
using e = routing_event;

// A state, and where each event leads from it.
struct specified {
  routing from;
  std::vector<std::pair<routing_event, routing>> to;
};

const std::vector<specified>& specification() {
  using r = routing;
  static const std::vector<specified> rows{
      {r::settled,
       {{e::found, r::possible},
        {e::switch_asked, r::switching},
        {e::went_live, r::settled},
        {e::given_up, r::settled},
        {e::leave_asked, r::leaving},
        {e::left, r::settled},
        {e::refused, r::undecided}}},
      {r::possible,
       {{e::found, r::possible},
        {e::switch_asked, r::switching},
        {e::went_live, r::possible},
        {e::given_up, r::possible},
        {e::leave_asked, r::leaving},
        {e::left, r::possible},
        {e::refused, r::possible}}},
      {r::switching,
       {{e::found, r::switching},
        {e::switch_asked, r::switching},
        {e::went_live, r::settled},
        {e::given_up, r::possible},
        {e::leave_asked, r::switching},
        {e::left, r::switching},
        {e::refused, r::switching}}},
      {r::leaving,
       {{e::found, r::leaving},
        {e::switch_asked, r::leaving},
        {e::went_live, r::leaving},
        {e::given_up, r::leaving},
        {e::leave_asked, r::leaving},
        {e::left, r::settled},
        {e::refused, r::undecided}}},
      {r::undecided,
       {{e::found, r::undecided},
        {e::switch_asked, r::undecided},
        {e::went_live, r::undecided},
        {e::given_up, r::undecided},
        {e::leave_asked, r::undecided},
        {e::left, r::settled},
        {e::refused, r::undecided}}},
  };
  return rows;
}

BOOST_AUTO_TEST_CASE(every_event_leads_from_every_state_where_the_specification_says) {
  std::size_t pairs = 0;
  std::size_t changes = 0;
  for (const auto& row : specification())
    for (auto [event, to] : row.to) {
      BOOST_TEST_CONTEXT(to_string(event)) {
        BOOST_CHECK_EQUAL(next_routing(row.from, event), to);
        auto ledger = ledger_with("d", row.from);
        BOOST_CHECK_EQUAL(ledger.routing_of("d"), row.from);
        ledger.record("d", event);
        BOOST_CHECK_EQUAL(ledger.routing_of("d"), to);
      }
      ++pairs;
      changes += row.from == to ? 0 : 1;
    }
  BOOST_TEST(pairs == routing_table.size() * routing_event_table.size());
  BOOST_TEST(changes == routing_rules.size());
}

BOOST_AUTO_TEST_CASE(each_state_answers_each_question) {
  struct answers {
    routing of;
    bool may_begin_activation;
    bool may_restore_route;
    bool too_late_to_cancel;
    bool must_leave_first;
    bool is_undecided;
  };
  for (const auto& wanted : {answers{routing::settled, true, true, false, false, false},
                             answers{routing::possible, true, true, false, true, false},
                             answers{routing::switching, false, false, true, true, false},
                             answers{routing::leaving, false, true, false, true, false},
                             answers{routing::undecided, false, true, false, true, true}}) {
    BOOST_TEST_CONTEXT(to_string(wanted.of)) {
      auto ledger = ledger_with("d", wanted.of);
      BOOST_TEST(ledger.may_begin_activation() == wanted.may_begin_activation);
      BOOST_TEST(ledger.may_restore_route() == wanted.may_restore_route);
      BOOST_TEST(ledger.too_late_to_cancel("d") == wanted.too_late_to_cancel);
      BOOST_TEST(ledger.must_leave_first("d", state::failed) == wanted.must_leave_first);
      BOOST_TEST(ledger.undecided().has_value() == wanted.is_undecided);
      BOOST_TEST(ledger.all_have_left() == !keeps_others_back(wanted.of));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_deployment_that_has_served_leaves_the_router_before_its_instances_stop) {
  switch_ledger empty;
  for (auto is : {state::active, state::retired, state::rolled_back})
    BOOST_TEST(empty.must_leave_first("d", is), to_string(is));
  for (auto is : {state::activating, state::cancelling, state::cancelled, state::failed})
    BOOST_TEST(!empty.must_leave_first("d", is), to_string(is));
}

BOOST_AUTO_TEST_CASE(one_deployment_that_leaves_keeps_the_activation_of_another_back) {
  auto ledger = ledger_with("first", routing::leaving);
  BOOST_TEST(!ledger.may_begin_activation());
  BOOST_TEST(!ledger.too_late_to_cancel("second"));
  ledger.record("first", e::left);
  BOOST_TEST(ledger.may_begin_activation());
}

BOOST_AUTO_TEST_CASE(the_first_undecided_deployment_by_its_id_is_named) {
  auto ledger = ledger_with("b", routing::undecided);
  ledger.record("c", e::leave_asked);
  ledger.record("a", e::leave_asked);
  BOOST_TEST(ledger.undecided().value() == "b");
  ledger.record("a", e::refused);
  BOOST_TEST(ledger.undecided().value() == "a");
  ledger.record("a", e::left);
  ledger.record("b", e::left);
  BOOST_TEST(!ledger.undecided().has_value());
  BOOST_TEST(!ledger.all_have_left());
}

// Two requests were under way: the first was granted, the answer of the second was lost.
BOOST_AUTO_TEST_CASE(a_second_answer_that_is_a_refusal_has_the_router_asked_again) {
  auto ledger = ledger_with("d", routing::leaving);
  ledger.record("d", e::left);
  ledger.record("d", e::refused);
  BOOST_CHECK_EQUAL(ledger.routing_of("d"), routing::undecided);
  ledger.record("d", e::left);
  BOOST_CHECK_EQUAL(ledger.routing_of("d"), routing::settled);
}

BOOST_AUTO_TEST_CASE(states_and_events_have_names_and_meanings) {
  for (const auto& row : routing_table) {
    BOOST_TEST(to_string(row.routing) == row.name);
    BOOST_TEST(!row.meaning.empty(), row.name);
  }
  for (const auto& row : routing_event_table) {
    BOOST_TEST(to_string(row.event) == row.name);
    BOOST_TEST(!row.meaning.empty(), row.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
