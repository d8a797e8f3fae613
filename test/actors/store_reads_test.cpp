// A session's store reader that ends while reads of it are open.
#include "actors/session/store_reads.hpp"

#include "persistence/forwarding_store.hpp"
#include "test/actors/actor_fixture.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// The first list of the history ends who asks for it.
struct throwing_store final : forwarding_store {
  using forwarding_store::forwarding_store;

  result<history_page> history(const history_query& query) const override {
    if (std::exchange(throws, false))
      throw std::runtime_error{"the test ends the reader"};
    return forwarding_store::history(query);
  }

  mutable bool throws = true;
};

struct reads_of_one_owner : actor_fixture {
  using listed = result<protocol::history_list>;

  caf::event_based_actor* owner = nullptr;
  caf::actor owner_handle;
  std::unique_ptr<store_reads> reads;
  std::vector<bool> answered; // of each read, in the order of their ends

  reads_of_one_owner() {
    owner_handle = system.spawn([this](caf::event_based_actor* made) -> caf::behavior {
      owner = made;
      return {[](int) {}};
    });
    run();
    reads = std::make_unique<store_reads>(
        owner, std::make_shared<throwing_store>(records),
        listing::engine_looks{[](const version_record&) { return readiness::cold; }, {}});
  }

  ~reads_of_one_owner() {
    caf::anon_send_exit(owner_handle, caf::exit_reason::kill);
    run();
  }

  void read(const std::function<void()>& then = {}) {
    auto sent = reads->read<protocol::history_list>(
        protocol::history_request{}, std::function<void(listed&)>{[this, then](listed& outcome) {
          answered.push_back(outcome.has_value());
          if (then)
            then();
        }});
    BOOST_TEST(sent.has_value());
  }

  void expect(const std::vector<bool>& expected) {
    BOOST_TEST(answered == expected, boost::test_tools::per_element());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_reads_test, reads_of_one_owner)

BOOST_AUTO_TEST_CASE(reads_of_a_reader_that_was_lost_leave_the_next_reader_alone) {
  const auto without_reader = running();
  read();
  read([this] { read(); }); // makes the next reader, before the third read has come back
  read();
  run();
  expect({false, false, false, true});
  BOOST_TEST(running() == without_reader);
}

BOOST_AUTO_TEST_CASE(a_reader_that_was_lost_is_replaced) {
  const auto without_reader = running();
  read();
  run();
  read();
  run();
  expect({false, true});
  BOOST_TEST(running() == without_reader);
}

BOOST_AUTO_TEST_SUITE_END()
