#include "persistence/lmdb/checksum.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using pawl::crc32c;

BOOST_AUTO_TEST_SUITE(checksum)

// The values of RFC 3720, appendix B.4, and the usual check value.
BOOST_AUTO_TEST_CASE(the_checksum_is_the_one_of_iscsi) {
  BOOST_TEST(crc32c("") == 0U);
  BOOST_TEST(crc32c("123456789") == 0xe3069283U);
  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  BOOST_TEST(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  std::string rising;
  for (char c = 0; c < 32; ++c)
    rising.push_back(c);
  BOOST_TEST(crc32c(rising) == 0x46dd794eU);
}

BOOST_AUTO_TEST_CASE(a_text_may_be_summed_in_two_parts) {
  std::string text = "a text of which every length and every alignment counts";
  for (std::size_t size = 0; size <= text.size(); ++size)
    BOOST_TEST(crc32c(text.substr(size), crc32c(text.substr(0, size))) == crc32c(text));
}

BOOST_AUTO_TEST_CASE(the_tables_and_the_processor_agree) {
  std::string text = "sixteen and more bytes, which may begin anywhere, and with bytes over 127: ";
  for (int byte = 0; byte < 256; ++byte)
    text.push_back(static_cast<char>(byte));
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t size = 0; from + size <= text.size(); ++size) {
      const auto part = std::string_view{text}.substr(from, size);
      BOOST_TEST(crc32c(part, 7) == pawl::crc32c_by_tables(part, 7));
    }
}

BOOST_AUTO_TEST_SUITE_END()
