// Group commit: what has gathered shares a transaction, each change has its own answer, and nothing
// is told before the commit.
#include "actors/journal/store_writer.hpp"
#include "persistence/forwarding_store.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// The memory store; counts the changes of each commit, and can be made to wait before one.
struct watched_store final : forwarding_store {
  explicit watched_store(std::shared_ptr<memory_store> below = std::make_shared<memory_store>())
      : forwarding_store(below), inner(std::move(below)) {}

  std::shared_ptr<memory_store> inner;
  std::vector<std::size_t> commits; // the number of changes in each
  std::function<void()> before_commit = [] {};

  std::vector<result<receipt>> commit(std::span<const change> changes) override {
    before_commit();
    commits.push_back(changes.size());
    return below().commit(changes);
  }
};

struct writer_fixture : actor_fixture {
  std::shared_ptr<watched_store> watched = std::make_shared<watched_store>();
  std::vector<std::string> advanced;
  std::size_t answers = 0;
  std::vector<errc> refusals;
  caf::actor listener = system.spawn([this](caf::event_based_actor*) -> caf::behavior {
    return {[this](const store_advanced& what) {
              advanced.insert(advanced.end(), what.journals.begin(), what.journals.end());
            },
            [](const all_may_have_advanced&) {}};
  });
  store_writer_actor writer =
      system.spawn(store_writer, watched, caf::actor_cast<journal_actor>(listener),
                   std::make_shared<known_tokens>(), std::make_shared<present_freezes>());

  ~writer_fixture() {
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    caf::anon_send_exit(listener, caf::exit_reason::kill);
    run();
  }

  change creation(std::uint64_t number) {
    deployment draft;
    draft.id = make_deployment_id({}, number);
    draft.app = "app-" + std::to_string(number);
    draft.cluster = "local";
    draft.request_id = "r-" + std::to_string(number);
    change wanted;
    wanted.deployments.push_back(*begin(draft, state::preparing, world->wall));
    wanted.journal.push_back({draft.id, {{0, world->wall, state_event{state::preparing, {}}}}});
    wanted.journal.push_back({draft.id, {{0, world->wall, warning_event{"second"}}}});
    return wanted;
  }

  // Puts changes into the writer's mailbox, and runs everything.
  void send_all(const std::vector<change>& changes) {
    auto asker = system.spawn([&](caf::event_based_actor* it) {
      for (const auto& one : changes)
        it->request(writer, limits::request_timeout, one)
            .then([this](const result<receipt>& answer) {
              ++answers;
              if (!answer)
                refusals.push_back(answer.error().code);
            });
    });
    run();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(writer, writer_fixture)

BOOST_AUTO_TEST_CASE(changes_that_wait_share_one_transaction) {
  std::vector<change> all;
  for (std::uint64_t i = 1; i <= 100; ++i)
    all.push_back(creation(i));
  send_all(all);
  BOOST_TEST(answers == 100u);
  BOOST_TEST(refusals.empty());
  BOOST_TEST(watched->commits.size() == 1u);
}

BOOST_AUTO_TEST_CASE(while_many_are_at_work_a_commit_waits_for_those_it_has_just_answered) {
  const auto those = [this](std::uint64_t from, std::uint64_t to) {
    std::vector<change> changes;
    for (auto i = from; i <= to; ++i)
      changes.push_back(creation(i));
    return changes;
  };
  send_all(those(1, 10));
  send_all(those(11, 13));
  send_all(those(14, 16));
  advance(limits::store_commit_look);
  BOOST_TEST(answers == 10u);
  send_all(those(17, 20));
  BOOST_TEST(answers == 10u);
  advance(limits::store_commit_look);
  BOOST_TEST(answers == 20u);
  // Nobody else comes: it is not waited for longer, and the one after that for nobody.
  send_all(those(21, 21));
  BOOST_TEST(answers == 20u);
  advance(limits::store_commit_look);
  BOOST_TEST(answers == 21u);
  send_all(those(22, 22));
  BOOST_TEST(answers == 22u);
  BOOST_TEST(watched->commits == (std::vector<std::size_t>{10, 10, 1, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_or_told_before_the_commit) {
  std::size_t early = 0;
  watched->before_commit = [&] { early += answers + advanced.size(); };
  send_all({creation(1), creation(2)});
  BOOST_TEST(early == 0u);
  BOOST_TEST(answers == 2u);
}

BOOST_AUTO_TEST_CASE(the_journal_is_told_once_of_each_deployment) {
  auto first = creation(1);
  auto second = creation(2);
  change more;
  more.journal.push_back(
      {first.deployments.front().id, {{0, world->wall, warning_event{"third"}}}});
  send_all({first, second, more});
  BOOST_TEST(advanced.size() == 2u);
  BOOST_TEST(std::set<std::string>(advanced.begin(), advanced.end()).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_refused_change_takes_no_other_with_it) {
  auto bad = creation(2);
  bad.deployments.front().request_id = "r-1";
  send_all({creation(1), bad, creation(3)});
  BOOST_TEST(answers == 3u);
  BOOST_REQUIRE(refusals.size() == 1u);
  BOOST_TEST(refusals.front() == errc::in_flight);
  BOOST_TEST(advanced.size() == 2u);
  BOOST_TEST(watched->find(make_deployment_id({}, 3)).has_value());
}

BOOST_AUTO_TEST_CASE(a_transaction_that_fails_is_everyones_answer_and_tells_nobody) {
  watched->inner->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  send_all({creation(1), creation(2)});
  BOOST_TEST(refusals.size() == 2u);
  BOOST_TEST(advanced.empty());
  send_all({creation(1)});
  BOOST_TEST(refusals.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_transaction_has_its_bound) {
  std::vector<change> all;
  for (std::uint64_t i = 1; i <= 2 * limits::store_commit_changes + 3; ++i)
    all.push_back(creation(i));
  send_all(all);
  advance(limits::store_commit_look);
  BOOST_TEST(answers == all.size());
  BOOST_TEST(watched->commits.size() >= 3u);
  for (auto size : watched->commits)
    BOOST_TEST(size <= limits::store_commit_changes);
}

BOOST_AUTO_TEST_SUITE_END()
