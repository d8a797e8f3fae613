// The bytes on the wire are those of the version that the file was made with. With
// PAWL_WRITE_PAGES=1 in the environment this test writes the file; the sum is in its output when
// it fails.
#include "protocol/msgpack/codec.hpp"
#include "test/protocol/sample_messages.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace {

using namespace pawl;
using namespace pawl::protocol;

std::string hexadecimal(std::span<const char> bytes) {
  std::string text;
  for (char byte : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::vector<char> bytes_of(std::string_view hexadecimal) {
  std::vector<char> bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
    bytes.push_back(
        static_cast<char>(std::stoi(std::string{hexadecimal.substr(i, 2)}, nullptr, 16)));
  return bytes;
}

struct stored_frame {
  std::string kind;
  std::string frame; // in hexadecimal digits
};

// "KIND FRAME" on each line: the samples of seed 1, in the order of the variant.
std::vector<stored_frame> stored_frames(const std::string& name = "messages.txt") {
  std::ifstream file{PAWL_SOURCE_DIR "/test/protocol/golden/" + name};
  BOOST_REQUIRE(file.is_open());
  std::vector<stored_frame> all;
  for (stored_frame one; file >> one.kind >> one.frame;)
    all.push_back(one);
  return all;
}

void write_frames(const std::vector<message>& samples) {
  std::ofstream file{PAWL_SOURCE_DIR "/test/protocol/golden/messages.txt"};
  std::uint64_t ref = 0;
  for (const auto& sample : samples) {
    const auto frame = encode({ref, sample});
    BOOST_REQUIRE(frame);
    file << kind(sample) << ' ' << hexadecimal(*frame) << '\n';
    ref = 3 * ref + 1;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(wire_golden)

BOOST_AUTO_TEST_CASE(each_message_is_packed_as_it_was) {
  const auto samples = test::sample_maker{1}.one_of_each();
  if (std::getenv("PAWL_WRITE_PAGES") != nullptr)
    write_frames(samples);
  const auto stored = stored_frames();
  BOOST_REQUIRE_EQUAL(stored.size(), samples.size());
  std::uint64_t ref = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto frame = encode({ref, samples[i]});
    BOOST_REQUIRE(frame);
    BOOST_TEST(kind(samples[i]) == stored[i].kind);
    BOOST_TEST(hexadecimal(*frame) == stored[i].frame, stored[i].kind << " is packed otherwise");
    ref = 3 * ref + 1;
  }
}

BOOST_AUTO_TEST_CASE(each_stored_frame_is_read_and_packed_again_without_a_difference) {
  for (const auto& stored : stored_frames()) {
    const auto frame = bytes_of(stored.frame);
    const auto message = decode(std::span{frame}.subspan(4));
    BOOST_REQUIRE_MESSAGE(message, stored.kind << (message ? "" : message.error().message));
    BOOST_TEST(kind(message->body) == stored.kind);
    const auto again = encode(*message);
    BOOST_REQUIRE(again);
    BOOST_TEST(hexadecimal(*again) == stored.frame, stored.kind << " comes back otherwise");
  }
}

// Those of peers before a deploy_request had its contents, a line of a log its time, before lanes
// could be frozen, and before a new token came with the place of its server.
BOOST_AUTO_TEST_CASE(each_frame_of_an_earlier_peer_is_read) {
  const auto earlier = stored_frames("earlier_messages.txt");
  BOOST_TEST(!earlier.empty());
  for (const auto& stored : earlier) {
    const auto frame = bytes_of(stored.frame);
    const auto message = decode(std::span{frame}.subspan(4));
    BOOST_REQUIRE_MESSAGE(message, stored.kind << (message ? "" : message.error().message));
    BOOST_TEST(kind(message->body) == stored.kind);
    if (const auto* request = std::get_if<deploy_request>(&message->body))
      BOOST_TEST((request->contents.empty() || !request->override_freeze));
    if (const auto* request = std::get_if<logs_request>(&message->body))
      BOOST_TEST(request->deployment.empty());
    if (const auto* token = std::get_if<token_created>(&message->body))
      BOOST_TEST(!token->server);
    if (const auto* lines = std::get_if<log_lines>(&message->body))
      BOOST_TEST(lines->times.empty());
  }
}

// FNV-1a over the frames of 200 more seeds, some 4 MB.
BOOST_AUTO_TEST_CASE(many_messages_of_every_kind_are_packed_as_they_were) {
  constexpr std::uint64_t stored = 0x00080fa1f065760e;
  std::uint64_t sum = 14695981039346656037U;
  for (std::uint32_t seed = 2; seed < 202; ++seed)
    for (const auto& sample : test::sample_maker{seed}.one_of_each()) {
      const auto frame = encode({seed, sample});
      BOOST_REQUIRE(frame);
      for (char byte : *frame) {
        sum ^= static_cast<unsigned char>(byte);
        sum *= 1099511628211U;
      }
    }
  BOOST_TEST(sum == stored);
}

BOOST_AUTO_TEST_SUITE_END()
