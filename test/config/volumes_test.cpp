// The tables [volume.NAME] of a pawl.toml.
#include "config/manifest.hpp"
#include "lifecycle/volumes.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>

using namespace pawl;

namespace {

result<manifest> read_with(std::string_view volumes) {
  return config::read_manifest(
      fmt::format("app = \"shop\"\n[run]\ncommand = \"./shop\"\n{}", volumes), {});
}

std::string volume_refusal(std::string_view volumes) {
  auto made = read_with(volumes);
  BOOST_REQUIRE_MESSAGE(!made, "this should be refused:\n" << volumes);
  BOOST_TEST(to_string(made.error().code) == "invalid_argument");
  return made.error().message;
}

bool has_words(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(volumes_in_manifests)

BOOST_AUTO_TEST_CASE(volumes_are_read_with_their_paths) {
  const auto made = read_with("[volume.data]\npath = \"/data\"\n[volume.files]\n"
                              "path = \"/app/storage/files\"\n");
  BOOST_REQUIRE(made);
  BOOST_TEST(made->volumes.size() == 2U);
  BOOST_TEST(made->volumes.at("data").path == "/data");
  BOOST_TEST(path_in_app(made->volumes.at("data")) == "");
  BOOST_TEST(path_in_app(made->volumes.at("files")) == "storage/files");
}

BOOST_AUTO_TEST_CASE(a_path_that_no_volume_can_have_is_refused) {
  const auto long_path = "/" + std::string(limits::volume_path_bytes, 'x');
  const auto bad = std::to_array<std::string_view>({"",
                                                    "data",
                                                    "/",
                                                    "//",
                                                    "/data/",
                                                    "/data//x",
                                                    "/data/../etc",
                                                    "/..",
                                                    "/data/.",
                                                    "/usr",
                                                    "/usr/share/shop",
                                                    "/etc/shop",
                                                    "/proc",
                                                    "/dev/shm",
                                                    "/bin",
                                                    "/app",
                                                    "/tmp",
                                                    "/run",
                                                    "/var",
                                                    long_path});
  for (auto path : bad) {
    const auto why = volume_refusal(fmt::format("[volume.data]\npath = \"{}\"\n", path));
    BOOST_TEST(has_words(why, "cannot be the path of a volume"), path << ": " << why);
  }
  BOOST_TEST(has_words(volume_refusal("[volume.data]\npath = \"/a\\u0000b\"\n"), "volume"));
}

BOOST_AUTO_TEST_CASE(a_path_beside_the_system_is_taken) {
  for (std::string_view path : {"/usrlocal", "/var/lib/shop", "/srv/x", "/tmp/cache", "/home/app"})
    BOOST_TEST(check_volume_path(path).has_value(), path);
}

BOOST_AUTO_TEST_CASE(two_volumes_at_one_place_are_refused) {
  for (const auto* second : {"/data", "/data/files"}) {
    const auto why = volume_refusal(
        fmt::format("[volume.a]\npath = \"/data\"\n[volume.b]\npath = \"{}\"\n", second));
    BOOST_TEST(has_words(why, "give each a place of its own"), why);
  }
  BOOST_TEST(
      read_with("[volume.a]\npath = \"/data\"\n[volume.b]\npath = \"/data2\"\n").has_value());
}

BOOST_AUTO_TEST_CASE(other_mistakes_say_what_to_write) {
  BOOST_TEST(has_words(volume_refusal("[volume.data]\n"), "volume.data has no path"));
  BOOST_TEST(has_words(volume_refusal("[volume.data]\npaht = \"/data\"\n"), "path"));
  BOOST_TEST(has_words(volume_refusal("[volume]\ndata = \"/data\"\n"), "[volume.data]"));
  BOOST_TEST(has_words(volume_refusal("[volume.Data]\npath = \"/data\"\n"), "Data"));
  BOOST_TEST(has_words(volume_refusal("volume = 3\n"), "volume"));
  std::string many;
  for (std::size_t i = 0; i <= limits::volumes_per_app; ++i)
    many += fmt::format("[volume.v{0}]\npath = \"/v{0}\"\n", i);
  BOOST_TEST(has_words(volume_refusal(many), "at most"));
}

BOOST_AUTO_TEST_SUITE_END()
