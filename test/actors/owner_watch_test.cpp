// A worker and the lane that it works for: neither outlives the other where it counts.
#include "actors/runtime/owner_watch.hpp"

#include "actors/workers/activation_worker.hpp"
#include "actors/workers/health_checker.hpp"
#include "actors/workers/source_worker.hpp"
#include "test/actors/actor_fixture.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

struct owned_fixture : actor_fixture {
  lane_reports_actor owner = caf::actor_cast<lane_reports_actor>(system.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](const upload_moved&) {}}; }));

  ~owned_fixture() {
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    run();
  }

  source_worker_actor new_source_worker() {
    return system.spawn(source_worker, std::shared_ptr<source_store>{world->sources},
                        parts->read_manifest, parts->find_settings, owner);
  }
  activation_worker_actor new_activation_worker() {
    return system.spawn(activation_worker, caller_maker{}, exit_watch{[](auto&&...) {}}, owner);
  }
  health_checker_actor new_health_checker() {
    return system.spawn(health_checker, caller_maker{}, owner);
  }

  // Whether nothing refers to the worker when it has ended, so that its memory is free again.
  template <class Worker>
  bool leaves_nothing(Worker worker) {
    run();
    const auto last = caf::actor_cast<caf::weak_actor_ptr>(worker);
    caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
    worker = Worker{};
    run();
    return last.get()->strong_refs == 0 && last.get()->weak_refs == 1;
  }

  template <class Worker>
  bool ends_with_owner(const Worker& worker) {
    run();
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    run();
    return caf::actor_cast<caf::abstract_actor*>(worker)->getf(
        caf::abstract_actor::is_cleaned_up_flag);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(owner_watches, owned_fixture)

BOOST_AUTO_TEST_CASE(a_worker_that_has_ended_leaves_nothing_with_its_lane) {
  BOOST_TEST(leaves_nothing(new_source_worker()));
  BOOST_TEST(leaves_nothing(new_activation_worker()));
  BOOST_TEST(leaves_nothing(new_health_checker()));
}

BOOST_AUTO_TEST_CASE(a_source_worker_ends_with_its_lane) {
  BOOST_TEST(ends_with_owner(new_source_worker()));
}

BOOST_AUTO_TEST_CASE(an_activation_worker_ends_with_its_lane) {
  BOOST_TEST(ends_with_owner(new_activation_worker()));
}

BOOST_AUTO_TEST_CASE(a_health_checker_ends_with_its_lane) {
  BOOST_TEST(ends_with_owner(new_health_checker()));
}

BOOST_AUTO_TEST_SUITE_END()
