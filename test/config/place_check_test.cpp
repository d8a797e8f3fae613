#include "config/place_check.hpp"

#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <fstream>

using pawl::config::check_places;
using pawl::config::server_config;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(place_check_test)

namespace {

struct places {
  pawl::test::temporary_directory folder;
  server_config config;

  places() {
    config.data_dir = folder.path() / "data";
    config.socket = folder.path() / "run" / "pawld.sock";
  }

  void write(const fs::path& file) const { std::ofstream{file} << "precious"; }

  std::string problem() const {
    auto checked = check_places(config);
    return checked ? "" : checked.error().message;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(places_that_are_not_there_yet_are_good) {
  places it;
  BOOST_TEST(it.problem() == "");
  fs::create_directories(it.config.data_dir);
  BOOST_TEST(it.problem() == "");
}

BOOST_AUTO_TEST_CASE(a_file_is_no_place_for_data_and_for_a_socket) {
  places it;
  it.write(it.config.data_dir);
  BOOST_TEST(it.problem() == fmt::format("data_dir is {}, which exists and is no directory: name "
                                         "another path, or remove it",
                                         it.config.data_dir.native()));
  it.config.socket = it.config.data_dir / "a" / "b" / "pawld.sock";
  it.config.data_dir = it.folder.path() / "other";
  BOOST_TEST(it.problem() ==
             fmt::format("listen.socket is {}, but {} is no directory: name another path",
                         it.config.socket.native(), (it.folder.path() / "data").native()));
  it.config.socket = it.folder.path();
  BOOST_TEST(it.problem().starts_with(fmt::format(
                 "listen.socket is {}, which exists and is no socket: name another path, or remove "
                 "it",
                 it.config.socket.native())),
             it.problem());
}

BOOST_AUTO_TEST_CASE(a_socket_does_not_take_the_place_of_the_data) {
  places it;
  it.config.socket = it.config.data_dir;
  BOOST_TEST(it.problem().find("is also the data directory") != std::string::npos, it.problem());
  it.config.socket = it.config.data_dir / "pawld.sock";
  BOOST_TEST(it.problem() == "");
}

BOOST_AUTO_TEST_CASE(a_name_that_no_file_can_have_is_told) {
  places it;
  it.config.data_dir = it.folder.path() / std::string(300, 'd');
  BOOST_TEST(it.problem().find("data_dir is " + it.config.data_dir.native()) == 0U, it.problem());
}

BOOST_AUTO_TEST_CASE(the_authorities_of_an_issuer_are_a_file_that_is_there) {
  places it;
  const auto file = it.folder.path() / "ca.crt";
  it.config.access.issuers.push_back({"ci", "https://ci.example", "pawl", file, {}});
  BOOST_TEST(it.problem() == fmt::format("access.oidc.ci.ca is {}, where there is no file: put it "
                                         "there, or correct the path",
                                         file.native()));
  it.write(file);
  BOOST_TEST(it.problem() == "");
}

BOOST_AUTO_TEST_CASE(the_password_of_a_registry_is_there_and_closed_to_others) {
  places it;
  const auto file = it.folder.path() / "password";
  it.config.registries = {{"ghcr.io", "acme", file}};
  BOOST_TEST(it.problem() ==
             fmt::format("registry.\"ghcr.io\".password_file is {}, where there is no "
                         "file: put it there, or correct the path",
                         file.native()));
  it.write(file);
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  BOOST_TEST(it.problem() ==
             fmt::format("registry.\"ghcr.io\".password_file is {0}, which others can "
                         "use: chmod 600 {0}; if they may have read it, change the "
                         "password",
                         file.native()));
  fs::permissions(file, fs::perms::owner_read);
  BOOST_TEST(it.problem() == "");
}

BOOST_AUTO_TEST_SUITE_END()
