// The worker tells and keeps what it finds in a source whose manifest leaves something open.
#include "test/actors/actor_fixture.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(settings_found, actor_fixture)

BOOST_AUTO_TEST_CASE(what_was_found_in_a_source_is_told_and_is_part_of_its_version) {
  parts->find_settings = [](const manifest& said, const std::filesystem::path&,
                            const std::string&) -> result<found_settings> {
    auto settings = said;
    settings.run.command = "exec npm start";
    return found_settings{settings, {"Node.js: it is started by npm start"}};
  };
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(record(d.id).internals.settings->run.command == "exec npm start");
  auto page = records->journal(d.id, 1, limits::journal_page_bytes);
  BOOST_REQUIRE(page.has_value());
  std::string told;
  for (const auto& each : events_of(*page))
    if (const auto* log = std::get_if<log_event>(&each.body))
      told += log->step + ": " + log->line + "\n";
  BOOST_TEST(told.find("detect: Node.js: it is started by npm start\n") != std::string::npos, told);
}

BOOST_AUTO_TEST_CASE(a_deployment_fails_with_the_reason_why_nothing_was_found) {
  parts->find_settings = [](const manifest&, const std::filesystem::path&,
                            const std::string&) -> result<found_settings> {
    return error{errc::build_failed, "the app needs npm", {}};
  };
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(path_of(d.id) == "preparing failed");
  BOOST_TEST(record(d.id).error->message == "the app needs npm");
}

BOOST_AUTO_TEST_SUITE_END()
