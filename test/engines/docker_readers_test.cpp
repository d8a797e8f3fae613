// The readers of what a Docker daemon answers, in pieces of any size.
#include "engines/docker/build_output.hpp"
#include "engines/docker/copied_log.hpp"
#include "engines/docker/log_frames.hpp"
#include "posix/files.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;

namespace {

using text_lines = std::vector<std::string>;

struct taken_lines {
  text_lines lines;
  line_sink sink() {
    return [this](std::string_view stream, std::string_view line) {
      lines.push_back(fmt::format("{}: {}", stream, line));
    };
  }
};

// Gives the whole in pieces of that many bytes.
template <class Reader>
bool take_in_pieces(Reader& reader, std::string_view whole, std::size_t bytes) {
  bool sense = true;
  for (; sense && !whole.empty(); whole.remove_prefix(std::min(bytes, whole.size())))
    sense = reader.take(whole.substr(0, bytes));
  return sense;
}

std::string frame_of(char stream, const std::string& text) {
  std::string head{stream, '\0', '\0', '\0', '\0', '\0', '\0', static_cast<char>(text.size())};
  return head + text;
}

const std::string container(64, 'a');

text_lines lines_of_file(const std::filesystem::path& file) {
  text_lines lines;
  std::string line;
  for (const char c : read_text(file))
    if (c == '\n')
      lines.push_back(std::exchange(line, {}));
    else
      line += c;
  return lines;
}

} // namespace

BOOST_AUTO_TEST_SUITE(docker_readers)

BOOST_AUTO_TEST_CASE(a_build_s_answer_is_read_in_any_pieces) {
  const auto id = "sha256:" + std::string(64, '1');
  const std::string answer = "{\"stream\":\"Step 1/2 : FROM x\"}\r\n{\"stream\":\"\\n\"}\r\n"
                             "{\"stream\":\" ---\\u003e Running in 0123456789ab\\n\"}\r\n"
                             "{\"stream\":\"\\u001b[91mbad\\n\\u001b[0m\"}\r\n"
                             "{\"status\":\"Downloading\",\"progress\":\"[=>]\",\"id\":\"x\"}\r\n"
                             "{\"status\":\"Pulled\",\"id\":\"x\"}\r\n{\"stream\":\"open\"}\r\n"
                             "{\"aux\":{\"ID\":\"" +
                             id + "\"}}\r\n";
  const text_lines wanted{"stdout: Step 1/2 : FROM x", "stdout:  ---> Running in 0123456789ab",
                          "stderr: bad", "stdout: x: Pulled", "stdout: open"};
  for (const std::size_t bytes : {1U, 7U, 10'000U}) {
    taken_lines taken;
    build_output output{taken.sink()};
    BOOST_TEST(take_in_pieces(output, answer, bytes));
    output.finish();
    BOOST_TEST(taken.lines == wanted, boost::test_tools::per_element());
    BOOST_TEST(output.image() == id);
    BOOST_TEST(!output.problem());
    BOOST_TEST(output.containers().count("0123456789ab") == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_failed_step_has_its_message_and_its_status) {
  build_output output{[](auto, auto) {}};
  BOOST_TEST(output.take("{\"errorDetail\":{\"code\":3,\"message\":\"m\"},\"error\":\"m\"}\n"));
  BOOST_REQUIRE(output.problem().has_value());
  BOOST_TEST(output.problem()->message == "m");
  BOOST_TEST(output.problem()->exit_status.value_or(0) == 3);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_json_or_never_ends_is_refused) {
  build_output junk{[](auto, auto) {}};
  BOOST_TEST(!junk.take("<html>\n"));
  build_output endless{[](auto, auto) {}};
  BOOST_TEST(!endless.take(std::string(2 * limits::mib, ' ')));
}

BOOST_AUTO_TEST_CASE(a_long_line_becomes_several_and_streams_do_not_mix) {
  taken_lines taken;
  line_cutter lines{taken.sink()};
  lines.take("stdout", "half");
  lines.take("stderr", "whole\n");
  BOOST_TEST(!lines.at_line_end());
  lines.take("stdout", " and half\n" + std::string(limits::log_line_bytes, 'x') + "y\n");
  BOOST_TEST(lines.at_line_end());
  const text_lines wanted{"stderr: whole", "stdout: half and half",
                          "stdout: " + std::string(limits::log_line_bytes, 'x'), "stdout: y"};
  BOOST_TEST(taken.lines == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(frames_are_read_in_any_pieces_and_others_are_refused) {
  const auto bytes = frame_of(1, "T1 out\n") + frame_of(2, "T2 err\n");
  for (const std::size_t size : {1U, 5U, 100U}) {
    text_lines seen;
    log_frames frames{true, [&](const log_frames::frame& one) {
                        seen.push_back(fmt::format("{} {} {}", one.stream, one.time, one.text));
                      }};
    BOOST_TEST(take_in_pieces(frames, bytes, size));
    const text_lines wanted{"stdout T1 out\n", "stderr T2 err\n"};
    BOOST_TEST(seen == wanted, boost::test_tools::per_element());
  }
  log_frames other{true, [](const auto&) {}};
  BOOST_TEST(!other.take("HTTP/1.1 200 OK\r\n"));
}

BOOST_AUTO_TEST_CASE(a_copy_that_was_cut_off_goes_on_where_it_was_noted) {
  const temporary_directory home;
  const auto log = home.path() / "log";
  const auto place = home.path() / "output";
  const auto copy = [&] {
    auto made = copied_log::open(*open_file(log, O_WRONLY | O_CREAT | O_APPEND), place, container);
    BOOST_REQUIRE(made.has_value());
    return *std::move(made);
  };
  const std::string first = "2026-11-29T04:28:54.000000001Z one\n";
  const std::string second = "2026-11-29T04:28:54.000000002Z two\n";
  BOOST_TEST(copy()->take(frame_of(1, first)));
  // A crash between the line and its note.
  BOOST_TEST(write_all(open_file(log, O_WRONLY | O_APPEND)->get(), "two\n").has_value());
  auto again = copy();
  BOOST_TEST(again->query().ends_with("&since=1795926534.000000001"), again->query());
  BOOST_TEST(again->take(frame_of(1, first) + frame_of(1, second)));
  const text_lines wanted{"one", "two"};
  BOOST_TEST(lines_of_file(log) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(times_that_are_none_are_not_asked_for) {
  for (const auto* none :
       {"", "yesterday", "2026-11-29T04:28:54Z", "2026-11-29T04:28:5x.000000001Z"})
    BOOST_TEST(as_query_time(none) == "", none);
}

BOOST_AUTO_TEST_SUITE_END()
