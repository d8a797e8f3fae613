#include "sources/unpack.hpp"

#include "lifecycle/limits.hpp"
#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct unpacking {
  temporary_directory home;
};

} // namespace

BOOST_AUTO_TEST_SUITE(unpacked_sources)

BOOST_FIXTURE_TEST_CASE(a_clean_source_unpacks_to_what_it_says, unpacking) {
  auto bytes = tar_writer{}
                   .file("deep/er/file", "contents")
                   .directory("deep/")
                   .file("tool", "#!", 0777)
                   .symlink("deep/link", "er/file")
                   .pax(tar_writer::record("path", "gr\xc3\xbc\xc3\x9f.txt"))
                   .file("x", "umlaut")
                   .entry({.name = "@LongLink", .type = 'L', .magic = std::string{"ustar  \0", 8}},
                          std::string(200, 'n') + '\0')
                   .file("nnn", "long")
                   .whole();
  write_file(home.path() / "a.tar", bytes);
  auto out = home.path() / "out";
  auto facts = unpack_tar(home.path() / "a.tar", out,
                          {limits::source_bytes, limits::build_disk_bytes}, std::nullopt);
  BOOST_TEST_REQUIRE(message_of(facts) == "");
  BOOST_TEST(facts->entries == 6U);
  BOOST_TEST(engine_fixture::read(out / "deep/link") == "contents");
  BOOST_TEST(engine_fixture::read(out / "gr\xc3\xbc\xc3\x9f.txt") == "umlaut");
  BOOST_TEST(engine_fixture::read(out / std::string(200, 'n')) == "long");
  struct stat about {};
  BOOST_TEST_REQUIRE(::stat((out / "tool").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777U) == 0755U);
}

BOOST_FIXTURE_TEST_CASE(names_are_written_as_their_bytes_are, unpacking) {
  const std::string composed = "caf\xc3\xa9";
  const std::string decomposed = "cafe\xcc\x81";
  write_file(home.path() / "a.tar",
             tar_writer{}
                 .pax(tar_writer::record("path", decomposed))
                 .file("x", "decomposed")
                 .file(composed, "composed")
                 .entry({.name = "file", .prefix = "far/" + decomposed}, "far")
                 .pax(tar_writer::record("linkpath", decomposed))
                 .symlink("link", "x")
                 .whole());
  auto out = home.path() / "out";
  auto facts = unpack_tar(home.path() / "a.tar", out,
                          {limits::source_bytes, limits::build_disk_bytes}, std::nullopt);
  BOOST_TEST_REQUIRE(message_of(facts) == "");
  BOOST_TEST(engine_fixture::read(out / decomposed) == "decomposed");
  BOOST_TEST(engine_fixture::read(out / composed) == "composed");
  BOOST_TEST(engine_fixture::read(out / "far" / decomposed / "file") == "far");
  BOOST_TEST(std::filesystem::read_symlink(out / "link").native() == decomposed);
}

BOOST_FIXTURE_TEST_CASE(times_are_unpacked, unpacking) {
  auto unpack = [this](const std::string& name, const std::string& bytes) {
    write_file(home.path() / "a.tar", bytes);
    auto facts = unpack_tar(home.path() / "a.tar", home.path() / name,
                            {limits::source_bytes, limits::build_disk_bytes}, std::nullopt);
    BOOST_TEST_REQUIRE(message_of(facts) == "");
    return [place = home.path() / name](const std::string& path) {
      struct stat about {};
      BOOST_TEST_REQUIRE(::lstat((place / path).c_str(), &about) == 0);
      return std::pair{about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    };
  };
  using time = std::pair<std::time_t, long>;
  auto with_time = [](const std::string& text) { return tar_writer::record("mtime", text); };
  auto time_of = unpack("out", tar_writer{}
                                   .entry({.name = "d", .type = '5', .mode = 0755, .time = 7})
                                   .entry({.name = "d/a", .time = 1'700'000'000}, "text")
                                   .pax(with_time("1700000001.5"))
                                   .file("d/b", "")
                                   .pax(with_time("-3.25"))
                                   .file("d/early", "")
                                   .pax(with_time("99999999999999999999999.1"))
                                   .file("d/late", "")
                                   .entry({.name = "d/link", .type = '2', .link = "a", .time = 9})
                                   .whole());
  BOOST_TEST((time_of("d") == time{7, 0}));
  BOOST_TEST((time_of("d/a") == time{1'700'000'000, 0}));
  BOOST_TEST((time_of("d/b") == time{1'700'000'001, 500'000'000}));
  BOOST_TEST((time_of("d/early") == time{0, 0}));
  BOOST_TEST(time_of("d/late").first > 4'102'444'800);
  BOOST_TEST((time_of("d/link") == time{9, 0}));
  // A tar without any time is one of an older client: its files are as old as the unpacking.
  BOOST_TEST(unpack("old", tar_writer{}.file("a", "x").whole())("a").first > 1'700'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
