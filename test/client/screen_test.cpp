// The text that a terminal shows after all writes: a small terminal emulator carries out the codes.
#include "client/terminal/screen.hpp"

#include "client/terminal/narrator.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <charconv>

using namespace pawl;
using namespace pawl::client;

namespace {

// Knows text, line feeds, carriage returns, "up", "erase to the end" of the line and of the screen,
// and colours. Lines that are too long wrap, as everywhere.
class terminal {
public:
  explicit terminal(std::size_t columns) : columns_(columns) {}

  void write(std::string_view text) {
    while (!text.empty())
      text.remove_prefix(take(text));
  }

  writer input() {
    return [this](std::string_view text) { write(text); };
  }

  // All lines, without the empty ones at the end.
  std::string text() const {
    std::string all;
    for (const auto& line : lines_)
      all += line + "\n";
    all.erase(all.find_last_not_of('\n') + 1);
    return all;
  }

  bool cursor_is_at_the_left() const { return column_ == 0; }
  std::size_t widest() const { return widest_; }

private:
  std::size_t take(std::string_view text) {
    if (text.starts_with("\x1b["))
      return take_code(text);
    if (text.front() == '\n')
      row_ += 1;
    if (text.front() == '\n' || text.front() == '\r') {
      column_ = 0;
      return 1;
    }
    auto next = first_code_point(text);
    BOOST_REQUIRE(next.length > 0);
    put(text.substr(0, next.length));
    return next.length;
  }

  std::size_t take_code(std::string_view text) {
    auto end =
        std::find_if(text.begin() + 2, text.end(), [](char c) { return c >= '@' && c <= '~'; });
    BOOST_REQUIRE(end != text.end());
    auto length = static_cast<std::size_t>(end - text.begin()) + 1;
    std::size_t number = 0;
    std::from_chars(text.data() + 2, text.data() + length, number);
    if (*end == 'A') {
      BOOST_REQUIRE(row_ >= number);
      row_ -= number;
    } else if (*end == 'K' || *end == 'J') {
      lines_.resize(std::max(lines_.size(), row_ + 1));
      BOOST_REQUIRE(*end == 'J' ? column_ == 0 : true);
      if (*end == 'K')
        lines_[row_] = std::string{cut_utf8(lines_[row_], bytes_before_cursor())};
      else
        lines_.resize(row_);
    } else {
      BOOST_TEST(*end == 'm', "unknown code " << std::string{text.substr(1, length - 1)});
    }
    return length;
  }

  std::size_t bytes_before_cursor() const { return fit(lines_[row_], column_, "").size(); }

  void put(std::string_view character) {
    auto wide = width(character);
    if (column_ + wide > columns_) {
      row_ += 1;
      column_ = 0;
    }
    lines_.resize(std::max(lines_.size(), row_ + 1));
    auto& line = lines_[row_];
    auto at = bytes_before_cursor();
    auto old = first_code_point(std::string_view{line}.substr(at)).length;
    line.replace(at, old, character);
    column_ += wide;
    widest_ = std::max(widest_, column_);
  }

  std::size_t columns_;
  std::vector<std::string> lines_ = {};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::size_t widest_ = 0;
};

constexpr look on_a_terminal{.colours = true, .live = true, .unicode = true, .columns = 60};

} // namespace

BOOST_AUTO_TEST_SUITE(screens)

BOOST_AUTO_TEST_CASE(the_region_is_written_over_and_lines_stay) {
  terminal shown{40};
  screen one{shown.input(), [] { return terminal_size{40, 24}; }};
  one.print("first");
  one.show({"a long line of the region", "b", "c"}, "…");
  BOOST_TEST(shown.text() == "first\na long line of the region\nb\nc");
  one.show({"x", "y"}, "…");
  BOOST_TEST(shown.text() == "first\nx\ny");
  one.print("second");
  BOOST_TEST(shown.text() == "first\nsecond");
  one.show({"z"}, "…");
  one.clear();
  one.clear();
  BOOST_TEST(shown.text() == "first\nsecond");
  BOOST_TEST(shown.cursor_is_at_the_left());
}

BOOST_AUTO_TEST_CASE(no_line_of_the_region_wraps) {
  for (std::size_t columns : {1U, 2U, 7U, 60U}) {
    terminal shown{columns};
    screen one{shown.input(), [&] { return terminal_size{columns, 24}; }};
    one.show(
        {std::string(300, 'x'), "你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好"},
        "…");
    one.show({"y"}, "…");
    BOOST_TEST(shown.text() == "y");
  }
}

BOOST_AUTO_TEST_CASE(a_low_terminal_shows_the_first_lines) {
  terminal shown{40};
  screen one{shown.input(), [] { return terminal_size{40, 3}; }};
  one.show({"a", "b", "c", "d"}, "…");
  BOOST_TEST(shown.text() == "a\nb");
}

BOOST_AUTO_TEST_CASE(a_window_that_became_narrower_is_cleaned_as_a_whole) {
  std::string written;
  terminal_size size{80, 24};
  screen one{[&](std::string_view text) { written += text; }, [&] { return size; }};
  one.show({std::string(70, 'x'), "y"}, "…");
  size.columns = 40; // the terminal has wrapped the first line into two
  written.clear();
  one.clear();
  BOOST_TEST(written == "\r\x1b[3A\x1b[J");
}

BOOST_AUTO_TEST_CASE(a_deploy_on_a_terminal_ends_in_a_line_for_each_step) {
  terminal shown{60};
  narrator tells{shown.input(), on_a_terminal, [] { return terminal_size{60, 24}; }};
  auto at = wall_time();
  std::uint64_t seq = 0;
  auto see = [&](event_body body) { tells.seen({++seq, at, std::move(body)}); };
  see(state_event{state::preparing, {}});
  tells.uploaded(5, 10);
  tells.uploaded(10, 10);
  see(state_event{state::building, {}});
  see(log_event{"build", "stdout", "compiling"});
  tells.warning("the connection was lost, connecting again: " + std::string(100, 'w'));
  tells.searching(true);
  BOOST_TEST(shown.text().find("connection lost, connecting again\n  │ compiling") !=
             std::string::npos);
  tells.searching(false);
  see(state_event{state::activating, {}});
  see(health_event{"d-1", false, "refused"});
  tells.searching(false); // draws
  // The seconds of a step that goes on are those of the clock.
  const auto checking = shown.text().find("checking health ");
  BOOST_TEST(checking != std::string::npos);
  BOOST_TEST(shown.text().find(" s\n  d-1 not healthy yet: refused", checking) !=
             std::string::npos);
  see(state_event{state::active, {}});
  tells.clear_live();
  auto text = shown.text();
  BOOST_TEST(text.starts_with("✓ uploaded 10 B\n✓ source received and verified 0.0 s\n! the "));
  BOOST_TEST(text.ends_with("\n✓ built 0.0 s\n✓ healthy, traffic switched 0.0 s"));
  BOOST_TEST(text.find("compiling") == std::string::npos);
  BOOST_TEST(shown.widest() <= 60U);
  BOOST_TEST(shown.cursor_is_at_the_left());
}

BOOST_AUTO_TEST_CASE(the_last_lines_of_a_step_that_failed_stay) {
  terminal shown{60};
  narrator tells{shown.input(), on_a_terminal, [] { return terminal_size{60, 24}; }};
  auto at = wall_time();
  tells.seen({1, at, state_event{state::building, {}}});
  for (int i = 1; i <= 90; ++i)
    tells.seen({1, at, log_event{"build", "stdout", "line " + std::to_string(i) + "."}});
  tells.seen({1, at, state_event{state::failed, {}}});
  auto text = shown.text();
  BOOST_TEST(text.starts_with("✗ building failed 0.0 s\n  | line 41.\n"));
  BOOST_TEST(text.ends_with("| line 90."));
  BOOST_TEST(tells.told_log());
}

BOOST_AUTO_TEST_CASE(a_replayed_journal_keeps_all_its_lines) {
  terminal shown{60};
  narrator tells{shown.input(), on_a_terminal,
                 [] {
                   return terminal_size{60, 24};
                 },
                 keep_lines::all};
  auto at = wall_time();
  tells.seen({1, at, state_event{state::building, {}}});
  for (int i = 1; i <= 30; ++i)
    tells.seen({1, at, log_event{"build", "stdout", "line " + std::to_string(i) + "."}});
  tells.seen({1, at, state_event{state::pushing, {}}});
  BOOST_TEST(shown.text().starts_with("  build | line 1.\n"));
  BOOST_TEST(shown.text().find("  build | line 30.\n✓ built 0.0 s\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
