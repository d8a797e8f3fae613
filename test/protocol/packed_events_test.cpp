// Events that were packed before make the frame that the codec would have made.
#include "protocol/msgpack/codec.hpp"
#include "protocol/packed_events.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::protocol;

namespace {

const std::string bytes_of_a_program{"not \xff UTF-8 \0 at all", 20};

// One of each kind, and as many lines as need a longer head for their list.
std::vector<event> samples(std::size_t lines) {
  std::vector<event_body> bodies{
      state_event{state::failed,
                  failure{errc::build_failed, "make: 2", {{"log", "cc: no"}}, state::building}},
      state_event{state::queued, {}},
      progress_event{"upload", 1U << 20U, 1ULL << 40U, "bytes"},
      health_event{"d-1", true, "GET /: 200 OK"},
      warning_event{"it goes on"},
  };
  bodies.resize(bodies.size() + lines, log_event{"build", "stderr", bytes_of_a_program});
  std::vector<event> list;
  for (const auto& body : bodies)
    list.push_back(
        {list.size() + 250, timestamp{std::chrono::milliseconds{1'700'000'000'000}}, body});
  return list;
}

} // namespace

BOOST_AUTO_TEST_SUITE(packed)

BOOST_AUTO_TEST_CASE(a_spliced_frame_is_byte_for_byte_what_is_encoded) {
  for (std::size_t lines : {0U, 10U, 11U, 500U}) {
    const auto list = samples(lines);
    const packed_events spliced{list};
    auto frame = *begin_events_frame(300, "k5td542jt12wedsa", spliced);
    frame.insert(frame.end(), spliced.bytes().begin(), spliced.bytes().end());
    BOOST_TEST(frame == *encode({300, events{"k5td542jt12wedsa", list}}));
    BOOST_TEST(*spliced.unpacked() == list);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_list_makes_a_frame_too) {
  BOOST_TEST(*begin_events_frame(1, "d", {}) == *encode({1, events{"d", {}}}));
}

BOOST_AUTO_TEST_CASE(the_first_of_them_are_as_if_packed_alone) {
  const auto list = samples(20);
  const packed_events all{list};
  for (std::size_t count = 0; count <= list.size() + 1; ++count) {
    const auto some = all.first(count);
    const std::vector<event> same{
        list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size()))};
    BOOST_TEST(*some.unpacked() == same);
    BOOST_TEST((some.empty() || some.next() == same.back().seq + 1));
    BOOST_TEST((same.empty() || some == packed_events{same}));
  }
}

BOOST_AUTO_TEST_CASE(more_than_a_frame_holds_is_refused) {
  packed_events long_list;
  const std::vector<char> nothing(limits::frame_bytes, '\0');
  long_list.append(1, nothing);
  BOOST_TEST(begin_events_frame(1, "d", long_list).error().code == errc::too_large);
}

BOOST_AUTO_TEST_CASE(what_is_no_event_is_not_unpacked) {
  packed_events broken;
  broken.append(1, std::vector<char>{'\x01'});
  BOOST_TEST(broken.unpacked().error().code == errc::data_corruption);
}

BOOST_AUTO_TEST_SUITE_END()
