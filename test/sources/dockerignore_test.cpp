// The rules of a .dockerignore, as the documentation of `docker build` and the tests of Docker's
// own reader say that they are.
#include "sources/context/dockerignore.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

dockerignore rules_of(std::string_view text) {
  auto parsed = dockerignore::parse(text, ".dockerignore");
  BOOST_REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  return *std::move(parsed);
}

bool leaves_out(std::string_view text, const std::string& path) {
  const auto rules = rules_of(text);
  auto judged = dockerignore_tree{rules}.leaves_out(path);
  BOOST_REQUIRE(judged);
  return *judged;
}

struct matching {
  std::string_view rules;
  std::string path;
  bool left_out;
};

template <std::size_t Size>
void check(const std::array<matching, Size>& table) {
  for (const auto& each : table)
    BOOST_TEST(leaves_out(each.rules, each.path) == each.left_out,
               each.rules << " with " << each.path << ": should be "
                          << (each.left_out ? "left out" : "sent"));
}

std::string refusal_of(std::string_view text) {
  const auto parsed = dockerignore::parse(text, "a.dockerignore");
  return parsed ? "" : parsed.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(docker_ignore)

BOOST_AUTO_TEST_CASE(a_pattern_begins_at_the_root_and_takes_what_lies_below) {
  check(std::to_array<matching>({
      {"temp", "temp", true},
      {"temp", "temp/a/b", true},
      {"temp", "a/temp", false},
      {"temp", "temperature", false},
      {"a/b", "a/b/c", true},
      {"a/b", "a", false},
      {"a/b", "a/bc", false},
      {"/temp/", "temp/a", true},
      {"./a//b/.", "a/b", true},
      {"a/../b", "b", true},
      {"a/../b", "a", false},
      {"../a", "a", false},
      {"/../a", "a", true},
      {".", "a", false},
      {"/", "a", false},
      {"  temp\t", "temp", true},
  }));
}

BOOST_AUTO_TEST_CASE(stars_and_question_marks_stay_in_a_component) {
  check(std::to_array<matching>({
      {"*", "abc", true},
      {"*", "a/b", true},
      {"*c", "abc", true},
      {"a*", "a", true},
      {"a*", "ab/c", true},
      {"a*/b", "abc/b", true},
      {"a*/b", "a/c/b", false},
      {"*/temp*", "somedir/temporary.txt", true},
      {"*/temp*", "somedir/temp/x", true},
      {"*/temp*", "temp", false},
      {"*/*/temp*", "a/b/temporary", true},
      {"*/*/temp*", "a/temporary", false},
      {"temp?", "tempa", true},
      {"temp?", "temp", false},
      {"a?b", "a/b", false},
      {"a*b", "a/b", false},
      {"a?b",
       "a\xe2\x98\xba"
       "b",
       true},
      {"a???b",
       "a\xe2\x98\xba"
       "b",
       false},
      {"a?b",
       "a\xff"
       "b",
       true},
      {"a*b*c*d*e*/f", "axbxcxdxexxx/f", true},
      {"a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false},
      {"a*b*c*d*e*/f", "axbxcxdxexxx/fff", false},
      {"a*b?c*x", "abxbbxdbxebxczzx", true},
      {"a*b?c*x", "abxbbxdbxebxczzy", false},
      {"*x", "xxx", true},
      {".*", ".foo", true},
      {".*", "foo", false},
      {"abc.def", "abcZdef", false},
      {"a.|)$(}+{bc", "a.|)$(}+{bc", true},
      {"dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true},
  }));
}

BOOST_AUTO_TEST_CASE(two_stars_are_any_number_of_directories) {
  check(std::to_array<matching>({
      {"**", "file", true},
      {"**/", "dir/file", true},
      {"**/**", "dir/file", true},
      {"dir/**", "dir/dir2/file", true},
      {"abc/**", "abc", false},
      {"abc/**", "abc/def/ghi", true},
      {"dir**", "directory", true},
      {"**/dir", "dir", true},
      {"**/dir", "dir/file", true},
      {"**/dir2/*", "dir/dir2/file", true},
      {"**/dir2/**", "dir/dir2/dir3/file", true},
      {"**/dir2/**", "dir2", false},
      {"**file", "dir/dir/file", true},
      {"**file", "profile", true},
      {"**/file", "profile", false},
      {"**/file*", "dir/dir/file.txt", true},
      {"**/file*", "xfile", false},
      {"a/**/b*", "a/xb", false},
      {"**/file*.txt*", "dir/dir/file.txt", true},
      {"**/**/*.txt", "file.txt", true},
      {"**/**/*.txt2", "dir/dir/file.txt", false},
      {"**/*.go", "a/b/c.go", true},
      {"**/*.go", "c.go", true},
      {"**/*.go", "c.got", false},
      {"a**/*.txt", "a/dir/dir/file.txt", true},
      {"a**/*.txt", "ab/file.txt", true},
      {"a/*.txt", "a/dir/file.txt", false},
      {"a/*.txt**", "a/file.txt", true},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "ab", false},
      {"**/foo/bar", "dir/dir2/foo/bar", true},
      {"**/.foo", "bar.foo", false},
      {"***", "a", true},
  }));
}

BOOST_AUTO_TEST_CASE(classes_and_escapes_are_those_of_filepath_match) {
  check(std::to_array<matching>({
      {"ab[c]", "abc", true},
      {"a[b-d]e", "ace", true},
      {"a[b-d]e", "aae", false},
      {"a[^b-d]e", "aze", true},
      {"ab[^c]", "abc", false},
      {"a[^a]b",
       "a\xe2\x98\xba"
       "b",
       true},
      {"[a-\xce\xb6]*", "\xce\xb1", true},
      {"*[a-\xce\xb6]", "A", false},
      {"[\\]a]", "]", true},
      {"[\\-x]", "-", true},
      {"[\\-x]", "a", false},
      {"a\\*b", "a*b", true},
      {"a\\*b", "acb", false},
      {"a\\\\", "a\\", true},
      {"\\d", "d", true},
      {"\\d", "1", false},
      {"[[:alpha:]]", ":]", true},
      {"a]", "a]", true},
      {"\\#a", "#a", true},
  }));
}

BOOST_AUTO_TEST_CASE(the_last_pattern_that_matches_decides) {
  check(std::to_array<matching>({
      {"*.md\n!README.md", "a.md", true},
      {"*.md\n!README.md", "README.md", false},
      {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true},
      {"*.md\n!README*.md\nREADME-secret.md", "README-open.md", false},
      {"*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false},
      {"!README.md\n*.md", "README.md", true},
      {"**\n!util/docker/web", "util/docker/web/foo", false},
      {"**\n!util/docker/web", "util/docker/other", true},
      {"**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true},
      {"docs\n!docs/README.md", "docs/README.md", false},
      {"docs\n!docs/README.md", "docs/other.md", true},
      {"docs\n!docs/README.md", "docs", true},
      {"docs\n!**/*.md", "docs/a/b.md", false},
      {"docs\n ! docs/README.md ", "docs/README.md", false},
      {"*\n!/src", "src/main.c", false},
      {"*\n!/src", "main.c", true},
      {"a/b/*\n!a/b", "a/b/c", true},
      {"*\n!*.md/*", "x.md/a", false},
      {"*\n!*.md/*", "x.md", true},
  }));
}

BOOST_AUTO_TEST_CASE(lines_are_read_as_docker_reads_them) {
  check(std::to_array<matching>({
      {"# a\n\n  \nb\r\nc", "b", true},
      {"# a\n\n  \nb\r\nc", "c", true},
      {"#a", "#a", false},
      {" #a", "#a", true},
      {"\xef\xbb\xbf"
       "a\nb",
       "a", true},
      {"", "a", false},
      {"a\n\xef\xbb\xbf"
       "b",
       "b", false},
  }));
}

BOOST_AUTO_TEST_CASE(a_pattern_that_breaks_the_syntax_is_told_with_its_line) {
  for (const std::string_view bad :
       {"[", "[^", "[^bc", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "\\", "[o-a]", "a/[\\"})
    BOOST_TEST(refusal_of("a\n\n" + std::string{bad} + "\n") ==
                   "line 3 of a.dockerignore is no pattern that Docker takes: [ begins a class, as "
                   "in [a-z], and \\ takes the meaning of the character behind it",
               bad);
  BOOST_TEST(refusal_of("a\n ! \n") ==
             "line 2 of a.dockerignore has a ! and no pattern: write one behind it, or remove it");
}

BOOST_AUTO_TEST_CASE(rules_are_bounded) {
  std::string lines;
  for (std::size_t i = 0; i < limits::dockerignore_patterns; ++i)
    lines += "a\n#\n";
  BOOST_TEST(refusal_of(lines) == "");
  BOOST_TEST(refusal_of(lines + "a") ==
             "a.dockerignore has more than the 1000 patterns that it may have: name directories in "
             "it, and not each of their files");
  BOOST_TEST(refusal_of(std::string(limits::dockerignore_bytes, '\n')) == "");
  BOOST_TEST(refusal_of(std::string(limits::dockerignore_bytes + 1, '\n')) ==
             "a.dockerignore has more than the 64 KiB that it may have: name directories in it, "
             "and not each of their files");
}

// One that tries each way to divide a path among its stars would take longer than anybody lives.
BOOST_AUTO_TEST_CASE(no_pattern_costs_more_than_its_length_times_that_of_the_path) {
  std::string stars;
  for (int i = 0; i < 500; ++i)
    stars += "**/*a*/";
  const std::string path(4000, 'a');
  for (const auto& text :
       {stars + "b", std::string(4000, '*') + "b", std::string(2000, '?') + "*b"}) {
    const auto compiled = ignore_pattern::compile(text);
    BOOST_REQUIRE(compiled);
    std::uint64_t steps = 0;
    BOOST_TEST(!compiled->matches(path_characters{path}, steps));
    BOOST_TEST(steps <= (2 * text.size() + 2) * (path.size() + 1));
  }
}

BOOST_AUTO_TEST_CASE(rules_that_cost_too_much_for_so_many_files_are_refused) {
  const auto rules = rules_of("*x*y*z*");
  const std::string path(100, 'x');
  dockerignore_tree unlimited{rules};
  dockerignore_tree tree{rules, 10'000};
  BOOST_TEST(tree.leaves_out(path).has_value());
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(unlimited.leaves_out(path).has_value());
  auto judged = tree.leaves_out(path);
  for (int i = 0; i < 20 && judged; ++i)
    judged = tree.leaves_out(path);
  BOOST_REQUIRE(!judged);
  BOOST_TEST(to_string(judged.error().code) == "too_large");
}

// Most patterns of people have an end that most paths do not have.
BOOST_AUTO_TEST_CASE(a_path_with_another_end_costs_one_step) {
  for (const std::string_view text : {"**/*.log", "a*[b-d]?\\e.log", "*.\xff.log"}) {
    const auto compiled = ignore_pattern::compile(text);
    BOOST_REQUIRE(compiled);
    std::uint64_t steps = 0;
    BOOST_TEST(!compiled->matches(path_characters{"a/long/path/to/a.txt"}, steps));
    BOOST_TEST(steps == 1U, text);
  }
}

BOOST_AUTO_TEST_CASE(a_tree_is_judged_alike_in_any_order) {
  const auto rules = rules_of("a\n!a/b/c\n**/*.o\n!keep.o");
  const std::vector<std::string> paths{"a", "a/b", "a/b/c", "a/b/c/d.o", "x/keep.o", "keep.o"};
  const std::vector<bool> wanted{true, true, false, true, true, false};
  dockerignore_tree forwards{rules};
  dockerignore_tree backwards{rules};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    BOOST_TEST(*forwards.leaves_out(paths[i]) == wanted[i], paths[i]);
    const auto other = paths.size() - 1 - i;
    BOOST_TEST(*backwards.leaves_out(paths[other]) == wanted[other], paths[other]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
