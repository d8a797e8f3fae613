#include "persistence/lmdb/lmdb.hpp"

#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <fstream>
#include <string>
#include <thread>

using namespace pawl;
using namespace pawl::test;
using schema::database;

namespace {

struct environment_fixture {
  temporary_directory directory;
  std::unique_ptr<lmdb::environment> environment =
      *lmdb::environment::open(directory.path(), {1 << 20, 3});

  lmdb::transaction writing() const {
    auto begun = environment->write();
    BOOST_REQUIRE(begun.has_value());
    BOOST_REQUIRE(begun->open(database::meta, true).has_value());
    return *std::move(begun);
  }

  void put(std::string_view key, std::string_view value) const {
    auto to = writing();
    BOOST_REQUIRE(to.put(database::meta, key, value).has_value());
    BOOST_REQUIRE(to.commit().has_value());
  }
};

// Pages of files in the memory of this process, in KiB.
std::size_t mapped_kib() {
  std::ifstream status{"/proc/self/status"};
  std::size_t kib = 0;
  for (std::string word; status >> word;)
    if (word == "RssFile:")
      status >> kib;
  return kib;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lmdb_test, environment_fixture)

BOOST_AUTO_TEST_CASE(a_transaction_that_is_not_committed_leaves_nothing) {
  put("kept", "1");
  {
    auto to = writing();
    BOOST_TEST(to.put(database::meta, "dropped", "2").has_value());
  }
  auto from = *environment->read();
  BOOST_TEST(from.get(database::meta, "kept")->value() == "1");
  BOOST_TEST(!from.get(database::meta, "dropped")->has_value());
}

BOOST_AUTO_TEST_CASE(a_reader_sees_what_was_there_when_it_began) {
  put("a", "1");
  auto from = *environment->read();
  put("a", "2");
  BOOST_TEST(from.get(database::meta, "a")->value() == "1");
}

BOOST_AUTO_TEST_CASE(a_cursor_finds_its_neighbours) {
  for (const auto* key : {"b", "d", "f"})
    put(key, key);
  auto from = *environment->read();
  auto walk = *from.walk(database::meta);
  auto key = [](const result<std::optional<lmdb::entry>>& at) {
    return at && *at ? std::string{(*at)->key} : std::string{"-"};
  };
  BOOST_TEST(key(walk.at_or_after("")) == "b");
  BOOST_TEST(key(walk.at_or_after("c")) == "d");
  BOOST_TEST(key(walk.next()) == "f");
  BOOST_TEST(key(walk.next()) == "-");
  BOOST_TEST(key(walk.at_or_after("g")) == "-");
  BOOST_TEST(key(walk.before("g")) == "f");
  BOOST_TEST(key(walk.before("d")) == "b");
  BOOST_TEST(key(walk.before("b")) == "-");
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_one_is_not_found) {
  put("a", "1");
  auto from = *environment->read();
  BOOST_TEST(!from.get(database::meta, "")->has_value());
  BOOST_TEST(!from.get(database::meta, std::string(512, 'a'))->has_value());
}

BOOST_AUTO_TEST_CASE(more_readers_than_allowed_are_refused) {
  temporary_directory other;
  auto narrow = *lmdb::environment::open(other.path(), {1 << 20, 1});
  auto from_another_thread = [&] {
    std::optional<errc> refused;
    std::thread{[&] {
      if (auto reading = narrow->read(); !reading)
        refused = reading.error().code;
    }}.join();
    return refused;
  };
  {
    auto first = *narrow->read();
    BOOST_TEST(from_another_thread() == errc::resource_exhausted);
  }
  BOOST_TEST(from_another_thread() == std::nullopt);
}

BOOST_AUTO_TEST_CASE(a_full_map_is_told_from_other_failures) {
  auto to = writing();
  auto put_big = to.put(database::meta, "big", std::string(2 << 20, 'x'));
  BOOST_REQUIRE(!put_big.has_value());
  BOOST_TEST(to_string(put_big.error().code) == "resource_exhausted");
  BOOST_TEST(put_big.error().details.at("function") == "mdb_put");
  BOOST_TEST(lmdb::is_map_full(put_big.error()));
  BOOST_TEST(!lmdb::is_map_full(error{errc::resource_exhausted, "disk", {}}));
}

// The kernel counts the pages of the file that a process has mapped and touched.
BOOST_AUTO_TEST_CASE(pages_that_were_read_can_be_given_back_and_are_read_again) {
  const std::string value(200 * 1024, 'x');
  put("big", value);
  auto read = [&] { return std::string{environment->read()->get(database::meta, "big")->value()}; };
  BOOST_TEST_REQUIRE(read() == value);
  const auto before = mapped_kib();
  environment->unmap_pages();
  BOOST_TEST(mapped_kib() + value.size() / 2048 <= before); // code is mapped meanwhile, too
  BOOST_TEST(read() == value);
  put("big", "2");
  BOOST_TEST(read() == "2");
}

BOOST_AUTO_TEST_CASE(a_map_that_cannot_grow_stays_as_it_is) {
  put("a", "1");
  result<void> grown;
  std::size_t last = 0;
  for (int doublings = 0; doublings < 64 && grown; ++doublings) {
    last = environment->map_bytes();
    grown = environment->grow();
  }
  BOOST_REQUIRE(!grown.has_value());
  BOOST_TEST(to_string(grown.error().code) == "resource_exhausted");
  BOOST_TEST(environment->map_bytes() == last);
  put("b", "2");
  BOOST_TEST(environment->read()->get(database::meta, "b")->value() == "2");
}

BOOST_AUTO_TEST_CASE(no_descriptor_is_left_to_children) {
  int open = 0;
  for (const auto& link : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone; // the iterator's own
    auto target = std::filesystem::read_symlink(link.path(), gone).native();
    if (!target.starts_with(directory.path().native()))
      continue;
    int flags = ::fcntl(std::stoi(link.path().filename()), F_GETFD);
    BOOST_TEST((flags & FD_CLOEXEC) != 0, target);
    ++open;
  }
  BOOST_TEST(open >= 2);
}

BOOST_AUTO_TEST_SUITE_END()
