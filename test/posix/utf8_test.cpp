#include "posix/utf8.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(no_control_character_reaches_a_terminal) {
  for (unsigned c = 0; c < 0x20; ++c) {
    auto shown = printable(std::string(1, static_cast<char>(c)));
    BOOST_TEST(shown.find(static_cast<char>(c)) == std::string::npos);
  }
  BOOST_TEST(printable("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  BOOST_TEST(printable("a\nb\rc") == "a\\x0ab\\x0dc");
  BOOST_TEST(printable("\x7f") == "\\x7f");
  BOOST_TEST(printable("\xc2\x9b"
                       "31m") == "\\x9b31m"); // CSI of the C1 set, as UTF-8
  BOOST_TEST(printable("\x9b"
                       "31m") == "\\x9b31m"); // and as a bare byte
  BOOST_TEST(printable("\xe2\x80\xae"
                       "abc") == "\\u202eabc"); // shows the rest backwards
  BOOST_TEST(printable("tab\there") == "tab here");
}

BOOST_AUTO_TEST_CASE(output_of_programs_loses_its_colours_and_what_was_written_over) {
  BOOST_TEST(printable_output("\x1b[1;31mred\x1b[0m \x1b[38:5:9mand\x1b[m more") == "red and more");
  // A sequence that does more than to colour is escaped, also around a colour.
  BOOST_TEST(printable_output("\x1b[2J\x1b[31m\x1b]0;t\x07") == "\\x1b[2J\\x1b]0;t\\x07");
  BOOST_TEST(printable_output("\x1b[31") == "\\x1b[31");
  BOOST_TEST(printable_output("\x1b[?25mx\x1b\x1b[1m[2Jy") == "\\x1b[?25mx\\x1b[2Jy");
  BOOST_TEST(printable_output("10 %\r50 %\r100 %") == "100 %");
  BOOST_TEST(printable_output("of Windows\r") == "of Windows");
  BOOST_TEST(printable_output("\r\r").empty());
  BOOST_TEST(printable_output("") == "");
}

BOOST_AUTO_TEST_CASE(text_is_left_as_it_is) {
  BOOST_TEST(printable("größe ✓ 你好 🚀") == "größe ✓ 你好 🚀");
  BOOST_TEST(width("größe ✓") == 7U);
}

BOOST_AUTO_TEST_CASE(columns_are_counted_as_a_terminal_does) {
  BOOST_TEST(width("你好") == 4U);
  BOOST_TEST(width("🚀") == 2U);
  BOOST_TEST(width("e\u0301") == 1U); // a combining accent
  BOOST_TEST(width("\x1b[32m✓\x1b[0m ok") == 4U);
}

BOOST_AUTO_TEST_CASE(text_is_cut_to_the_columns_there_are) {
  BOOST_TEST(fit("abcdef", 6, "…") == "abcdef");
  BOOST_TEST(fit("abcdefg", 6, "…") == "abcde…");
  BOOST_TEST(fit("abcdefg", 6, "...") == "abc...");
  BOOST_TEST(fit("你好吗", 5, "…") == "你好…");
  BOOST_TEST(fit("你好吗", 4, "…") == "你…"); // a wide character is not cut in half
  BOOST_TEST(fit("abc", 0, "…").empty());
  BOOST_TEST(fit("\x1b[2mabcdef\x1b[0m", 4, "…") == "\x1b[2mabc…\x1b[0m");
  for (std::size_t columns = 0; columns < 12; ++columns)
    BOOST_TEST(width(fit("a你b🚀ce\u0301d好", columns, "…")) <= columns);
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_found) {
  for (auto wrong : {"\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                     "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80"})
    BOOST_TEST(!is_utf8(wrong));
  BOOST_TEST(is_utf8("\xf4\x8f\xbf\xbf"));
  BOOST_TEST(is_utf8(std::string_view{"a\0b", 3}));
  BOOST_TEST(valid_utf8("a\xff\xc3(") == "a\uFFFD\uFFFD(");
  BOOST_TEST(printable("a\xff") == "a\\xff");
}

BOOST_AUTO_TEST_CASE(no_character_is_cut_in_half) {
  BOOST_TEST(cut_utf8("aéb", 2) == "a");
  BOOST_TEST(cut_utf8("aéb", 3) == "aé");
  BOOST_TEST(cut_utf8("aéb", 9) == "aéb");
  BOOST_TEST(cut_utf8("🚀", 3).empty());
}

BOOST_AUTO_TEST_SUITE_END()
