// The output of a command becomes batches of events, up to the journal's limit.
#include "actors/workers/journal_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <semaphore>

using namespace pawl;
using namespace std::chrono_literals;

namespace {

// Batches come from two threads, one at a time; they are looked at after finish().
struct lines_fixture {
  std::vector<std::vector<event>> batches;
  std::counting_semaphore<> stored{0};
  journal_lines lines{"build", [] { return timestamp{}; },
                      [this](std::vector<event> batch) {
                        batches.push_back(std::move(batch));
                        stored.release();
                      }};

  std::vector<event> all() const {
    std::vector<event> events;
    for (const auto& batch : batches)
      events.insert(events.end(), batch.begin(), batch.end());
    return events;
  }

  static const std::string& line_of(const event& one) { return std::get<log_event>(one.body).line; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lines_of_a_journal, lines_fixture)

BOOST_AUTO_TEST_CASE(lines_keep_their_order_their_step_and_their_stream) {
  lines.add("stdout", "one");
  lines.add("stderr", "two");
  lines.finish();
  auto events = all();
  BOOST_REQUIRE(events.size() == 2u);
  BOOST_TEST(line_of(events[0]) == "one");
  BOOST_TEST(line_of(events[1]) == "two");
  BOOST_TEST(std::get<log_event>(events[1].body).stream == "stderr");
  BOOST_TEST(std::get<log_event>(events[1].body).step == "build");
}

BOOST_AUTO_TEST_CASE(nothing_printed_is_nothing_stored) {
  lines.finish();
  BOOST_TEST(batches.empty());
}

BOOST_AUTO_TEST_CASE(a_line_that_no_other_follows_is_stored_all_the_same) {
  lines.add("stdout", "compiling, which takes long");
  BOOST_TEST(stored.try_acquire_for(20s));
  lines.finish();
  BOOST_TEST(batches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_batch_has_its_bound) {
  for (int i = 0; i < 100; ++i)
    lines.add("stdout", std::string(limits::log_line_bytes / 2, 'x'));
  lines.finish();
  BOOST_TEST(batches.size() > 1u);
  for (const auto& batch : batches) {
    std::size_t bytes = 0;
    for (const auto& one : batch)
      bytes += line_of(one).size();
    BOOST_TEST(bytes <= limits::log_batch_bytes);
  }
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut) {
  lines.add("stdout", std::string(limits::log_line_bytes + 1, 'x'));
  lines.finish();
  BOOST_TEST(line_of(batches.front().front()).size() == limits::log_line_bytes);
}

BOOST_AUTO_TEST_CASE(what_is_over_the_limit_is_counted_and_the_last_lines_are_kept) {
  auto line = std::string(limits::log_line_bytes, 'x');
  auto sent = 0u;
  for (; sent < limits::journal_bytes / limits::log_line_bytes + 100; ++sent)
    lines.add("stdout", line);
  lines.add("stdout", "the last");
  lines.finish();
  std::size_t bytes = 0;
  std::size_t kept = 0;
  for (const auto& batch : batches)
    for (const auto& one : batch)
      if (const auto* log = std::get_if<log_event>(&one.body)) {
        bytes += log->line.size();
        ++kept;
      }
  BOOST_TEST(bytes <= limits::journal_bytes);
  const auto* warning = std::get_if<warning_event>(&batches.back().back().body);
  BOOST_REQUIRE(warning != nullptr);
  BOOST_TEST(warning->message.starts_with(std::to_string(sent + 1 - kept) + " lines"));
  auto last = lines.last_lines();
  BOOST_TEST(last.ends_with("\nthe last"));
  BOOST_TEST(last.size() <= limits::failure_log_bytes);
  BOOST_TEST(last.size() + limits::log_line_bytes >= limits::failure_log_bytes);
}

BOOST_AUTO_TEST_SUITE_END()
