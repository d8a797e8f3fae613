#include "test/packing/samples.hpp"

namespace fs = std::filesystem;
using pawl::test::tree;

BOOST_AUTO_TEST_SUITE(temporary_files)

// The folder for temporary files as the environment names it, until the end of the test.
struct temporary_folder : tree {
  temporary_folder() { file("a"); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { ::unsetenv("TMPDIR"); }
};

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_not_there_is_told, temporary_folder) {
  ::setenv("TMPDIR", "/nonexistent", 1);
  BOOST_TEST(problem() == "the directory for temporary files, TMPDIR=/nonexistent, is not there: "
                          "make it, or set TMPDIR to another");
}

BOOST_FIXTURE_TEST_CASE(an_empty_name_means_the_default, temporary_folder) {
  ::setenv("TMPDIR", "", 1);
  BOOST_TEST(names() == "a");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ignoring)

BOOST_FIXTURE_TEST_CASE(gitignore_files_count_without_a_repository, tree) {
  file(".gitignore", "*.o\nbuild/\n!keep.o\n/top\n");
  file("a.o");
  file("keep.o");
  file("build/x");
  file("top");
  file("sub/top");
  file("sub/a.o");
  file("sub/.gitignore", "local\n");
  file("sub/local");
  file("local");
  BOOST_TEST(names() == ".gitignore keep.o local sub/ sub/.gitignore sub/top");
}

BOOST_FIXTURE_TEST_CASE(patterns_mean_what_they_mean_to_git, tree) {
  file(".gitignore", "/logs/*\n!/logs/keep\n**/cache/**\ndoc/*.txt\n\\#odd\n\\!odd\ntrailing \n"
                     "[ab].c\n?.h\nonlydir/\n");
  for (auto name : {"logs/a", "logs/keep", "x/logs/a", "x/cache/y/z", "doc/a.txt", "doc/sub/a.txt",
                    "#odd", "!odd", "trailing", "a.c", "c.c", "x.h", "xy.h", "f/onlydir"})
    file(name);
  file("sub/.gitignore", "/c.c\n");
  file("sub/c.c");
  file("sub/deep/c.c");
  BOOST_TEST(names() == ".gitignore c.c doc/ doc/sub/ doc/sub/a.txt f/ f/onlydir logs/ logs/keep "
                        "sub/ sub/.gitignore sub/deep/ sub/deep/c.c x/ x/cache/ x/logs/ "
                        "x/logs/a xy.h");
}

BOOST_FIXTURE_TEST_CASE(the_nearest_gitignore_decides, tree) {
  file(".gitignore", "*.c\n*.log\nout/\n");
  file("sub/.gitignore", "!a.c\n!/x/y.c\n!out/\n");
  file("sub/deep/.gitignore", "a.c\n");
  for (auto name : {"a.c", "out/f", "sub/a.c", "sub/b.c", "sub/x/a.c", "sub/x/y.c", "sub/x/z/y.c",
                    "sub/out/f", "sub/out/f.log", "sub/deep/a.c"})
    file(name);
  BOOST_TEST(names() == ".gitignore sub/ sub/.gitignore sub/a.c sub/deep/ sub/deep/.gitignore "
                        "sub/out/ sub/out/f sub/x/ sub/x/a.c sub/x/y.c sub/x/z/");
}

BOOST_FIXTURE_TEST_CASE(pawlignore_takes_the_place_of_gitignore, tree) {
  file(".gitignore", "dist/\n");
  file(".pawlignore", "# comment\n*.log\ntmp/\n!important.log\nsub/only.txt\n");
  file("dist/app.js");
  file("x.log");
  file("sub/y.log");
  file("important.log");
  file("tmp/file");
  file("sub/only.txt");
  file("only.txt");
  BOOST_TEST(names() == ".gitignore .pawlignore dist/ dist/app.js important.log only.txt sub/");
}

BOOST_FIXTURE_TEST_CASE(a_byte_order_mark_is_no_part_of_a_rule, tree) {
  file(".pawlignore", "\xEF\xBB\xBF*.log\n");
  file("x.log");
  file("a");
  BOOST_TEST(names() == ".pawlignore a");
  fs::remove(root / ".pawlignore");
  file(".gitignore", "\xEF\xBB\xBF*.log\n");
  BOOST_TEST(names() == ".gitignore a");
  file(".pawlignore", std::string{"\xFF\xFE*\0", 4});
  BOOST_TEST(problem() == ".pawlignore is in UTF-16: save it in UTF-8");
}

BOOST_FIXTURE_TEST_CASE(no_rule_is_lost_behind_a_backslash, tree) {
  file("secret.key");
  for (const std::string_view bad : {"build\\\nsecret.key\n", "a\\\\\\\nsecret.key", "\\"}) {
    file(".pawlignore", std::string{bad});
    BOOST_TEST(problem().starts_with("a line of .pawlignore ends with a backslash"), bad);
  }
  file(".pawlignore", "a\\\\\nsecret.key\n");
  BOOST_TEST(names() == ".pawlignore");
}

BOOST_FIXTURE_TEST_CASE(no_rule_is_lost_behind_a_byte_that_is_0, tree) {
  file(".pawlignore", std::string{"*.log\n\0\nsecret.key\n", 19});
  file("secret.key");
  BOOST_TEST(problem() == ".pawlignore has a byte that is 0, and is no text so: save it in UTF-8");
}

// libgit2 1.5 never ends on the first, and loses the end of the second.
BOOST_FIXTURE_TEST_CASE(no_rule_is_lost_at_a_form_feed, tree) {
  file("secret.key");
  for (const std::string_view bad : {"a\n\fb\nsecret.key\n", "x\vsecret.key\n", "!\f"}) {
    file(".pawlignore", std::string{bad});
    BOOST_TEST(problem() ==
               "a rule of .pawlignore has a form feed or a vertical tab in it: remove it");
  }
  file(".pawlignore", "# \f\nsecret.key\n#\f\v");
  BOOST_TEST(names() == ".pawlignore");
}

// Without a repository git is not asked.
BOOST_FIXTURE_TEST_CASE(files_of_git_are_not_read_otherwise_than_git_reads_them, tree) {
  file("lib/api/secret.key");
  file("lib/api/.gitignore", "\f\nsecret.key\n");
  BOOST_TEST(problem() == "a rule of lib/api/.gitignore has a form feed or a vertical tab in it: "
                          "remove it");
  file("lib/api/.gitignore", "secret.key\n");
  BOOST_TEST(names() == "lib/ lib/api/ lib/api/.gitignore");
  file(".gitignore", "build\\\nlib\n");
  BOOST_TEST(problem().starts_with("a line of .gitignore ends with a backslash"));
}

BOOST_FIXTURE_TEST_CASE(the_settings_that_are_sent_are_told, tree) {
  file("pawl.toml");
  file("Procfile");
  file("sub/pawl.toml");
  auto sent = [this] {
    auto packed = pawl::packing::pack(root);
    BOOST_REQUIRE(packed);
    return packed->settings;
  };
  BOOST_TEST(sent() == (std::vector<std::string>{"Procfile", "pawl.toml"}));
  file(".pawlignore", "/pawl.toml\n");
  BOOST_TEST(sent() == std::vector<std::string>{"Procfile"});
  fs::remove(root / "Procfile");
  fs::create_symlink("pawl.toml", root / "Procfile");
  BOOST_TEST(sent().empty());
}

BOOST_FIXTURE_TEST_CASE(git_directories_are_always_left_out, tree) {
  file(".git/config", "");
  file("module/.git", "gitdir: elsewhere");
  file("module/code");
  file(".pawlignore", "!.git\n");
  BOOST_TEST(names() == ".pawlignore module/ module/code");
}

BOOST_AUTO_TEST_SUITE_END()
