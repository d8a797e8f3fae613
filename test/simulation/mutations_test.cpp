// The checkers can fail: a world that breaks one of its promises is found out.
#include "test/simulation/life.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

// The part of the world that is not to be broken does what the one below does.
struct broken_router : router {
  std::shared_ptr<router> below;
  explicit broken_router(std::shared_ptr<router> of) : below(std::move(of)) {}
  result<void> restore(const std::vector<route>& all) override { return below->restore(all); }
  result<void> switch_to(const route& to) override { return below->switch_to(to); }
  bool is_running() const override { return below->is_running(); }
  result<void> forget(const lane_key& lane, const std::string& deployment) override {
    return below->forget(lane, deployment);
  }
  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override {
    return below->let_clients_go(lane, deployment);
  }
  std::vector<std::string> hosts(const lane_key& lane) const override { return below->hosts(lane); }
  std::vector<std::string> urls(const lane_key& lane) const override { return below->urls(lane); }
  void watch(std::function<void()> on_death) override { below->watch(std::move(on_death)); }
  void stop() override { below->stop(); }
};

// Confirms every third switch without making it.
struct lying_router : broken_router {
  using broken_router::broken_router;
  std::size_t switches = 0;
  result<void> switch_to(const route& to) override {
    return ++switches % 3 == 0 ? result<void>{} : below->switch_to(to);
  }
};

// Everything is healthy.
struct kind_probe : probe {
  probe_answer ask(const std::string&, const health_settings&) override { return {true, "fine"}; }
};

struct broken_sources : source_store {
  std::shared_ptr<source_store> below;
  explicit broken_sources(std::shared_ptr<source_store> of) : below(std::move(of)) {}
  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override {
    return below->open_upload(deployment, app, promised);
  }
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override {
    return below->append(deployment, offset, std::move(bytes));
  }
  void close_upload(const std::string& deployment) override { below->close_upload(deployment); }
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override {
    return below->verify(deployment, app, digest);
  }
  std::filesystem::path path(const std::string& app, const std::string& digest) const override {
    return below->path(app, digest);
  }
  std::vector<std::string> uploads() const override { return below->uploads(); }
  // Forgets nothing.
  void discard_upload(const std::string&) override {}
};

// Says of every fifteenth commit that it is stored, and does not store it.
commit_function forgetful() {
  return [commits = 0](store& below, std::span<const change> changes) mutable {
    if (++commits % 15 != 0)
      return below.commit(changes);
    std::vector<result<receipt>> lies;
    for (const auto& one : changes)
      lies.emplace_back(receipt{one.deployments, one.lane, one.version, one.journal});
    return lies;
  };
}

// The invariants that lives of a server in such a world break, by their first word.
std::set<std::string> found_by(const std::function<void(life_options&)>& break_it) {
  constexpr std::uint64_t lives = 60;
  std::set<std::string> found;
  for (std::uint64_t seed = 1; seed <= lives && found.empty(); ++seed) {
    life_options options;
    options.seed = seed;
    break_it(options);
    for (const auto& why : life{options}.run().violations)
      found.insert(why.substr(0, why.find(':')));
  }
  return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mutations_test)

BOOST_AUTO_TEST_CASE(a_router_that_confirms_what_it_has_not_done_is_found) {
  BOOST_TEST(!found_by([](life_options& options) {
                options.change_parts = [](server_parts& parts) {
                  parts.router = std::make_shared<lying_router>(parts.router);
                };
              }).empty());
}

BOOST_AUTO_TEST_CASE(traffic_to_what_was_never_healthy_is_found) {
  BOOST_TEST(found_by([](life_options& options) {
               options.change_parts = [](server_parts& parts) {
                 parts.probe = std::make_shared<kind_probe>();
               };
             }).contains("I4"));
}

BOOST_AUTO_TEST_CASE(an_upload_that_nobody_removes_is_found) {
  BOOST_TEST(found_by([](life_options& options) {
               options.change_parts = [](server_parts& parts) {
                 parts.sources = std::make_shared<broken_sources>(parts.sources);
               };
             }).contains("I5"));
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_commit_is_found) {
  BOOST_TEST(!found_by([](life_options& options) { options.commit = forgetful(); }).empty());
}

BOOST_AUTO_TEST_SUITE_END()
