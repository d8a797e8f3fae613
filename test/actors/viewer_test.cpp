// A viewer reads the store as far as its credit goes, wakes when the journal grows, and ends.
#include "actors/journal/journal.hpp"
#include "actors/journal/store_writer.hpp"
#include "actors/journal/viewer.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// The output of a viewer.
struct output {
  std::vector<std::uint64_t> numbers;
  std::vector<viewer_output::packed> lists;
  bool followed = false;
  bool refused = false;
};

struct viewer_fixture : actor_fixture {
  deployment d;
  journal_actor heard = system.spawn(journal);
  store_writer_actor writer =
      system.spawn(store_writer, records, heard, std::make_shared<known_tokens>(),
                   std::make_shared<present_freezes>());
  std::vector<viewer_actor> made;

  viewer_fixture() {
    deployment draft;
    draft.id = make_deployment_id({}, 7);
    draft.app = "shop";
    draft.cluster = "local";
    draft.request_id = "r7";
    d = *begin(draft, state::preparing, world->wall);
    change wanted;
    wanted.deployments.push_back(d);
    wanted.journal.push_back({d.id, {{0, world->wall, state_event{state::preparing, {}}}}});
    d = store(wanted).deployments.front();
  }

  receipt store(const change& wanted) {
    auto stored = ask<result<receipt>>(writer, wanted);
    BOOST_REQUIRE(stored.has_value());
    return *stored;
  }

  void print(int lines) {
    change wanted;
    wanted.journal.push_back({d.id, {}});
    for (int i = 0; i < lines; ++i)
      wanted.journal.back().events.push_back(
          {0, world->wall, log_event{"build", "stdout", std::to_string(i)}});
    store(wanted);
  }

  void settle() {
    change wanted;
    wanted.deployments.push_back(*fail(d, {errc::build_failed, "make: 2", {}}, world->wall));
    wanted.journal.push_back({d.id, {{0, world->wall, state_event{state::failed, {}}}}});
    store(wanted);
  }

  viewer_actor view(const std::shared_ptr<output>& seen, std::uint32_t credit,
                    std::uint64_t from = 1) {
    viewer_output send;
    send.events = [seen](const viewer_output::packed& list) {
      seen->lists.push_back(list);
      const auto sent = list->unpacked();
      for (const auto& one : *sent)
        seen->numbers.push_back(one.seq);
    };
    send.end = [seen](const protocol::message& body) {
      seen->followed |= std::holds_alternative<protocol::followed>(body);
      seen->refused |= std::holds_alternative<protocol::refused>(body);
    };
    return made.emplace_back(system.spawn(viewer, records, heard, d.id, from, credit, send));
  }

  ~viewer_fixture() {
    for (const auto& one : made)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    caf::anon_send_exit(heard, caf::exit_reason::kill);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(viewers, viewer_fixture)

BOOST_AUTO_TEST_CASE(without_credit_nothing_is_sent) {
  auto seen = std::make_shared<output>();
  view(seen, 0);
  run();
  settle();
  BOOST_TEST(seen->numbers.empty());
  BOOST_TEST(!seen->followed);
}

BOOST_AUTO_TEST_CASE(exactly_the_credit_is_sent_and_the_end_costs_none) {
  print(9);
  settle();
  auto seen = std::make_shared<output>();
  auto viewer = view(seen, 4);
  run();
  BOOST_TEST(seen->numbers.size() == 4u);
  caf::anon_send(viewer, viewer_credit{7});
  run();
  BOOST_TEST(seen->numbers.size() == 11u);
  BOOST_TEST(seen->numbers.back() == 11u);
  BOOST_TEST(seen->followed);
}

BOOST_AUTO_TEST_CASE(a_credit_never_grows_over_its_bound) {
  auto seen = std::make_shared<output>();
  auto viewer = view(seen, 0);
  run();
  for (int i = 0; i < 3; ++i)
    caf::anon_send(viewer, viewer_credit{limits::event_credit});
  run();
  for (int i = 0; i < 3; ++i)
    print(limits::event_credit / 2);
  BOOST_TEST(seen->numbers.size() == 1 + limits::event_credit); // the first was there before
}

BOOST_AUTO_TEST_CASE(many_viewers_see_what_is_written_while_they_watch_and_then_end) {
  auto before = running();
  std::vector<std::shared_ptr<output>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_shared<output>());
    view(all.back(), limits::event_credit, 1 + static_cast<std::uint64_t>(i % 2));
  }
  made.clear();
  print(3);
  settle();
  for (std::size_t i = 0; i < all.size(); ++i) {
    BOOST_TEST(all[i]->numbers.size() == 5u - i % 2);
    BOOST_TEST(all[i]->followed);
  }
  BOOST_TEST(running() == before);
  BOOST_TEST(state_of_actor<journal_state>(heard).viewers.empty());
}

// None of 20 viewers makes the store read again, or has a copy of its own.
BOOST_AUTO_TEST_CASE(viewers_of_the_same_events_send_the_same_bytes) {
  std::vector<std::shared_ptr<output>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_shared<output>());
    view(all.back(), limits::event_credit);
  }
  run();
  print(3);
  print(2);
  for (const auto& one : all) {
    BOOST_REQUIRE(one->numbers.size() == 6u);
    BOOST_REQUIRE(one->lists.size() == 3u);
    BOOST_TEST(one->lists[1].get() == all.front()->lists[1].get());
    BOOST_TEST(one->lists[2].get() == all.front()->lists[2].get());
  }
}

BOOST_AUTO_TEST_CASE(a_viewer_with_little_credit_is_sent_a_part_of_what_others_read) {
  auto much = std::make_shared<output>();
  auto little = std::make_shared<output>();
  view(much, limits::event_credit);
  auto slow = view(little, 3);
  run();
  print(5);
  BOOST_TEST(much->numbers.size() == 6u);
  BOOST_TEST(little->numbers == (std::vector<std::uint64_t>{1, 2, 3}));
  caf::anon_send(slow, viewer_credit{10});
  run();
  BOOST_TEST(little->numbers == much->numbers);
}

// Nobody tells the viewer of what comes before the journal knows it.
BOOST_AUTO_TEST_CASE(an_advance_before_the_journal_knew_the_viewer_is_not_missed) {
  auto seen = std::make_shared<output>();
  view(seen, limits::event_credit);
  scheduler.run_once(); // its beginning
  settle();
  BOOST_TEST(seen->numbers.size() == 2u);
  BOOST_TEST(seen->followed);
}

BOOST_AUTO_TEST_CASE(a_viewer_that_was_dead_before_it_was_announced_is_forgotten) {
  auto seen = std::make_shared<output>();
  auto viewer = view(seen, 1);
  caf::anon_send_exit(viewer, caf::exit_reason::kill);
  run();
  BOOST_TEST(state_of_actor<journal_state>(heard).viewers.empty());
}

BOOST_AUTO_TEST_CASE(a_journal_that_cannot_be_read_is_refused) {
  d.id = "0000000000000099";
  auto seen = std::make_shared<output>();
  view(seen, 5);
  run();
  BOOST_TEST(seen->refused);
}

BOOST_AUTO_TEST_SUITE_END()
