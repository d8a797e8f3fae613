// A disk that refuses a write in the middle of a commit.
#include "persistence/lmdb/lmdb_store.hpp"

#include "test/persistence/samples.hpp"
#include "test/persistence/write_recorder.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>

using namespace pawl;
using namespace pawl::test;

namespace {

struct disk_fixture {
  temporary_directory parent;
  std::filesystem::path directory = parent.path() / "store";

  std::unique_ptr<lmdb_store> open(const lmdb_store_options& options = {}) const {
    auto opened = lmdb_store::open(directory, options);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    return *std::move(opened);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(no_room, disk_fixture)

// LMDB then refuses every transaction, whatever room the disk has later.
BOOST_AUTO_TEST_CASE(no_room_for_the_page_that_makes_a_commit_valid_ends_the_server) {
  keep(*open(), sample("one", 1));
  constexpr std::uint64_t meta_pages = 8192;
  std::vector<error> lost;
  {
    auto store = open({.on_lost_flush = [&](const error& why) { lost.push_back(why); }});
    write_recorder disk{directory / "data.mdb"};
    disk.refuse_first(meta_pages, ENOSPC);
    auto refused = commit_one(*store, {.deployments = {sample("two", 2)}});
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(lost.size() == 1u);
    disk.refuse_first(0, 0);
    BOOST_TEST(!commit_one(*store, {.deployments = {sample("three", 3)}}).has_value());
    BOOST_TEST(lost.size() == 2u);
  }
  auto next = open();
  BOOST_TEST(next->find("one").has_value());
  BOOST_TEST(!next->find("two").has_value());
  BOOST_TEST(commit_one(*next, {.deployments = {sample("two", 2)}}).has_value());
}

// Data pages are written before it: the pages that were valid are untouched, and room helps.
BOOST_AUTO_TEST_CASE(no_room_for_the_data_of_a_commit_ends_nothing) {
  keep(*open(), sample("one", 1));
  std::vector<error> lost;
  auto store = open({.on_lost_flush = [&](const error& why) { lost.push_back(why); }});
  {
    write_recorder disk{directory / "data.mdb"};
    disk.refuse_first(std::uint64_t{1} << 40U, ENOSPC);
    BOOST_TEST(!commit_one(*store, {.deployments = {sample("two", 2)}}).has_value());
  }
  BOOST_TEST(lost.empty());
  BOOST_TEST(commit_one(*store, {.deployments = {sample("two", 2)}}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
