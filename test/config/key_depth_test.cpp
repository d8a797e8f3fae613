#include "config/key_depth.hpp"

#include "config/document.hpp"
#include "config/manifest.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::config;

namespace {

// "a.a.…", of so many parts.
std::string name_of(std::size_t parts, std::string_view part = "a") {
  std::string name{part};
  for (std::size_t i = 1; i < parts; ++i)
    name.append(".").append(part);
  return name;
}

constexpr std::size_t too_many = key_parts_most + 1;
constexpr std::size_t ruinous = 30'000; // parts that a pawl.toml has room for

} // namespace

BOOST_AUTO_TEST_SUITE(key_depth_test)

BOOST_AUTO_TEST_CASE(a_key_of_as_many_parts_as_a_file_holds_is_a_problem_with_its_line) {
  const auto deep = name_of(ruinous);
  for (const auto& text : {deep + " = 1\n", "[" + deep + "]\n", "[[" + deep + "]]\n",
                           "x = {" + deep + " = 1}\n", "x = [{" + deep + " = 1}]\n"}) {
    const auto read = read_manifest("app = \"shop\"\n" + text, "web: ./run");
    BOOST_REQUIRE(!read);
    BOOST_TEST(read.error().message.starts_with("line 2: a name has more than 16 parts"),
               read.error().message.substr(0, 200));
  }
}

// The line is tried alone to see whether it is the mistake.
BOOST_AUTO_TEST_CASE(a_key_in_a_text_of_several_lines_is_no_key_and_does_no_harm) {
  const auto text = "app = \"\"\"\n" + name_of(ruinous) + " = '\\q'\n\"\"\"\n";
  BOOST_TEST(!line_of_deep_key(text));
  problem_list problems;
  static_cast<void>(read_toml(text, problems));
  BOOST_TEST(!problems.empty());
}

BOOST_AUTO_TEST_CASE(a_key_may_have_sixteen_parts_in_any_quotes) {
  for (const std::string_view part : {"a", "'=.'", "\"[\\\"#\"", " a ", "\"\""}) {
    BOOST_TEST(!line_of_deep_key(name_of(key_parts_most, part) + " = 1"), part);
    BOOST_TEST(line_of_deep_key(name_of(too_many, part) + " = 1").value_or(0) == 1U, part);
  }
  BOOST_TEST(line_of_deep_key("a = 1\n\n" + name_of(too_many)).value_or(0) == 3U);
}

BOOST_AUTO_TEST_CASE(dots_of_texts_and_comments_are_no_parts) {
  const auto dots = std::string(2 * too_many, '.');
  for (const auto& text :
       {"a = \"" + dots + "\"", "a = '" + dots + "'", "# " + dots, "a = \"\"\"\n" + dots + "\"\"\"",
        "a = '''" + dots + "\n'''", "a = \"\\\"" + dots + "\"",
        "a = \"\"\"\"\"\\\"" + dots + "\"\"\"", "a = \"\"\"x\"\"\"\"\"\nb = \"" + dots + "\""})
    BOOST_TEST(!line_of_deep_key(text), text);
}

BOOST_AUTO_TEST_CASE(a_text_that_ends_hides_no_key_behind_it) {
  const auto deep = name_of(too_many);
  for (const auto& text : {"a = \"\"\n" + deep, "a = ''\n" + deep, "a = \"\"\"\"\"\"\n" + deep,
                           "a = \"\"\"x\"\"\"\"\"\n" + deep, "a = '\\'\n" + deep,
                           "a = '''\\'''\n" + deep, "a = \"x\n" + deep, "# \"\n" + deep})
    BOOST_TEST(line_of_deep_key(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(brackets_without_a_name_are_a_problem_with_their_line) {
  for (const std::string_view bad : {"[ = 1\n", "[~a]\n", "[.a]\n", "[\n", "[[=]]\n", " [ \t#]\n",
                                     "[\xc2\xa0"
                                     "a]\n",
                                     "[[\n"}) {
    const auto read = read_manifest("app = \"shop\"\n" + std::string{bad}, "web: ./run");
    BOOST_REQUIRE(!read);
    BOOST_TEST(read.error().message.starts_with("line 2: this is not TOML"), read.error().message);
  }
}

BOOST_AUTO_TEST_CASE(brackets_of_arrays_and_texts_are_no_tables) {
  for (const std::string_view good :
       {"a = [\n[ {b = 1} ],\n[ +1 ],\n]\n[b]\n", "a = \"\"\"\n[ = 1\n\"\"\"\n",
        "# a\n[b.\"=\"]\n[[c]]\n", "[ 'x' ]\n", "[]\n", "a = '['\n  [ b ]\n"})
    BOOST_TEST(!line_of_nameless_table(good), good);
}

BOOST_AUTO_TEST_SUITE_END()
