#include "persistence/lmdb/blocks_ahead.hpp"

#include "lifecycle/limits.hpp"
#include "posix/descriptor.hpp"
#include "test/support/print.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;

namespace {

constexpr std::size_t enough = 1 << 20;

struct file_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory.path() / "file";
  descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  blocks_ahead blocks;

  void write(const std::string& text) const {
    BOOST_REQUIRE(::pwrite(file.get(), text.data(), text.size(), 0) ==
                  static_cast<ssize_t>(text.size()));
  }

  std::size_t disk_bytes() const {
    struct ::stat about {};
    BOOST_REQUIRE(::fstat(file.get(), &about) == 0);
    return static_cast<std::size_t>(about.st_blocks) * 512;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(blocks_ahead_test, file_fixture)

BOOST_AUTO_TEST_CASE(what_is_in_the_file_stays_and_zeros_follow) {
  const std::string text(10'000, 'x');
  write(text);
  BOOST_TEST(!blocks.keep(file.get(), 4096, enough).has_value());
  const auto now = read_text(path);
  BOOST_TEST(now.size() == text.size() + limits::store_written_ahead);
  BOOST_TEST(now == (text + std::string(limits::store_written_ahead, '\0')));
  BOOST_TEST(disk_bytes() >= 4096 + enough);
}

BOOST_AUTO_TEST_CASE(zeros_are_written_again_when_as_many_are_not_left) {
  BOOST_TEST(!blocks.keep(file.get(), 0, enough).has_value());
  const auto first = std::filesystem::file_size(path);
  BOOST_TEST(!blocks.keep(file.get(), 0, enough).has_value());
  BOOST_TEST(std::filesystem::file_size(path) == first);
  const std::string text(4096, 'x');
  write(text);
  BOOST_TEST(!blocks.keep(file.get(), text.size(), enough).has_value());
  BOOST_TEST(std::filesystem::file_size(path) == first + limits::store_written_ahead);
  BOOST_TEST(read_text(path).substr(0, text.size()) == text);
}

BOOST_AUTO_TEST_CASE(who_opens_the_file_again_writes_no_more_while_enough_is_left) {
  BOOST_TEST(!blocks.keep(file.get(), 0, enough).has_value());
  const auto first = std::filesystem::file_size(path);
  BOOST_TEST(!blocks_ahead{}.keep(file.get(), 0, enough).has_value());
  BOOST_TEST(std::filesystem::file_size(path) == first);
}

BOOST_AUTO_TEST_CASE(a_disk_without_room_gives_nothing_and_takes_nothing) {
  constexpr std::size_t too_much = std::size_t{1} << 60;
  const auto refused = blocks.keep(file.get(), 0, too_much);
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST(refused->code == ENOSPC);
  BOOST_TEST(std::filesystem::file_size(path) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
