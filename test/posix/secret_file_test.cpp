#include "posix/secret_file.hpp"

#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace pawl;
namespace fs = std::filesystem;

namespace {

struct written_secret {
  test::temporary_directory directory;
  fs::path file = directory.path() / "password";

  explicit written_secret(std::string_view text, fs::perms mode = fs::perms::owner_read) {
    std::ofstream{file, std::ios::binary} << text;
    fs::permissions(file, mode);
  }

  std::string told() const {
    const auto read = read_secret_file(file, 8);
    if (read)
      return "";
    BOOST_TEST(to_string(read.error().code) == "invalid_argument");
    BOOST_TEST(read.error().message.find("xyz") == std::string::npos, read.error().message);
    return read.error().message;
  }
};

void check_told(const written_secret& one, std::string_view part) {
  const auto told = one.told();
  BOOST_TEST(told.starts_with(one.file.native() + " "), told);
  BOOST_TEST(told.find(part) != std::string::npos, told);
}

} // namespace

BOOST_AUTO_TEST_SUITE(secret_files)

BOOST_AUTO_TEST_CASE(the_line_end_is_no_part_of_a_secret) {
  for (const std::string_view text : {"12345678", "12345678\n", "12345678\r\n"}) {
    const written_secret one{text};
    const auto read = read_secret_file(one.file, 8);
    BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
    BOOST_TEST(read->reveal() == "12345678");
  }
}

BOOST_AUTO_TEST_CASE(a_secret_that_others_can_use_is_refused) {
  for (const auto of_others : {fs::perms::group_read, fs::perms::others_read,
                               fs::perms::group_write, fs::perms::others_exec})
    check_told(written_secret{"xyz", fs::perms::owner_read | of_others}, "others can use it");
}

BOOST_AUTO_TEST_CASE(a_file_that_holds_no_secret_is_refused) {
  check_told(written_secret{""}, "is empty");
  check_told(written_secret{"\n"}, "is empty");
  check_told(written_secret{"xyz\nxyz\n"}, "more than one line");
  check_told(written_secret{std::string_view{"xyz\0a", 5}}, "more than one line");
  check_told(written_secret{"xyzxyzxyz"}, "more than the 8 bytes");
  check_told(written_secret{std::string(100'000, 'x')}, "more than the 8 bytes");
}

BOOST_AUTO_TEST_CASE(a_folder_and_nothing_are_no_files) {
  const test::temporary_directory directory;
  for (const auto& [place, part] : {std::pair{directory.path(), "is no file"},
                                    std::pair{directory.path() / "none", "cannot be read"}}) {
    const auto read = read_secret_file(place, 8);
    BOOST_REQUIRE(!read);
    BOOST_TEST(read.error().message.find(part) != std::string::npos, read.error().message);
  }
}

BOOST_AUTO_TEST_SUITE_END()
