#include "packing/left_out.hpp"

#include "packing/git.hpp"
#include "packing/git_program.hpp"
#include "test/packing/samples.hpp"

namespace fs = std::filesystem;
using pawl::packing::pack;
using pawl::packing::read_git_facts;
using pawl::test::packed_names;
using pawl::test::repository;
using pawl::test::user_configuration;
using pawl::test::write;

namespace {

// Without a git program, until the end of the test.
struct without_git {
  std::string before = std::getenv("PATH");
  without_git() { ::setenv("PATH", "/nowhere", 1); }
  without_git(const without_git&) = delete;
  without_git& operator=(const without_git&) = delete;
  ~without_git() { ::setenv("PATH", before.c_str(), 1); }
};

std::string notes_of(const fs::path& root) {
  auto packed = pack(root);
  BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
  std::string all;
  for (const auto& each : packed->notes)
    all += each + "\n";
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(left_out)

BOOST_FIXTURE_TEST_CASE(a_tracked_file_is_sent_although_a_rule_names_it, repository) {
  write(root / ".gitignore", "dist/\n*.map\n");
  write(root / "dist/app.js", "");
  write(root / "app.map", "");
  git({"add", "-f", "dist/app.js", "app.map"});
  commit("first");
  write(root / "dist/other.js", "");
  write(root / "dist/deep/x", "");
  write(root / "other.map", "");
  const auto sent = ".gitignore app.map dist/ dist/app.js";
  BOOST_TEST(packed_names(root) == sent);
  BOOST_TEST(!read_git_facts(root)->dirty);
  BOOST_TEST(packed_names(root / "dist") == "app.js");
  without_git none_installed;
  BOOST_TEST(packed_names(root) == sent);
  BOOST_TEST(packed_names(root / "dist") == "app.js");
}

BOOST_FIXTURE_TEST_CASE(the_users_own_ignore_file_counts, repository) {
  user_configuration mine{place.path() / "mine",
                          "[core]\nexcludesFile = " + (place.path() / "own").string() + "\n"};
  write(place.path() / "own", "*.secret\n");
  write(root / ".git/info/exclude", "notes\n");
  write(root / "a", "");
  commit("first");
  write(root / "prod.secret", "");
  write(root / "sub/notes", "");
  BOOST_TEST(packed_names(root) == "a sub/");
  BOOST_TEST(!read_git_facts(root)->dirty);
}

BOOST_FIXTURE_TEST_CASE(a_pawlignore_stands_alone, repository) {
  user_configuration mine{place.path() / "mine",
                          "[core]\nexcludesFile = " + (place.path() / "own").string() + "\n"};
  write(place.path() / "own", "*.secret\n");
  write(root / ".pawlignore", "tracked\n");
  write(root / "tracked", "");
  commit("first");
  write(root / "prod.secret", "");
  BOOST_TEST(packed_names(root) == ".pawlignore prod.secret");
}

BOOST_FIXTURE_TEST_CASE(a_directory_of_ignored_files_only_is_sent_without_them, repository) {
  write(root / ".gitignore", "*.o\nout/\n");
  write(root / "obj/deep/a.o", "");
  write(root / "obj/out/x", "");
  fs::create_directory(root / "empty");
  BOOST_TEST(packed_names(root) == ".gitignore empty/ obj/ obj/deep/");
}

BOOST_FIXTURE_TEST_CASE(a_repository_within_decides_for_itself, repository) {
  write(root / ".gitignore", "*.log\nskipped/\n");
  for (auto name : {"lib", "skipped"}) {
    init(root / name);
    write(root / name / ".gitignore", "*.o\n");
    for (auto file : {"a.o", "b.log", "kept.o"})
      write(root / name / file, "");
    git_in(root / name, {"add", "-f", "kept.o"});
  }
  BOOST_TEST(packed_names(root) == ".gitignore lib/ lib/.gitignore lib/b.log lib/kept.o");
}

BOOST_FIXTURE_TEST_CASE(another_repository_of_the_environment_does_not_count, repository) {
  write(root / ".gitignore", "*.o\n");
  write(root / "a.o", "");
  init(place.path() / "other");
  ::setenv("GIT_DIR", (place.path() / "other/.git").c_str(), 1); // as in a hook of that one
  auto names = packed_names(root);
  ::unsetenv("GIT_DIR");
  BOOST_TEST(names == ".gitignore");
}

BOOST_FIXTURE_TEST_CASE(untracked_files_are_dirty_even_if_status_hides_them, repository) {
  write(root / "a", "");
  commit("first");
  git({"config", "status.showUntrackedFiles", "no"});
  write(root / "new", "");
  BOOST_TEST(packed_names(root) == "a new");
  BOOST_TEST(read_git_facts(root)->dirty);
}

BOOST_FIXTURE_TEST_CASE(a_repository_that_git_refuses_is_read_without_it, repository) {
  write(root / ".gitignore", "*.o\n");
  write(root / "a.o", "");
  commit("first");
  if (::geteuid() == 0) { // only root can give files away
    fs::permissions(place.path(), fs::perms{0755});
    BOOST_REQUIRE(::chown(root.c_str(), 65534, 65534) == 0);
    BOOST_REQUIRE(::chown((root / ".git").c_str(), 65534, 65534) == 0);
    BOOST_TEST(notes_of(root).find("detected dubious ownership") != std::string::npos);
    BOOST_TEST(packed_names(root) == ".gitignore");
    BOOST_TEST(read_git_facts(root)->sha.size() == 40U);
  }
}

BOOST_FIXTURE_TEST_CASE(a_submodule_that_is_not_checked_out_is_told, repository) {
  init(place.path() / "lib");
  write(place.path() / "lib/x", "");
  git_in(place.path() / "lib", {"add", "x"});
  git_in(place.path() / "lib", {"commit", "-q", "--no-gpg-sign", "-m", "x"});
  git({"submodule", "--quiet", "add", (place.path() / "lib").string(), "vendor/lib"});
  commit("first");
  BOOST_TEST(notes_of(root) == "");
  git_in(place.path(), {"clone", "-q", root.string(), "copy"});
  BOOST_TEST(notes_of(place.path() / "copy") ==
             "vendor/lib is a submodule that is not checked out, and is sent empty; run git "
             "submodule update --init --recursive before the deploy\n");
  write(place.path() / "copy/.pawlignore", "vendor/\n");
  BOOST_TEST(notes_of(place.path() / "copy") == "");
}

BOOST_FIXTURE_TEST_CASE(files_that_a_sparse_checkout_lacks_are_told, repository) {
  write(root / "app/a", "");
  write(root / "docs/b", "");
  commit("first");
  git({"sparse-checkout", "set", "app"});
  BOOST_TEST(packed_names(root) == "app/ app/a");
  BOOST_TEST(notes_of(root).find("1 files that git tracks are not there and are not sent, such as "
                                 "docs/b") != std::string::npos);
  BOOST_TEST(!read_git_facts(root)->dirty);
}

BOOST_AUTO_TEST_CASE(git_is_only_asked_within_a_repository) {
  repository shop;
  fs::create_directories(shop.root / "a/b");
  BOOST_TEST(pawl::packing::has_repository(shop.root));
  BOOST_TEST(pawl::packing::has_repository(shop.root / "a/b"));
  BOOST_TEST(!pawl::packing::has_repository(shop.place.path()));
}

BOOST_AUTO_TEST_CASE(git_says_why_it_refuses) {
  pawl::test::temporary_directory plain;
  auto answer = pawl::packing::ask_git(plain.path(), {"ls-files"});
  BOOST_REQUIRE(!answer);
  BOOST_TEST(to_string(answer.error().code) == "invalid_argument");
  BOOST_TEST(answer.error().message.starts_with("fatal: not a git repository"));
  without_git none_installed;
  answer = pawl::packing::ask_git(plain.path(), {"ls-files"});
  BOOST_REQUIRE(!answer);
  BOOST_TEST(to_string(answer.error().code) == "not_found");
}

BOOST_AUTO_TEST_SUITE_END()
