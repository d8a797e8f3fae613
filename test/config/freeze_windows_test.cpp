// Windows of a week, and the time zones of the system's database.
#include "config/freeze_windows.hpp"

#include "config/time_zones.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>

BOOST_AUTO_TEST_SUITE(freeze_windows)

namespace {

using namespace std::chrono;
using pawl::config::parse_freeze_window;
using pawl::config::read_time_zone;

} // namespace

BOOST_AUTO_TEST_CASE(a_window_is_two_moments_of_the_week_and_a_zone) {
  const auto read = parse_freeze_window("Fri 16:00 - Mon 08:05  Europe/Berlin");
  BOOST_REQUIRE(read);
  BOOST_TEST((read->from == days{4} + 16h));
  BOOST_TEST((read->to == 8h + 5min));
  BOOST_TEST(read->zone->name == "Europe/Berlin");
}

BOOST_AUTO_TEST_CASE(each_mistake_in_a_window_is_named) {
  const auto message_of = [](std::string_view text) {
    const auto read = parse_freeze_window(text);
    BOOST_REQUIRE_MESSAGE(!read, text);
    return read.error().message;
  };
  for (const auto* none : {"", "Fri", "Fri 16:00 Mon 08:00 UTC", "Fri 16:00 - Mon 08:00",
                           "Fri 16:00-Mon 08:00 UTC", "Fri 16:00 - Mon 08:00 UTC UTC"})
    BOOST_TEST(message_of(none).find("a window is a day and a time") != std::string::npos,
               none << ": " << message_of(none));
  BOOST_TEST(message_of("Fry 16:00 - Mon 08:00 UTC") ==
             "has the day \"Fry\" in it, but a day is Mon, Tue, Wed, Thu, Fri, Sat or Sun");
  for (const auto* time : {"24:00", "7:00", "07:60", "0700", "ab:cd"})
    BOOST_TEST(message_of(fmt::format("Fri {} - Mon 08:00 UTC", time)) ==
               fmt::format("has the time \"{}\" in it, but a time is from 00:00 to 23:59", time));
  BOOST_TEST(message_of("Fri 16:00 - Fri 16:00 UTC").find("is empty") != std::string::npos);
  for (const auto* zone : {"Europe/Berlim", "/etc/passwd", "../../../etc/passwd", "Europe", "CET5"})
    BOOST_TEST(message_of(fmt::format("Fri 16:00 - Mon 08:00 {}", zone))
                       .find(fmt::format("the time zone \"{}\" in it, which this system", zone)) !=
                   std::string::npos,
               zone);
}

BOOST_AUTO_TEST_CASE(the_changes_of_a_zone_are_known_to_the_second_also_of_years_to_come) {
  const auto zone = read_time_zone("Europe/Berlin");
  BOOST_REQUIRE(zone.has_value());
  BOOST_TEST((zone->ahead == 1h));
  const auto has = [&](sys_days day, hours time, hours ahead) {
    const pawl::time_zone::change one{day + time, ahead};
    return std::find(zone->changes.begin(), zone->changes.end(), one) != zone->changes.end();
  };
  BOOST_TEST(has(2026y / March / 29, 1h, 2h));
  BOOST_TEST(has(2026y / October / 25, 1h, 1h));
  BOOST_TEST(has(2061y / March / 27, 1h, 2h));
  BOOST_TEST(zone->changes.size() == 200U);
  BOOST_TEST(read_time_zone("UTC")->changes.empty());
  BOOST_TEST((read_time_zone("Asia/Kolkata")->ahead == 5h + 30min));
}

BOOST_AUTO_TEST_CASE(reading_a_zone_leaves_the_process_in_its_own) {
  ::setenv("TZ", "Asia/Tokyo", 1);
  BOOST_REQUIRE(read_time_zone("Europe/Berlin").has_value());
  BOOST_TEST(std::string{std::getenv("TZ")} == "Asia/Tokyo");
  ::unsetenv("TZ");
  BOOST_REQUIRE(read_time_zone("Europe/Berlin").has_value());
  BOOST_TEST(std::getenv("TZ") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
