// .env files: what they may have in them, and where a mistake is.
#include "config/dotenv.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::config;

namespace {

// "NAME=<VALUE>" of each, or the message.
std::string read(std::string_view text) {
  const auto all = read_dotenv(text);
  if (!all)
    return all.error().message;
  std::string shown;
  for (const auto& one : *all)
    shown += fmt::format("{}=<{}>", one.name, one.value.reveal());
  return shown;
}

} // namespace

BOOST_AUTO_TEST_SUITE(dotenv_files)

BOOST_AUTO_TEST_CASE(lines_comments_and_export_are_read_as_in_other_programs) {
  BOOST_TEST(read("# a comment\n\nA=1\nexport B=two words  \n  C = 3 # why\nD=a#b\nE=\n") ==
             "A=<1>B=<two words>C=<3>D=<a#b>E=<>");
  BOOST_TEST(read("\xEF\xBB\xBF"
                  "A=1\r\nB=2\r\n") == "A=<1>B=<2>");
  BOOST_TEST(read("A=# nothing\nB=#x") == "A=<>B=<>");
  BOOST_TEST(read("exported=1\nexport=2") == "exported=<1>export=<2>");
  BOOST_TEST(read("") == "");
}

BOOST_AUTO_TEST_CASE(quotes_keep_white_space_lines_and_signs) {
  BOOST_TEST(read("A=\" x # y \" # why\nB='$X \\n \"'\n") == "A=< x # y >B=<$X \\n \">");
  BOOST_TEST(read("K=\"-----BEGIN\nMII\n-----END\n\"\nB=1") ==
             "K=<-----BEGIN\nMII\n-----END\n>B=<1>");
  BOOST_TEST(read(R"(A="1\n2\t\"\\\$\q")") == "A=<1\n2\t\"\\$\\q>");
  BOOST_TEST(read("A='it''s'").find("line 1: something follows the closing quote") == 0U);
  BOOST_TEST(read("URL=postgres://u:p@h/db?x=1&y=${Z}") == "URL=<postgres://u:p@h/db?x=1&y=${Z}>");
}

BOOST_AUTO_TEST_CASE(a_mistake_is_named_by_its_line_and_without_its_value) {
  BOOST_TEST(read("A=1\nsesame\n").find("line 2: there is no = in it") == 0U);
  BOOST_TEST(read("A=1\n\n1B=2").find("line 3: \"1B\" cannot be the name") == 0U);
  BOOST_TEST(read("PORT=80").find("line 1: PORT cannot be set") == 0U);
  BOOST_TEST(read("A=\"x\ny\"\nB=1\nA=2").find("line 4: A is set in line 1 already") == 0U);
  const auto open = read("A=1\nB=\"sesame\nC=2\n");
  BOOST_TEST(open.find("line 2: the quote of B is not closed") == 0U, open);
  BOOST_TEST(open.find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
