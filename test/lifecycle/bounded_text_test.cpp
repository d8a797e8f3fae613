// Texts of others are cut before they become part of a record.
#include "lifecycle/bounded_text.hpp"
#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;

std::string of_bytes(std::size_t bytes) {
  return std::string(bytes, 'x');
}

std::size_t bytes_of(const std::map<std::string, std::string>& details) {
  std::size_t total = 0;
  for (const auto& [key, value] : details)
    total += value.size();
  return total;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bounded_text)

BOOST_AUTO_TEST_CASE(a_text_that_is_too_long_says_how_much_is_left_out) {
  BOOST_TEST(shortened(of_bytes(100), 100) == of_bytes(100));
  const auto cut = shortened(of_bytes(1000), 100);
  BOOST_TEST(cut.size() <= 100U);
  BOOST_TEST(cut == of_bytes(52) + "... (948 bytes more)");
}

BOOST_AUTO_TEST_CASE(no_character_is_cut_in_half) {
  const std::string clef = "\xf0\x9d\x84\x9e";
  for (std::size_t before = 40; before < 48; ++before) {
    std::string text = of_bytes(before);
    while (text.size() < 1000)
      text += clef;
    const auto cut = shortened(text, 100);
    const auto kept = cut.substr(0, cut.find("..."));
    BOOST_TEST((kept.size() - before) % clef.size() == 0U, before);
    BOOST_TEST(cut.size() <= 100U);
  }
}

BOOST_AUTO_TEST_CASE(an_error_has_bounds_in_each_part_and_as_a_whole) {
  error why{errc::build_failed, of_bytes(10 * limits::error_message_bytes), {}};
  for (int i = 0; i < 1000; ++i)
    why.details[std::to_string(i) + of_bytes(1000)] = of_bytes(10'000);
  keep_within_limits(why);
  BOOST_TEST(why.message.size() <= limits::error_message_bytes);
  BOOST_TEST(why.details.size() <= limits::error_details);
  BOOST_TEST(bytes_of(why.details) <= limits::error_details_bytes);
  BOOST_TEST(bytes_of(why.details) > limits::error_details_bytes / 2);
  for (const auto& [key, value] : why.details)
    BOOST_TEST(key.size() <= limits::error_key_bytes);
}

BOOST_AUTO_TEST_CASE(the_last_lines_of_a_build_are_kept_whole) {
  const auto lines = of_bytes(limits::failure_log_bytes);
  const error before{errc::build_failed, "it failed", {{"exit_status", "1"}, {"log", lines}}};
  auto why = before;
  keep_within_limits(why);
  BOOST_TEST((why == before));
}

BOOST_AUTO_TEST_CASE(a_failure_has_the_last_lines_within_two_bounds) {
  BOOST_TEST(failure_log({}).empty());
  BOOST_TEST(failure_log({"a", "", "b"}) == "a\n\nb");
  std::vector<std::string> many(200, "line");
  many.back() = "last";
  const auto shown = failure_log(many);
  BOOST_TEST(std::count(shown.begin(), shown.end(), '\n') ==
             static_cast<std::ptrdiff_t>(limits::failure_log_lines) - 1);
  BOOST_TEST(shown.ends_with("\nlast"));
  const std::vector<std::string> long_ones(200, of_bytes(limits::log_line_bytes));
  const auto cut = failure_log(long_ones);
  BOOST_TEST(cut.size() <= limits::failure_log_bytes);
  BOOST_TEST(cut.size() > limits::failure_log_bytes - limits::log_line_bytes - 1);
}

BOOST_AUTO_TEST_CASE(events_have_bounds) {
  const auto much = of_bytes(limits::mib);
  const auto size_of = [](event_body body) {
    keep_within_limits(body);
    if (const auto* log = std::get_if<log_event>(&body))
      return log->line.size();
    if (const auto* health = std::get_if<health_event>(&body))
      return health->detail.size();
    if (const auto* moved = std::get_if<state_event>(&body))
      return moved->error->message.size();
    return std::get<warning_event>(body).message.size();
  };
  BOOST_TEST(size_of(log_event{"build", "stdout", much}) == limits::log_line_bytes);
  BOOST_TEST(size_of(health_event{"d-1", false, much}) <= limits::error_message_bytes);
  BOOST_TEST(size_of(warning_event{much}) <= limits::error_message_bytes);
  BOOST_TEST(size_of(state_event{state::failed, failure{errc::internal, much}}) <=
             limits::error_message_bytes);
}

BOOST_AUTO_TEST_SUITE_END()
