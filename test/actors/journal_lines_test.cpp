// What a command prints, on its way into the journal.
#include "actors/journal_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace pawl;
using namespace std::chrono_literals;

namespace {

class stored_events {
public:
  journal_lines lines() {
    return {"build", [] { return timestamp{}; },
            [this](std::vector<event> batch) {
              std::lock_guard lock{mutex_};
              for (auto& one : batch)
                all_.push_back(std::move(one));
              grown_.notify_all();
            }};
  }

  // Whether so many were stored within some seconds.
  bool reach(std::size_t count) {
    std::unique_lock lock{mutex_};
    return grown_.wait_for(lock, 10s, [&] { return all_.size() >= count; });
  }

  std::vector<event> all() {
    std::lock_guard lock{mutex_};
    return all_;
  }

private:
  std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<event> all_;
};

std::string line_of(const event& what) {
  const auto* log = std::get_if<log_event>(&what.body);
  return log != nullptr ? log->line : std::string{};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lines_of_a_command)

BOOST_AUTO_TEST_CASE(lines_before_a_long_silence_are_stored_during_it) {
  stored_events stored;
  auto lines = stored.lines();
  lines.add("stdout", "compiling");
  lines.add("stderr", "and no word more");
  BOOST_REQUIRE(stored.reach(2));
  lines.add("stdout", "done");
  BOOST_REQUIRE(stored.reach(3));
  auto all = stored.all();
  BOOST_TEST(line_of(all[0]) == "compiling");
  BOOST_TEST(line_of(all[1]) == "and no word more");
  BOOST_TEST(line_of(all[2]) == "done");
}

BOOST_AUTO_TEST_CASE(what_is_left_is_stored_when_the_command_ends) {
  stored_events stored;
  auto lines = stored.lines();
  lines.add("stdout", "the only line");
  lines.finish();
  BOOST_TEST(stored.all().size() == 1U);
  lines.finish();
  BOOST_TEST(stored.all().size() == 1U);
}

BOOST_AUTO_TEST_CASE(lines_past_the_limit_are_dropped_and_counted) {
  stored_events stored;
  auto lines = stored.lines();
  const std::string longest(limits::log_line_bytes, 'x');
  const auto many = limits::journal_bytes / limits::log_line_bytes + 3;
  for (std::size_t i = 0; i < many; ++i)
    lines.add("stdout", longest);
  lines.add("stdout", "the end");
  lines.finish();
  auto all = stored.all();
  const auto* said = std::get_if<warning_event>(&all.back().body);
  BOOST_REQUIRE(said != nullptr);
  auto dropped = many + 1 - (all.size() - 1);
  BOOST_TEST(dropped >= 3U);
  BOOST_TEST(said->message.starts_with(std::to_string(dropped) + " lines of the build log"));
  BOOST_TEST(lines.last_lines().ends_with("the end"));
}

BOOST_AUTO_TEST_SUITE_END()
