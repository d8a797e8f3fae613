// Random changes and questions, on both stores in lock-step. The seed is printed; PAWL_TEST_SEED
// runs it again.
#include "test/persistence/both_stores.hpp"
#include "test/persistence/samples.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>

using namespace pawl;
using namespace pawl::test;

namespace {

class life {
public:
  explicit life(std::uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (chance(3))
        commit();
      else
        ask();
      if (chance(80))
        stores_.reopen();
    }
    BOOST_TEST(held_ > 0);
    BOOST_TEST(refused_ > 0);
  }

private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_()) % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  lane_key any_lane() {
    return {std::string{"shop"}.substr(0, 2 + below(3)), chance(2) ? "local" : "far"};
  }
  std::string any_id() { return "d" + std::to_string(below(made_ + 2)); }

  deployment new_deployment() {
    clock_ += static_cast<std::int64_t>(below(3));
    auto d = sample("d" + std::to_string(made_++), clock_, any_lane());
    if (chance(4))
      d = full_sample(d.id);
    if (chance(8))
      d.request_id = "request-" + any_id();
    d.by = chance(2) ? "ada" : "eve";
    return d;
  }

  deployment changed_deployment() {
    auto found = stores_.find(any_id());
    auto d = found ? *found : new_deployment();
    std::vector<state> next;
    for (const auto& rule : transition_table)
      if (rule.from == d.state)
        next.push_back(rule.to);
    if (!next.empty())
      if (auto moved = advance(d, next[below(next.size())], at(clock_), "pawl"))
        d = *moved;
    if (chance(10))
      ++d.internals.revision;
    return d;
  }

  change any_change() {
    change wanted;
    for (auto count = below(3); count > 0; --count)
      wanted.deployments.push_back(chance(2) ? new_deployment() : changed_deployment());
    if (chance(3)) {
      wanted.lane =
          *stores_.lane(wanted.deployments.empty() ? any_lane() : lane_of(wanted.deployments[0]));
      wanted.lane->last_created = at(clock_ - (chance(5) ? 3 : 0));
      if (chance(8))
        ++wanted.lane->revision;
    }
    if (!wanted.deployments.empty() && chance(3))
      wanted.version = sample_version(wanted.deployments[0]);
    for (auto count = below(3); count > 0; --count) {
      journal_append append{wanted.deployments.empty() ? any_id() : wanted.deployments[0].id, {}};
      for (auto lines = below(9); lines > 0; --lines)
        append.events.push_back(log_line(std::string(below(200), 'x')));
      wanted.journal.push_back(std::move(append));
    }
    return wanted;
  }

  void commit() {
    std::vector<change> changes;
    for (auto count = 1 + below(4); count > 0; --count)
      changes.push_back(any_change());
    for (const auto& kept : stores_.commit(changes))
      ++(kept ? held_ : refused_);
  }

  history_query any_query() {
    history_query query;
    query.limit = 1 + below(6);
    auto lane = any_lane();
    if (chance(2))
      query.app = lane.app;
    if (chance(2))
      query.cluster = lane.cluster;
    if (chance(4))
      query.state = state_table[below(state_table.size())].state;
    if (chance(4))
      query.by = "ada";
    if (chance(6))
      query.version = version_number{1};
    if (chance(6))
      query.commit_prefix = "abc";
    if (chance(4))
      query.since = at(clock_ / 3);
    if (chance(4))
      query.until = at(clock_ / 2);
    return query;
  }

  // The answers are compared by both_stores; here it is only asked.
  void ask() {
    switch (below(8)) {
    case 0:
      (void)stores_.find(any_id());
      break;
    case 1:
      (void)stores_.resolve(any_id());
      break;
    case 2:
      (void)stores_.by_request("request-" + any_id());
      break;
    case 3:
      (void)stores_.lane(any_lane());
      (void)stores_.lanes(chance(2) ? std::optional{any_lane().app} : std::nullopt, {});
      break;
    case 4:
      (void)stores_.unfinished(chance(2) ? std::optional{any_lane()} : std::nullopt);
      break;
    case 5:
      (void)walk(stores_, any_query());
      break;
    case 6:
      (void)stores_.journal(any_id(), below(30), below(2000));
      break;
    default:
      (void)stores_.versions(any_lane().app, below(5),
                             version_number{static_cast<std::uint32_t>(below(9))});
      (void)stores_.version(any_lane().app, version_number{static_cast<std::uint32_t>(below(9))});
    }
  }

  std::mt19937_64 random_;
  both_stores stores_{7}; // a small scan, so that pages of rare filters stop
  std::size_t made_ = 0;
  std::int64_t clock_ = 0;
  int held_ = 0;
  int refused_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(random_lives_are_the_same_on_both_stores) {
  const char* given = std::getenv("PAWL_TEST_SEED");
  std::uint64_t first = given != nullptr ? std::stoull(given) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + 4; ++seed) {
    BOOST_TEST_MESSAGE("PAWL_TEST_SEED=" << seed);
    BOOST_TEST_CONTEXT("PAWL_TEST_SEED=" << seed) {
      life{seed}.run(400);
    }
  }
}
