#include "packing/git.hpp"

#include "test/packing/samples.hpp"

namespace fs = std::filesystem;
using pawl::packing::read_git_facts;
using pawl::test::repository;
using pawl::test::write;

BOOST_AUTO_TEST_SUITE(git)

BOOST_AUTO_TEST_CASE(a_plain_directory_has_no_facts) {
  pawl::test::temporary_directory place;
  BOOST_TEST(!read_git_facts(place.path()).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_repository_without_a_commit_has_no_facts, repository) {
  BOOST_TEST(!read_git_facts(root).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_commit_has_its_facts, repository) {
  write(root / "a", "1");
  commit("Fix the cart\n\nIt was empty.\n");
  auto facts = read_git_facts(root);
  BOOST_REQUIRE(facts.has_value());
  BOOST_TEST(facts->sha.size() == 40U);
  BOOST_TEST(facts->branch == "main");
  BOOST_TEST(facts->message == "Fix the cart\n\nIt was empty.");
  BOOST_TEST(facts->author == "Ana Ñ");
  BOOST_TEST(facts->author_email == "ana@example.org");
  BOOST_TEST(facts->committed_at.time_since_epoch().count() == 1767323045000);
  BOOST_TEST(facts->repository == "shop");
  BOOST_TEST(!facts->dirty);
}

BOOST_FIXTURE_TEST_CASE(changed_and_untracked_files_make_it_dirty, repository) {
  write(root / "a", "1");
  write(root / ".gitignore", "*.o\n");
  commit("first");
  write(root / "x.o", "");
  BOOST_TEST(!read_git_facts(root)->dirty);
  write(root / "b", "");
  BOOST_TEST(read_git_facts(root)->dirty);
  fs::remove(root / "b");
  write(root / "a", "22");
  BOOST_TEST(read_git_facts(root)->dirty);
}

BOOST_FIXTURE_TEST_CASE(a_detached_head_has_no_branch, repository) {
  write(root / "a", "1");
  commit("first");
  git({"checkout", "-q", "--detach"});
  BOOST_TEST(read_git_facts(root)->branch.empty());
}

BOOST_FIXTURE_TEST_CASE(the_repository_is_named_by_its_origin, repository) {
  write(root / "sub/a", "1");
  commit("first");
  git({"remote", "add", "origin", "https://ana:secret@example.org/team/shop.git?token=x"});
  BOOST_TEST(read_git_facts(root / "sub")->repository == "https://example.org/team/shop.git");
}

BOOST_AUTO_TEST_CASE(credentials_are_cut_out_of_urls) {
  using pawl::packing::without_credentials;
  BOOST_TEST(without_credentials("https://u:p@h/x.git") == "https://h/x.git");
  BOOST_TEST(without_credentials("https://token@h") == "https://h");
  BOOST_TEST(without_credentials("https://a:b@c@h:80/x@y?k=v#f") == "https://h:80/x@y");
  BOOST_TEST(without_credentials("ssh://git@h/x") == "ssh://h/x");
  BOOST_TEST(without_credentials("git@h:team/x.git") == "git@h:team/x.git");
  BOOST_TEST(without_credentials("/srv/git/x.git") == "/srv/git/x.git");
}

BOOST_FIXTURE_TEST_CASE(rules_above_a_packed_directory_count, repository) {
  write(root / ".gitignore", "node_modules/\n/services/shop/local\n");
  write(root / "services/shop/main", "");
  write(root / "services/shop/local", "");
  write(root / "services/shop/node_modules/x", "");
  write(root / "other", "");
  auto packed = pawl::packing::pack(root / "services/shop");
  BOOST_REQUIRE(packed);
  BOOST_TEST(packed->facts.files == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_is_ignored_as_a_whole_can_be_packed, repository) {
  write(root / ".gitignore", "dist/\n");
  write(root / "dist/index", "");
  write(root / "dist/.gitignore", "*.map\n");
  write(root / "dist/index.map", "");
  auto packed = pawl::packing::pack(root / "dist");
  BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
  BOOST_TEST(packed->facts.files == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
