// The reader of C++, on small texts.
#include "test/house/scan.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test::house;

// One line for each function: "line+lines signature".
std::vector<std::string> spans(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& one : functions_of(text))
    found.push_back(std::to_string(one.line) + "+" + std::to_string(one.lines) + " " +
                    one.signature);
  return found;
}

void has_spans(const std::string& text, const std::vector<std::string>& wanted) {
  auto found = spans(text);
  BOOST_TEST(found == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(scan)

BOOST_AUTO_TEST_CASE(comments_literals_and_preprocessor_lines_are_no_code) {
  BOOST_TEST(code_of("a; // {b}\nc;") == "a;       \nc;");
  BOOST_TEST(code_of("a /* {\n{ */ b") == "a     \n     b");
  BOOST_TEST(code_of("f(\"{\\\"}\");") == "f(\"    \");");
  BOOST_TEST(code_of("f('{', '\\'');") == "f(' ', '  ');");
  BOOST_TEST(code_of("#define X {\nint a;") == "           \nint a;");
  BOOST_TEST(code_of("#define X \\\n  {\nint a;") == "           \n   \nint a;");
}

BOOST_AUTO_TEST_CASE(raw_strings_are_no_code) {
  BOOST_TEST(code_of("x = R\"({\")\" + y") == "x =         + y");
  BOOST_TEST(code_of("x = R\"re(a)\"{)re\" + y") == "x = " + std::string(13, ' ') + " + y");
}

BOOST_AUTO_TEST_CASE(a_digit_separator_opens_no_literal) {
  BOOST_TEST(code_of("int a = 20'000; f('{');") == "int a = 20'000; f(' ');");
}

BOOST_AUTO_TEST_CASE(an_unclosed_literal_ends_with_the_text) {
  BOOST_TEST(code_of("f(\"abc") == "f(\"   ");
  BOOST_TEST(code_of("R\"(abc") == "      ");
  BOOST_TEST(code_of("/* abc") == "      ");
}

BOOST_AUTO_TEST_CASE(includes_are_read_with_their_lines) {
  auto found = includes_of("// x\n#include \"a/b.hpp\"\n\n#  include <vector>\n// #include <no>\n");
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].target == "a/b.hpp");
  BOOST_TEST(found[0].line == 2U);
  BOOST_TEST(!found[0].angled);
  BOOST_TEST(found[1].target == "vector");
  BOOST_TEST(found[1].line == 4U);
  BOOST_TEST(found[1].angled);
}

BOOST_AUTO_TEST_CASE(a_function_is_counted_from_its_signature_to_its_brace) {
  has_spans("namespace a {\n\nint f(int x) {\n  return x;\n}\n}\n", {"3+3 int f(int x)"});
  has_spans("int f(int x,\n      int y) {\n  return x;\n}\n", {"1+4 int f(int x,\n      int y)"});
}

BOOST_AUTO_TEST_CASE(methods_and_templates_are_functions) {
  has_spans("class a : public b {\npublic:\n  int f() const { return 1; }\n};\n",
            {"3+1 int f() const"});
  has_spans("template <class T>\nvoid f(T t) {\n}\n", {"1+3 template <class T>\nvoid f(T t)"});
  has_spans("template <class T>\nstruct a {\n  void f() {}\n};\n", {"3+1 void f()"});
}

BOOST_AUTO_TEST_CASE(what_stands_inside_a_function_counts_to_it) {
  has_spans(
      "void f() {\n  auto g = [] {\n    if (a) { b(); }\n  };\n  struct s { void h() {} };\n}\n",
      {"1+6 void f()"});
}

BOOST_AUTO_TEST_CASE(a_constructor_is_counted_with_its_initialisers) {
  has_spans("a::a() : b_{1}, c_{2} {\n  f();\n}\n", {"1+3 a::a() : b_"});
  has_spans("a::a() : b_(1) {\n  f();\n}\n", {"1+3 a::a() : b_(1)"});
}

BOOST_AUTO_TEST_CASE(types_and_tables_are_no_functions) {
  has_spans("enum class e : int { a, b };\nstruct s { int x{1}; };\n", {});
  has_spans("const auto t = std::to_array<row>({\n  {1, 2},\n});\nint f() {\n}\n", {"4+2 int f()"});
  has_spans("std::vector<int> v{1,\n 2};\n", {});
}

BOOST_AUTO_TEST_CASE(operators_and_default_arguments_are_functions) {
  has_spans("bool operator==(a x, a y) {\n  return true;\n}\n", {"1+3 bool operator==(a x, a y)"});
  has_spans("int f(int x = 1) {\n}\n", {"1+2 int f(int x = 1)"});
}

BOOST_AUTO_TEST_CASE(a_test_case_is_a_function) {
  has_spans("BOOST_AUTO_TEST_CASE(it_works) {\n}\n", {"1+2 BOOST_AUTO_TEST_CASE(it_works)"});
  has_spans("BOOST_AUTO_TEST_SUITE(all)\nnamespace {\nint f() {\n}\n}\n", {"3+2 int f()"});
}

BOOST_AUTO_TEST_CASE(lines_are_counted_with_and_without_a_last_line_feed) {
  BOOST_TEST(lines_of("") == 0U);
  BOOST_TEST(lines_of("a") == 1U);
  BOOST_TEST(lines_of("a\n") == 1U);
  BOOST_TEST(lines_of("a\nb") == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
