// The only code that writes a deployment's state: begin, advance and fail.
#include "lifecycle/deployment.hpp"
#include "lifecycle/limits.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;
using namespace std::chrono_literals;

constexpr timestamp noon{1'700'000'000'000ms};

deployment draft_of(operation op) {
  deployment d;
  d.id = "0123456789abcdef";
  d.app = "shop";
  d.cluster = "local";
  d.operation = op;
  d.by = "anna";
  if (op != operation::deploy)
    d.version = version_number{3};
  return d;
}

deployment begun(operation op, state first, timestamp at = noon) {
  auto made = begin(draft_of(op), first, at);
  BOOST_REQUIRE(made.has_value());
  return *std::move(made);
}

// A record in any state, as the store would give it back.
deployment record_in(state s, operation op = operation::rollback) {
  auto d = begun(op, state::queued);
  d.version = version_number{3};
  d.state = s;
  return d;
}

deployment moved(deployment d, state to, timestamp at) {
  auto made = advance(std::move(d), to, at, "pawl");
  BOOST_REQUIRE(made.has_value());
  return *std::move(made);
}

void refuses(const result<deployment>& attempt, std::string_view from, std::string_view to) {
  BOOST_REQUIRE(!attempt.has_value());
  const auto& why = attempt.error();
  BOOST_TEST(to_string(why.code) == "invalid_transition");
  BOOST_TEST(why.details.at("from") == from);
  BOOST_TEST(why.details.at("to") == to);
  BOOST_TEST(why.details.at("deployment") == "0123456789abcdef");
  for (auto named : {from, to})
    BOOST_TEST(why.message.find(named) != std::string::npos, why.message);
}

BOOST_AUTO_TEST_SUITE(deployment_record)

BOOST_AUTO_TEST_CASE(a_new_deployment_has_one_transition_and_its_times) {
  auto d = begun(operation::deploy, state::preparing);
  BOOST_TEST(d.state == state::preparing);
  BOOST_TEST(d.created_at == noon);
  BOOST_TEST(d.updated_at == noon);
  BOOST_TEST(!d.finished_at.has_value());
  BOOST_TEST(d.transitions == (std::vector{transition_entry{state::preparing, noon, "anna"}}));
}

BOOST_AUTO_TEST_CASE(a_deployment_begins_only_where_its_operation_may) {
  for (auto op : {operation::deploy, operation::rollback, operation::promote, operation::configure})
    for (const auto& row : state_table) {
      auto attempt = begin(draft_of(op), row.state, noon);
      auto step = op == operation::deploy ? state::preparing : state::activating;
      BOOST_TEST(attempt.has_value() == (row.state == state::queued || row.state == step),
                 to_string(op) << " in " << row.name);
    }
  auto refused = begin(draft_of(operation::deploy), state::activating, noon);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(to_string(refused.error().code) == "invalid_transition");
}

BOOST_AUTO_TEST_CASE(a_deploy_with_a_version_does_not_begin) {
  auto draft = draft_of(operation::deploy);
  draft.version = version_number{3};
  auto refused = begin(draft, state::preparing, noon);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(to_string(refused.error().code) == "invalid_transition");
}

BOOST_AUTO_TEST_CASE(a_rollback_or_a_promotion_without_a_version_does_not_begin) {
  for (auto op : {operation::rollback, operation::promote, operation::configure})
    for (auto first : {state::queued, state::activating}) {
      auto draft = draft_of(op);
      draft.version.reset();
      BOOST_TEST(!begin(draft, first, noon).has_value());
    }
}

BOOST_AUTO_TEST_CASE(advance_obeys_the_table_for_every_pair_of_states) {
  for (const auto& from : state_table)
    for (const auto& to : state_table) {
      auto d = record_in(from.state);
      bool other_operations_first = from.state == state::queued && to.state == state::preparing;
      auto attempt = advance(d, to.state, noon + 1s, "bert");
      if (!transition(from.state, to.state) || other_operations_first) {
        refuses(attempt, from.name, to.name);
        continue;
      }
      BOOST_REQUIRE(attempt.has_value());
      BOOST_TEST(attempt->state == to.state);
      BOOST_TEST(attempt->updated_at == (noon + 1s));
      BOOST_TEST(attempt->transitions.back() == (transition_entry{to.state, noon + 1s, "bert"}));
      BOOST_TEST(attempt->transitions.size() == d.transitions.size() + 1);
    }
}

BOOST_AUTO_TEST_CASE(a_queued_deployment_leaves_for_its_own_first_step_only) {
  refuses(advance(begun(operation::rollback, state::queued), state::preparing, noon, "pawl"),
          "queued", "preparing");
  auto deploy = begun(operation::deploy, state::queued);
  deploy.version = version_number{1};
  refuses(advance(deploy, state::activating, noon, "pawl"), "queued", "activating");
  moved(begun(operation::deploy, state::queued), state::preparing, noon);
  moved(begun(operation::promote, state::queued), state::activating, noon);
}

BOOST_AUTO_TEST_CASE(what_waits_can_be_cancelled_superseded_or_failed_whatever_it_is) {
  for (auto op : {operation::deploy, operation::rollback, operation::promote, operation::configure})
    for (auto to : {state::cancelling, state::superseded, state::failed})
      BOOST_TEST(advance(begun(op, state::queued), to, noon, "pawl").has_value(),
                 to_string(op) << " to " << to_string(to));
}

BOOST_AUTO_TEST_CASE(releasing_is_refused_without_a_version) {
  auto d = record_in(state::pushing, operation::deploy);
  d.version.reset();
  refuses(advance(d, state::releasing, noon, "pawl"), "pushing", "releasing");
  d.version = version_number{1};
  BOOST_TEST(advance(d, state::releasing, noon, "pawl").has_value());
}

BOOST_AUTO_TEST_CASE(activating_is_refused_without_a_version) {
  for (auto from : {state::pushing, state::releasing}) {
    auto d = record_in(from, operation::deploy);
    d.version.reset();
    refuses(advance(d, state::activating, noon, "pawl"), to_string(from), "activating");
    d.version = version_number{1};
    BOOST_TEST(advance(d, state::activating, noon, "pawl").has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_version_may_come_from_the_store_with_the_move_and_excuses_no_other_rule) {
  auto d = record_in(state::pushing, operation::deploy);
  d.version.reset();
  BOOST_TEST(advance(d, state::activating, noon, "pawl", version_from::store).has_value());
  refuses(advance(d, state::active, noon, "pawl", version_from::store), "pushing", "active");
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_never_sets_a_records_time_back) {
  auto d = moved(begun(operation::deploy, state::preparing), state::building, noon - 1h);
  BOOST_TEST(d.updated_at == noon);
  BOOST_TEST(d.transitions.back().at == noon);
  d = moved(d, state::pushing, noon + 1s);
  BOOST_TEST(d.updated_at == (noon + 1s));
}

BOOST_AUTO_TEST_CASE(finished_at_is_the_time_it_became_active_and_stays) {
  auto d = moved(begun(operation::rollback, state::activating), state::active, noon + 5s);
  BOOST_TEST(d.finished_at == (noon + 5s));
  d = moved(d, state::retired, noon + 1h);
  BOOST_TEST(d.finished_at == (noon + 5s));
  BOOST_TEST(d.updated_at == (noon + 1h));
}

BOOST_AUTO_TEST_CASE(finished_at_is_the_time_it_ended_without_becoming_active) {
  auto d = begun(operation::deploy, state::preparing);
  BOOST_TEST(!moved(d, state::building, noon + 1s).finished_at.has_value());
  auto cancelling = moved(d, state::cancelling, noon + 1s);
  BOOST_TEST(!cancelling.finished_at.has_value());
  BOOST_TEST(moved(cancelling, state::cancelled, noon + 2s).finished_at == (noon + 2s));
  BOOST_TEST(moved(d, state::failed, noon + 3s).finished_at == (noon + 3s));
}

BOOST_AUTO_TEST_CASE(a_failure_carries_its_reason_and_the_state_it_happened_in) {
  auto building = moved(begun(operation::deploy, state::preparing), state::building, noon);
  error why{errc::build_failed, "make: no rule", {{"exit", "2"}}};
  auto failed = fail(building, why, noon + 1s);
  BOOST_REQUIRE(failed.has_value());
  BOOST_TEST(failed->state == state::failed);
  BOOST_TEST(failed->finished_at == (noon + 1s));
  BOOST_REQUIRE(failed->error.has_value());
  BOOST_TEST(
      (*failed->error == failure{errc::build_failed, why.message, why.details, state::building}));
  BOOST_TEST(failed->transitions.back().by == "pawl");
}

BOOST_AUTO_TEST_CASE(what_is_cancelling_active_or_ended_does_not_fail) {
  for (auto s : {state::cancelling, state::active, state::retired, state::rolled_back,
                 state::superseded, state::cancelled, state::failed})
    refuses(fail(record_in(s), {errc::internal, "late", {}}, noon), to_string(s), "failed");
}

BOOST_AUTO_TEST_CASE(a_failure_is_cut_to_what_a_record_may_hold) {
  const error much{errc::invalid_argument,
                   std::string(limits::mib, 'x'),
                   {{"entry", std::string(limits::mib, 'y')}}};
  const auto failed = fail(begun(operation::deploy, state::preparing), much, noon);
  BOOST_REQUIRE(failed.has_value());
  BOOST_TEST(failed->error->message.size() <= limits::error_message_bytes);
  BOOST_TEST(failed->error->details.at("entry").size() <= limits::error_details_bytes);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
