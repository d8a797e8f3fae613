// A source is taken in, part by part; what is wrong with it is said.
#include "actors/workers/source_worker.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct source_fixture : actor_fixture {
  std::vector<std::uint64_t> moves; // offsets that the lane was told
  lane_reports_actor owner = caf::actor_cast<lane_reports_actor>(
      system.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const upload_moved& what) { moves.push_back(what.offset); }};
      }));
  std::pair<std::filesystem::path, std::string> looked_into;
  std::optional<error> nothing_found = {};
  source_worker_actor worker = system.spawn(
      source_worker, std::shared_ptr<source_store>{world->sources}, parts->read_manifest,
      settings_finder{[this](const manifest& said, const std::filesystem::path& tar,
                             const std::string& engine) -> result<found_settings> {
        looked_into = {tar, engine};
        if (nothing_found)
          return *nothing_found;
        auto settings = said;
        settings.build.command = "found";
        return found_settings{settings, {"make: Makefile found"}};
      }},
      owner);

  ~source_fixture() {
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    caf::anon_send_exit(worker, caf::exit_reason::kill);
    run();
  }

  result<std::uint64_t> append(std::uint64_t offset, std::size_t bytes) {
    return ask<result<std::uint64_t>>(worker, append_upload{"d", offset, std::vector<char>(bytes)});
  }

  result<verified_source> verify() {
    return ask<result<verified_source>>(worker, verify_upload{"d", "shop", "sha256:1", "docker"});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(source_workers, source_fixture)

BOOST_AUTO_TEST_CASE(each_part_that_was_received_is_told_to_the_lane) {
  BOOST_TEST(*ask<result<std::uint64_t>>(worker, open_upload{"d", "shop", {"sha256:1", 30, 1}}) ==
             0u);
  BOOST_TEST(*append(0, 10) == 10u);
  BOOST_TEST(!append(0, 10).has_value());
  BOOST_TEST(*append(10, 20) == 30u);
  BOOST_TEST(moves == (std::vector<std::uint64_t>{10, 30}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_closed_upload_takes_nothing_before_it_is_opened_again) {
  const open_upload opening{"d", "shop", {"sha256:1", 30, 1}};
  BOOST_TEST(*ask<result<std::uint64_t>>(worker, opening) == 0u);
  BOOST_TEST(*append(0, 10) == 10u);
  ask<done>(worker, close_upload{"d"});
  BOOST_TEST(world->sources->closed.contains("d"));
  BOOST_TEST(append(10, 10).error().code == errc::unavailable);
  BOOST_TEST(*ask<result<std::uint64_t>>(worker, opening) == 10u);
  BOOST_TEST(*append(10, 20) == 30u);
}

BOOST_AUTO_TEST_CASE(a_verified_source_comes_with_what_its_manifest_says) {
  BOOST_REQUIRE(append(0, 10).has_value());
  auto source = verify();
  BOOST_REQUIRE(source.has_value());
  BOOST_TEST(source->facts.digest == "sha256:1");
  BOOST_TEST(source->settings.run.command == "./shop");
}

BOOST_AUTO_TEST_CASE(the_rest_is_found_in_its_files) {
  BOOST_REQUIRE(append(0, 10).has_value());
  auto source = verify();
  BOOST_REQUIRE(source.has_value());
  BOOST_TEST(source->settings.build.command == "found");
  BOOST_TEST(source->notes == std::vector<std::string>{"make: Makefile found"},
             boost::test_tools::per_element());
  BOOST_TEST(looked_into.first == world->sources->path("shop", "sha256:1"));
  BOOST_TEST(looked_into.second == "docker");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_source_is_the_answer) {
  nothing_found = error{errc::invalid_argument, "nothing says how to start the app", {}};
  BOOST_TEST(verify().error().message == nothing_found->message);
  nothing_found.reset();
  world->manifest_answer = error{errc::invalid_argument, "line 3: unknown key", {}};
  BOOST_TEST(verify().error().message == "line 3: unknown key");
  world->sources->verdict = error{errc::too_large, "too many entries", {}};
  BOOST_TEST(verify().error().code == errc::too_large);
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_lane) {
  auto before = running();
  caf::anon_send_exit(owner, caf::exit_reason::kill);
  run();
  BOOST_TEST(running() == before - 2);
}

BOOST_AUTO_TEST_SUITE_END()
