#include "config/values.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl::config;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(durations_have_one_number_and_one_unit) {
  BOOST_TEST(parse_duration("500ms") == 500ms);
  BOOST_TEST(parse_duration("0s") == 0ms);
  BOOST_TEST(parse_duration("30m") == 30min);
  BOOST_TEST(parse_duration("7d") == 168h);
  for (auto wrong : {"", "5", "s", "-1s", "+1s", "1.5s", "1s ", " 1s", "1h30m", "1S", "1 s",
                     "99999999999999999999s", "9223372036854775807s"})
    BOOST_TEST(!parse_duration(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(sizes_have_one_number_and_one_unit) {
  BOOST_TEST(parse_size("100").value() == 100U);
  BOOST_TEST(parse_size("64K").value() == 65536U);
  BOOST_TEST(parse_size("2G").value() == 2147483648U);
  for (auto wrong : {"", "G", "2g", "2GB", "-2G", "1.5G", "18446744073709551615", "9999999999G"})
    BOOST_TEST(!parse_size(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(what_is_formatted_is_read_back) {
  for (auto text : {"500ms", "1500ms", "90s", "2m", "24h", "3d"})
    BOOST_TEST(parse_duration(format_duration(*parse_duration(text))) == parse_duration(text));
  BOOST_TEST(format_duration(24h) == "1d");
  BOOST_TEST(format_size(1536) == "1536");
  BOOST_TEST(format_size(2 * pawl::limits::gib) == "2G");
}

BOOST_AUTO_TEST_CASE(addresses_have_a_host_and_a_port) {
  for (auto right : {"127.0.0.1:80", "[::1]:7480", "example.org:65535"})
    BOOST_TEST(is_host_and_port(right), right);
  for (auto wrong : {"", ":80", "host", "host:", "host:0", "host:65536", "::1:80", "a b:80",
                     "host:80x", "[]:80"})
    BOOST_TEST(!is_host_and_port(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_one_that_could_have_been_meant) {
  std::vector<std::string> known{"command", "timeout", "network"};
  BOOST_TEST(nearest("comand", known).value() == "command");
  BOOST_TEST(nearest("time_out", known).value() == "timeout");
  BOOST_TEST(!nearest("xyz", known));
}

BOOST_AUTO_TEST_SUITE_END()
