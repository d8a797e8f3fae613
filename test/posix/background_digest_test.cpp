// A digest that is computed in its own thread.
#include "posix/background_digest.hpp"

#include "lifecycle/limits.hpp"
#include "sources/files/file_source_store.hpp"
#include "test/support/eventually.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <iterator>

using namespace pawl;
using namespace pawl::test;

namespace {

// No two parts alike: one that is read twice, left out or out of order changes the digest.
std::vector<char> bytes_of(std::size_t size, unsigned seed) {
  std::vector<char> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((i * 31 + seed) >> 3U);
  return bytes;
}

std::string plain_digest(const std::vector<std::vector<char>>& parts) {
  digest sum;
  for (const auto& part : parts)
    sum.add({part.data(), part.size()});
  return sum.text();
}

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
}

} // namespace

BOOST_AUTO_TEST_SUITE(background_digests)

BOOST_AUTO_TEST_CASE(it_is_the_digest_of_all_parts_in_their_order) {
  for (const std::size_t count : {0U, 1U, 3U, 40U}) {
    std::vector<std::vector<char>> parts;
    for (unsigned i = 0; i < count; ++i)
      parts.push_back(bytes_of(limits::chunk_bytes - i, i));
    background_digest sum;
    for (const auto& part : parts)
      sum.add(part);
    BOOST_TEST(sum.text() == plain_digest(parts), count);
  }
}

BOOST_AUTO_TEST_CASE(a_part_that_is_larger_than_the_backlog_is_digested_too) {
  const std::vector<std::vector<char>> parts(3, bytes_of(3 * limits::digest_backlog, 1));
  background_digest sum;
  for (const auto& part : parts)
    sum.add(part);
  BOOST_TEST(sum.text() == plain_digest(parts));
}

BOOST_AUTO_TEST_CASE(one_that_is_given_up_ends_its_thread) {
  const auto before = threads();
  {
    background_digest sum;
    for (unsigned i = 0; i < 12; ++i)
      sum.add(bytes_of(limits::chunk_bytes, i));
    BOOST_TEST(threads() == before + 1);
  }
  BOOST_TEST(eventually([&] { return threads() == before; }));
}

// Thousands of complete uploads may wait for their turn, and most uploads are small.
BOOST_AUTO_TEST_CASE(only_a_large_upload_has_a_thread_and_only_until_it_is_complete) {
  const temporary_directory home;
  file_source_store store{home.path(), limits::source_bytes};
  const auto before = threads();
  for (const std::size_t count : {4U, 12U}) {
    std::vector<std::vector<char>> parts;
    for (unsigned i = 0; i < count; ++i)
      parts.push_back(bytes_of(limits::chunk_bytes, i));
    const auto name = "d" + std::to_string(count);
    const source_facts promised{plain_digest(parts), count * limits::chunk_bytes, 1};
    BOOST_REQUIRE(store.open_upload(name, "shop", promised).has_value());
    for (unsigned i = 0; i + 1 < count; ++i)
      BOOST_REQUIRE(store.append(name, i * limits::chunk_bytes, parts[i]).has_value());
    BOOST_TEST(threads() == before + (count > 4 ? 1 : 0));
    BOOST_REQUIRE(store.append(name, (count - 1) * limits::chunk_bytes, parts.back()).has_value());
    BOOST_TEST(
        eventually([&] { return threads() == before; })); // /proc still shows one that was joined
  }
}

// Thousands may wait whose clients are gone.
BOOST_AUTO_TEST_CASE(an_upload_that_is_closed_has_no_thread) {
  const temporary_directory home;
  file_source_store store{home.path(), limits::source_bytes};
  const auto before = threads();
  constexpr unsigned parts = 12;
  BOOST_REQUIRE(
      store
          .open_upload("d", "shop",
                       {"sha256:" + std::string(64, 'a'), (parts + 1) * limits::chunk_bytes, 1})
          .has_value());
  for (unsigned i = 0; i < parts; ++i)
    BOOST_REQUIRE(
        store.append("d", i * limits::chunk_bytes, bytes_of(limits::chunk_bytes, i)).has_value());
  BOOST_TEST(threads() == before + 1);
  store.close_upload("d");
  BOOST_TEST(eventually([&] { return threads() == before; }));
}

BOOST_AUTO_TEST_SUITE_END()
