// The rhythm of a lane without an actor: a store that answers when the test says so.
#include "actors/lane/commit_queue.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

struct held_store : commit_host {
  lane_facts facts;
  commit_queue queue{facts, *this};
  std::vector<std::pair<change, on_answer>> asked;
  std::vector<change> notes;
  std::string said; // in its order
  int calls_for_notes = 0;
  bool ended = false;

  held_store() { queue.open(); }

  void store(change wanted, on_answer answered) override {
    asked.emplace_back(std::move(wanted), std::move(answered));
  }
  void store_notes(change wanted) override { notes.push_back(std::move(wanted)); }
  void call_for_notes() override { ++calls_for_notes; }
  timestamp now() const override { return timestamp{std::chrono::hours{1}}; }
  void committed() override { said += "committed "; }
  void decided() override {}
  void quit() override { ended = true; }

  // The oldest commit is answered: it is stored as it was asked for, or refused.
  void answer(bool stores = true) {
    auto [wanted, answered] = std::move(asked.front());
    asked.erase(asked.begin());
    result<receipt> outcome =
        stores ? result<receipt>{receipt{wanted.deployments, wanted.lane, {}, wanted.journal}}
               : result<receipt>{error{errc::invalid_transition, "refused", {}}};
    answered(outcome);
  }

  commit_queue::decision says(const std::string& word) {
    return [this, word] { said += word + " "; };
  }
  commit_queue::on_stored says_stored(const std::string& word) {
    return [this, word](receipt&) { said += word + " "; };
  }

  static deployment begun(const std::string& id, state first = state::preparing) {
    deployment draft;
    draft.id = id;
    return *begin(std::move(draft), first, timestamp{});
  }

  void begin_with(const deployment& d) {
    queue.enqueue([this, d] { queue.move(d, [](receipt&) {}); });
    answer();
    said.clear();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(commit_queue_test, held_store)

BOOST_AUTO_TEST_CASE(a_decision_waits_for_the_commit_of_the_one_before_it) {
  queue.enqueue([this] { queue.commit({}, says_stored("stored")); });
  queue.enqueue(says("second"));
  queue.enqueue(says("third"));
  BOOST_TEST(said == "");
  BOOST_TEST(!queue.is_free());
  answer();
  BOOST_TEST(said == "stored committed second third ");
  BOOST_TEST(queue.is_quiet());
}

BOOST_AUTO_TEST_CASE(nothing_is_decided_before_the_queue_is_open) {
  held_store other;
  commit_queue shut{other.facts, other};
  shut.enqueue(says("early"));
  BOOST_TEST(said == "");
  shut.open();
  shut.run_waiting();
  BOOST_TEST(said == "early ");
}

BOOST_AUTO_TEST_CASE(what_is_not_stored_is_not_visible) {
  auto d = begun("d1");
  queue.enqueue([this, d] { queue.move(d, says_stored("moved")); });
  BOOST_TEST(!facts.in_flight().has_value());
  answer();
  BOOST_REQUIRE(facts.in_flight().has_value());
  BOOST_TEST(facts.in_flight()->id == "d1");
  BOOST_TEST(said == "moved committed ");
}

BOOST_AUTO_TEST_CASE(a_move_is_stored_with_the_event_that_says_so) {
  auto d = begun("d1");
  queue.enqueue([this, d] { queue.move(d, [](receipt&) {}); });
  const auto& wanted = asked.front().first;
  BOOST_REQUIRE(wanted.journal.size() == 1u);
  BOOST_TEST(wanted.journal.front().deployment == "d1");
  BOOST_TEST(to_string(std::get<state_event>(wanted.journal.front().events.front().body).state) ==
             "preparing");
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_to_who_asked_and_ends_the_lane_where_nobody_did) {
  queue.enqueue([this] {
    queue.commit({}, says_stored("stored"), [this](const error&) { said += "refused "; });
  });
  answer(false);
  BOOST_TEST(said == "refused committed ");
  BOOST_TEST(!ended);
  queue.enqueue([this] { queue.commit({}, says_stored("stored")); });
  queue.enqueue(says("after"));
  answer(false);
  BOOST_TEST(ended);
  BOOST_TEST(said.find("stored") == std::string::npos);
  BOOST_TEST(said.find("after") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_move_that_is_not_allowed_ends_the_lane_and_stores_nothing) {
  queue.enqueue([this] {
    queue.move(advance(begun("d1"), state::active, timestamp{}, "pawl"), says_stored("moved"));
  });
  BOOST_TEST(ended);
  BOOST_TEST(asked.empty());
}

BOOST_AUTO_TEST_CASE(notes_go_with_the_next_move_before_its_own_event) {
  begin_with(begun("d1"));
  queue.note("d1", log_event{"run", "stdout", "one"});
  queue.note("d1", log_event{"run", "stdout", "two"});
  BOOST_TEST(calls_for_notes == 1);
  queue.enqueue([this] {
    queue.move(advance(*facts.in_flight(), state::building, timestamp{}, "pawl"), [](receipt&) {});
  });
  const auto& journal = asked.front().first.journal;
  BOOST_REQUIRE(journal.size() == 2u);
  BOOST_TEST(journal.front().events.size() == 2u);
  BOOST_TEST(std::get<log_event>(journal.front().events.back().body).line == "two");
  answer();
  queue.store_notes();
  BOOST_TEST(notes.empty());
}

BOOST_AUTO_TEST_CASE(notes_without_a_move_are_stored_alone_when_it_is_time) {
  begin_with(begun("d1"));
  queue.note("d1", log_event{"run", "stdout", "one"});
  queue.note("other", log_event{"run", "stdout", "not of the one in flight"});
  queue.store_notes();
  BOOST_REQUIRE(notes.size() == 1u);
  BOOST_TEST(notes.front().journal.front().events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(notes_that_come_after_the_end_are_told_to_nobody) {
  begin_with(begun("d1"));
  queue.note("d1", log_event{"run", "stdout", "late"});
  queue.enqueue([this] {
    queue.move(fail(*facts.in_flight(), {errc::internal, "x", {}}, timestamp{}), [](receipt&) {});
  });
  answer();
  BOOST_TEST(!facts.in_flight().has_value());
  queue.store_notes();
  BOOST_TEST(notes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
