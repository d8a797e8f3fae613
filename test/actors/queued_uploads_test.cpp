// Uploads of deployments that wait for their turn: one of which nothing comes holds no place that
// another could have, and goes on with what has come.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct queued_uploads_fixture : session_fixture {
  static protocol::deploy_request queued_of(const std::string& request_id,
                                            const std::string& app = "shop") {
    auto asked = deploy_of(request_id, app);
    asked.when_busy = when_busy::queue;
    return asked;
  }

  void connect_again() {
    connect();
    say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  }

  std::uint64_t send(const std::string& id, std::uint64_t from, std::size_t bytes) {
    return get<protocol::upload_progress>(
               protocol::upload_chunk{id, from, std::vector<char>(bytes, 'x')})
        .offset;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(queued_uploads, queued_uploads_fixture)

BOOST_AUTO_TEST_CASE(those_of_clients_that_are_gone_give_their_places_back) {
  constexpr std::size_t in_a_lane = 16;
  std::string halfway; // the fourth of the first lane's queue
  for (std::size_t i = 0; i < limits::uploads_at_once; ++i) {
    auto how = get<protocol::accepted>(
        queued_of(fmt::format("r{}", i), fmt::format("app{}", i / in_a_lane)));
    if (i == 4) {
      halfway = how.deployment.id;
      BOOST_TEST(send(halfway, 0, 40) == 40U);
    }
  }
  connect_again();
  BOOST_TEST(to_string(refusal(queued_of("late", "late"))) == to_string(errc::resource_exhausted));
  advance(limits::upload_timeout);
  BOOST_TEST(world->sources->closed.contains(halfway));
  BOOST_TEST(to_string(state_of(halfway)) == to_string(state::queued));
  get<protocol::accepted>(queued_of("late", "late"));
  auto back = get<protocol::accepted>(queued_of("r4", "app0"));
  BOOST_TEST(back.deployment.id == halfway);
  BOOST_TEST(back.upload_offset == 40U);
  BOOST_TEST(send(halfway, 40, 60) == 100U);
  // Those before it fail, one after another; and a commit may wait for those of other lanes.
  for (int turns = 0; turns < 4; ++turns) {
    advance(limits::upload_timeout);
    advance(1s);
    advance(1s);
  }
  BOOST_TEST(to_string(state_of(halfway)) == to_string(state::active));
}

BOOST_AUTO_TEST_CASE(one_that_keeps_coming_keeps_its_place) {
  auto first = get<protocol::accepted>(queued_of("r0")).deployment.id;
  auto waits = get<protocol::accepted>(queued_of("r1")).deployment.id;
  auto with_workers = running();
  std::uint64_t at = 0;
  for (; at < 30; at += 10) {
    advance(limits::upload_timeout - 1s);
    BOOST_TEST(send(first, at, 10) == at + 10); // so that the other's turn does not come
    BOOST_TEST(send(waits, at, 10) == at + 10);
  }
  BOOST_TEST(running() == with_workers);
  advance(limits::upload_timeout - 1s);
  send(first, at, 10);
  BOOST_TEST(running() == with_workers);
  advance(1s);
  BOOST_TEST(running() == with_workers - 1);
  BOOST_TEST(world->sources->closed.contains(waits));
}

// Its client was silent for long, and lives.
BOOST_AUTO_TEST_CASE(a_part_that_comes_late_is_told_to_ask_where_the_upload_goes_on) {
  auto first = get<protocol::accepted>(queued_of("r0")).deployment.id;
  auto waits = get<protocol::accepted>(queued_of("r1")).deployment.id;
  BOOST_TEST(send(waits, 0, 10) == 10U);
  advance(limits::upload_timeout - 1s);
  send(first, 0, 10);
  advance(1s);
  protocol::upload_chunk late{waits, 10, std::vector<char>(90, 'x')};
  BOOST_TEST(to_string(refusal(late)) == to_string(errc::unavailable));
  BOOST_TEST(get<protocol::accepted>(queued_of("r1")).upload_offset == 10U);
  BOOST_TEST(send(waits, 10, 90) == 100U);
}

// Places that were given back are not taken back when others have them.
BOOST_AUTO_TEST_CASE(one_that_gave_its_place_back_waits_for_another) {
  auto first = get<protocol::accepted>(queued_of("r0"));
  auto waits = get<protocol::accepted>(queued_of("r1")).deployment.id;
  for (std::uint64_t i = 0; i < 3; ++i) { // its turn does not come
    advance(limits::upload_timeout / 2);
    send(first.deployment.id, 10 * i, 10);
  }
  std::vector<std::shared_ptr<void>> places;
  while (auto place = actors.upload_places->take())
    places.push_back(std::move(place));
  BOOST_TEST(to_string(refusal(queued_of("r1"))) == to_string(errc::resource_exhausted));
  BOOST_TEST(to_string(state_of(waits)) == to_string(state::queued));
  places.pop_back();
  BOOST_TEST(get<protocol::accepted>(queued_of("r1")).deployment.id == waits);
}

BOOST_AUTO_TEST_SUITE_END()
