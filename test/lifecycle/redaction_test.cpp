// Secrets in a stream of text: found in whatever pieces it comes, and nothing else.
#include "lifecycle/redaction.hpp"

#include "lifecycle/redaction_scan.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <random>

using namespace pawl;

namespace {

redaction_table table_of(std::vector<std::pair<std::string, std::string>> secrets) {
  std::vector<variable_text> all;
  for (auto& [name, value] : secrets)
    all.push_back({name, secret{value}, true});
  return redaction_table::of(all);
}

// In pieces of so many bytes.
std::string passed(const redaction_table& table, const std::string& text, std::size_t piece) {
  redaction_scan scan{table.bytes()};
  std::string out;
  std::string held;
  const auto emit = [&](std::string_view part) { out += part; };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    held += text.substr(at, piece);
    const auto left = scan.pass(held, false, emit);
    BOOST_TEST(left <= scan.longest());
    held.erase(0, held.size() - left);
  }
  BOOST_TEST(scan.pass(held, true, emit) == 0U);
  return out;
}

// The same however it is cut.
std::string shown(const redaction_table& table, const std::string& text) {
  const auto whole = redacted(table, text);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U})
    BOOST_TEST(passed(table, text, piece) == whole);
  return whole;
}

std::string base64(const std::string& text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i * 8 + j * 6 < text.size() * 8 + i * 0 && i + (j * 6) / 8 < text.size() + (j == 0)
                 ? digits[bits >> (18 - 6 * j) & 63U]
                 : '=';
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(redaction_of_output)

BOOST_AUTO_TEST_CASE(a_secret_is_shown_as_its_name_and_text_without_one_as_it_is) {
  const auto table = table_of({{"TOKEN", "open sesame"}});
  BOOST_TEST(shown(table, "say open sesame now\n") == "say [TOKEN] now\n");
  BOOST_TEST(shown(table, "open sesam\nopen\nsesame") == "open sesam\nopen\nsesame");
  BOOST_TEST(shown(table, "open open sesame") == "open [TOKEN]");
  BOOST_TEST(shown(table, "") == "");
  BOOST_TEST(shown({}, "open sesame") == "open sesame");
}

BOOST_AUTO_TEST_CASE(one_of_under_eight_bytes_is_not_looked_for_and_a_plain_variable_neither) {
  BOOST_TEST(table_of({{"PIN", "1234567"}}).is_empty());
  BOOST_TEST(!table_of({{"PIN", "12345678"}}).is_empty());
  BOOST_TEST(redaction_table::of({{"LEVEL", secret{"verbose-mode"}, false}}).is_empty());
}

BOOST_AUTO_TEST_CASE(the_longest_of_those_that_begin_at_a_place_wins) {
  const auto table = table_of({{"SHORT", "password"}, {"LONG", "password-of-the-database"}});
  BOOST_TEST(shown(table, "password-of-the-database") == "[LONG]");
  BOOST_TEST(shown(table, "password-of-the-data") == "[SHORT]-of-the-data");
  BOOST_TEST(shown(table, "my password.") == "my [SHORT].");
}

BOOST_AUTO_TEST_CASE(nothing_of_secrets_that_overlap_is_shown) {
  const auto table = table_of({{"A", "abcdefghij"}, {"B", "ghijklmnop"}});
  BOOST_TEST(shown(table, "-abcdefghijklmnop-") == "-[A]-");
  BOOST_TEST(shown(table, "abcdefghijabcdefghij") == "[A]");
}

BOOST_AUTO_TEST_CASE(base64_is_found_at_each_of_its_three_alignments) {
  const std::string text = "correct horse battery";
  const auto table = table_of({{"PASS", text}});
  for (const std::string before : {"", "u", "us", "use", "user:"}) {
    const auto line = "Authorization: Basic " + base64(before + text + ":tail");
    const auto said = shown(table, line);
    BOOST_TEST(said.find("[PASS]") != std::string::npos, line << " is shown as " << said);
    // At each end a digit may stay that it shares with its neighbour.
    const auto whole = base64(text);
    for (std::size_t i = 0; i + 8 <= whole.size(); ++i)
      BOOST_TEST(said.find(whole.substr(i, 8)) == std::string::npos, said);
  }
}

BOOST_AUTO_TEST_CASE(base64_in_lines_is_found_too) {
  const std::string text(150, 'k');
  auto encoded = base64(text);
  for (std::size_t at = 76; at < encoded.size(); at += 77)
    encoded.insert(at, "\n");
  BOOST_TEST(shown(table_of({{"KEY", text}}), encoded).find("a2tra2tr") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(url_encoding_is_found_as_the_usual_programs_write_it) {
  const auto table = table_of({{"DB", "p@ss/w0rd !x*"}});
  for (const auto* encoded :
       {"p%40ss%2Fw0rd%20%21x%2A", "p%40ss%2fw0rd%20%21x%2a", "p%40ss/w0rd%20%21x%2A",
        "p%40ss%2Fw0rd%20!x*", "p%40ss%2Fw0rd+%21x*"})
    BOOST_TEST(shown(table, fmt::format("db://u:{}@h", encoded)) == "db://u:[DB]@h");
}

BOOST_AUTO_TEST_CASE(each_line_of_a_secret_of_several_lines_is_found) {
  const auto table = table_of({{"KEY", "-----BEGIN-----\nMIIBVgIBADANBg\r\nx\nkqhkiG9w0BAQEF\n"}});
  BOOST_TEST(shown(table, "a MIIBVgIBADANBg b\nkqhkiG9w0BAQEF\nx\n") == "a [KEY] b\n[KEY]\nx\n");
}

BOOST_AUTO_TEST_CASE(a_long_secret_is_one_name_and_no_part_of_it_is_shown) {
  std::mt19937 random{7};
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += static_cast<char>('a' + random() % 26);
  const auto table = table_of({{"BLOB", text}});
  BOOST_TEST(shown(table, "<" + text + ">") == "<[BLOB]>");
  BOOST_TEST(shown(table, text.substr(0, 1024)) == "[BLOB]");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_table_find_nothing) {
  for (const auto& bytes : {std::string{}, std::string(20, 'x'), std::string(9000, '\0')}) {
    redaction_scan scan{bytes};
    BOOST_TEST(scan.is_empty());
  }
}

// A report, and a bound that only a scan that is not linear breaks.
BOOST_AUTO_TEST_CASE(many_secrets_cost_one_pass) {
  std::mt19937 random{1};
  std::vector<std::pair<std::string, std::string>> secrets;
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int j = 0; j < 40; ++j)
      text += static_cast<char>('!' + random() % 90);
    secrets.emplace_back(fmt::format("S{}", i), text);
  }
  const auto table = table_of(secrets);
  std::string text;
  while (text.size() < 8U * 1024 * 1024)
    text += fmt::format("GET /shop/{} 200 {} ms\n", random() % 10'000, random() % 1000);
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST((redacted(table, text) == text));
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  BOOST_TEST_MESSAGE(fmt::format("500 secrets, {} KiB of table: {:.0f} MB/s",
                                 table.bytes().size() / 1024, 8 / took));
  BOOST_TEST(took < 8.0);
}

BOOST_AUTO_TEST_SUITE_END()
