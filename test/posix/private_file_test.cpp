#include "posix/private_file.hpp"

#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace pawl;

namespace {

namespace fs = std::filesystem;

struct private_file_fixture {
  bool opens() const { return open_private_file(place, "file").has_value(); }

  test::temporary_directory home;
  fs::path place = home.path() / "place";
};

} // namespace

BOOST_AUTO_TEST_SUITE(private_file_test)

BOOST_FIXTURE_TEST_CASE(a_directory_that_is_missing_is_made_and_used_again, private_file_fixture) {
  BOOST_TEST(opens());
  BOOST_TEST(opens());
  BOOST_TEST((fs::status(place).permissions() == fs::perms::owner_all));
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_is_open_to_others_is_refused, private_file_fixture) {
  for (const auto mode : {0777U, 0750U, 0701U}) {
    fs::create_directory(place);
    BOOST_TEST_REQUIRE(::chmod(place.c_str(), mode) == 0);
    BOOST_TEST(!opens(), "with mode " << std::oct << mode);
  }
}

BOOST_FIXTURE_TEST_CASE(a_directory_of_another_user_is_refused, private_file_fixture) {
  if (::geteuid() != 0)
    return;
  constexpr uid_t nobody = 65534;
  BOOST_TEST_REQUIRE(::mkdir(place.c_str(), 0700) == 0);
  BOOST_TEST_REQUIRE(::chown(place.c_str(), nobody, nobody) == 0);
  BOOST_TEST(!opens());
}

BOOST_FIXTURE_TEST_CASE(links_are_not_followed, private_file_fixture) {
  const auto real = home.path() / "real";
  BOOST_TEST_REQUIRE(::mkdir(real.c_str(), 0700) == 0);
  fs::create_directory_symlink(real, place);
  BOOST_TEST(!opens());
  fs::remove(place);
  BOOST_TEST_REQUIRE(::mkdir(place.c_str(), 0700) == 0);
  fs::create_symlink(real / "elsewhere", place / "file");
  BOOST_TEST(!opens());
}

BOOST_AUTO_TEST_SUITE_END()
