// The bytes on the wire are those of the version that the file was made with. With
// PAWL_WRITE_PAGES=1 in the environment this test writes the file instead, for a message that has
// a new field: a frame of the time before it belongs into the test of those of older programs.
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

constexpr auto golden_file = PAWL_SOURCE_DIR "/test/protocol/golden/messages.txt";

// The number of the request in the frame after that of this one.
constexpr std::uint64_t ref_after(std::uint64_t ref) {
  return 3 * ref + 1;
}

void store_frames(const std::vector<message>& samples) {
  std::ofstream file{golden_file};
  std::uint64_t ref = 0;
  for (const auto& sample : samples) {
    const auto frame = encode({ref, sample});
    BOOST_REQUIRE(frame);
    file << kind(sample) << ' ' << hexadecimal(*frame) << '\n';
    ref = ref_after(ref);
  }
}

// "KIND FRAME" on each line: the samples of seed 1, in the order of the variant.
std::vector<stored_frame> stored_frames() {
  std::ifstream file{golden_file};
  BOOST_REQUIRE(file.is_open());
  std::vector<stored_frame> all;
  for (stored_frame one; file >> one.kind >> one.frame;)
    all.push_back(one);
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(wire_golden)

BOOST_AUTO_TEST_CASE(each_message_is_packed_as_it_was) {
  const auto samples = test::sample_maker{1}.one_of_each();
  if (std::getenv("PAWL_WRITE_PAGES") != nullptr)
    store_frames(samples);
  const auto stored = stored_frames();
  BOOST_REQUIRE_EQUAL(stored.size(), samples.size());
  std::uint64_t ref = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto frame = encode({ref, samples[i]});
    BOOST_REQUIRE(frame);
    BOOST_TEST(kind(samples[i]) == stored[i].kind);
    BOOST_TEST(hexadecimal(*frame) == stored[i].frame, stored[i].kind << " is packed otherwise");
    ref = ref_after(ref);
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

// As a program sent them that did not know the fields that came later.
BOOST_AUTO_TEST_CASE(frames_of_an_older_program_are_read_with_the_defaults_of_new_fields) {
  const auto asked = bytes_of(
      "000000e883a46b696e64ac6c6f67735f72657175657374a3726566cd0445a4626f647987a3617070d9216a6832"
      "666a65326530643061686361346969326268323434693434643769683232a7636c7573746572a436686431a56c"
      "696e6573cd0395a6666f6c6c6f77c3a6637265646974cca9a7726573756d6564c3a6706c616365739282a8696e"
      "7374616e6365d93468636877336974686e7a657776307170316e737a70777a724141327a6a646d65753161417a"
      "687663306643776d7a4361312d6b64a66f6666736574cdd1e182a8696e7374616e6365aa6d7a73716e77316578"
      "43a66f6666736574cda820");
  const auto request = decode(std::span{asked}.subspan(4));
  BOOST_REQUIRE(request);
  BOOST_TEST(std::get<logs_request>(request->body).places.size() == 2U);
  BOOST_TEST(std::get<logs_request>(request->body).deployment.empty());
  const auto printed = bytes_of(
      "000000cf83a46b696e64a96c6f675f6c696e6573a3726566cf00000003a73a7c0ca4626f647985a8696e737461"
      "6e6365ab6377776243797668687976a56c696e657393d9347963436c7a6b69707870746f742d65736865763330"
      "676968737a33736a796e656775704161776d72305f307570736c6a70336175ad7661707469756d5f7a71726443"
      "d92e654169617875737231696d6d69645f75616d7a4166327265796e626b6c70616d726c332d74302d78716932"
      "673065a7736b6970706564cdad37a46e657874ce0001049ea5656e646564c3");
  const auto lines = decode(std::span{printed}.subspan(4));
  BOOST_REQUIRE(lines);
  BOOST_TEST(std::get<log_lines>(lines->body).lines.size() == 3U);
  BOOST_TEST(std::get<log_lines>(lines->body).times.empty());
}

// FNV-1a over the frames of 200 more seeds, some 4 MB.
BOOST_AUTO_TEST_CASE(many_messages_of_every_kind_are_packed_as_they_were) {
  constexpr std::uint64_t stored = 0x762c37d5bee03c04;
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
