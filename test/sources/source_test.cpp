#include "sources/files/file_source_store.hpp"

#include "posix/digest.hpp"
#include "sources/tar/tar_reading.hpp"
#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

#include <sys/stat.h>

using namespace pawl;
using namespace pawl::test;

namespace {

std::string digest_of(const std::string& bytes) {
  digest sum;
  sum.add(bytes);
  return sum.text();
}

source_facts promise_of(const std::string& bytes) {
  return {digest_of(bytes), bytes.size(), 1};
}

struct source_fixture {
  source_fixture() { reopen(); }

  void reopen(std::uint64_t most = limits::source_bytes) {
    bytes_max = most;
    store = std::make_unique<file_source_store>(home.path() / "data", most);
  }

  result<std::uint64_t> upload(const std::string& deployment, const std::string& bytes) {
    if (auto open = store->open_upload(deployment, "shop", promise_of(bytes)); !open)
      return open;
    return store->append(deployment, 0, {bytes.begin(), bytes.end()});
  }

  result<std::uint64_t> upload_only(const std::string& bytes) {
    store->discard_upload("d1"); // of an earlier source
    reopen(bytes_max);           // what was discarded is not opened again
    return upload("d1", bytes);
  }

  result<source_reading> verify(const std::string& bytes) {
    if (auto done = upload_only(bytes); !done)
      return std::move(done).error();
    return store->verify("d1", "shop", digest_of(bytes));
  }

  // Both readings must refuse it, and neither may write anything outside.
  void refuse(const std::string& rule, const std::string& bytes,
              errc code = errc::invalid_argument) {
    BOOST_TEST_CONTEXT(rule) {
      auto canary = home.path() / "canary";
      write_file(canary, "alive");
      BOOST_TEST_REQUIRE(message_of(upload_only(bytes)) == "");
      auto reading = store->verify("d1", "shop", digest_of(bytes));
      BOOST_TEST(code_of(reading) == to_string(code));
      write_file(home.path() / "hostile.tar", bytes);
      auto unpacked = unpack_tar(home.path() / "hostile.tar", home.path() / "out",
                                 {limits::source_bytes, limits::build_disk_bytes}, std::nullopt);
      BOOST_TEST(code_of(unpacked) == to_string(code));
      BOOST_TEST(!std::filesystem::exists(home.path() / "out"));
      BOOST_TEST(engine_fixture::read(canary) == "alive");
      std::set<std::string> left;
      for (const auto& entry : std::filesystem::directory_iterator{home.path()})
        left.insert(entry.path().filename());
      BOOST_TEST(left == (std::set<std::string>{"canary", "data", "hostile.tar"}),
                 boost::test_tools::per_element());
    }
  }

  temporary_directory home;
  std::uint64_t bytes_max = 0;
  std::unique_ptr<file_source_store> store;
};

std::vector<char> part(const std::string& bytes, std::size_t begin,
                       std::size_t length = std::string::npos) {
  const auto piece = bytes.substr(begin, length);
  return {piece.begin(), piece.end()};
}

std::string one_file(const std::string& name) {
  return tar_writer{}.file(name, "x").whole();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sources)

BOOST_FIXTURE_TEST_CASE(a_clean_source_is_verified_and_kept, source_fixture) {
  auto bytes = tar_writer{}
                   .file("pawl.toml", "app = \"shop\"\n")
                   .file("Procfile", "web: ./run\n")
                   .directory("bin/")
                   .file("bin/run", "#!/bin/sh\n", 0755)
                   .symlink("bin/start", "../bin/run")
                   .file("sub/pawl.toml", "not this one")
                   .whole();
  auto reading = verify(bytes);
  BOOST_TEST_REQUIRE(message_of(reading) == "");
  BOOST_TEST(reading->facts.digest == digest_of(bytes));
  BOOST_TEST(reading->facts.bytes == bytes.size());
  BOOST_TEST(reading->facts.files == 4U);
  BOOST_TEST(reading->manifest.value_or("") == "app = \"shop\"\n");
  BOOST_TEST(reading->procfile.value_or("") == "web: ./run\n");
  BOOST_TEST(engine_fixture::read(store->path("shop", digest_of(bytes))) == bytes);
  reopen();
  BOOST_TEST(message_of(store->verify("d1", "shop", digest_of(bytes))) == "");
}

BOOST_FIXTURE_TEST_CASE(an_upload_goes_on_where_it_was_cut_off, source_fixture) {
  auto bytes = one_file("a");
  BOOST_TEST(store->open_upload("d1", "shop", promise_of(bytes)).has_value());
  BOOST_TEST(*store->append("d1", 0, part(bytes, 0, 700)) == 700U);
  BOOST_TEST(code_of(store->append("d1", 0, part(bytes, 0, 10))) == "invalid_argument");
  BOOST_TEST(code_of(store->verify("d1", "shop", digest_of(bytes))) == "invalid_argument");
  reopen();
  BOOST_TEST(*store->open_upload("d1", "shop", promise_of(bytes)) == 700U);
  BOOST_TEST(*store->append("d1", 700, part(bytes, 700)) == bytes.size());
  BOOST_TEST(code_of(store->append("d1", bytes.size(), part(bytes, 0, 1))) == "too_large");
  BOOST_TEST(message_of(store->verify("d1", "shop", digest_of(bytes))) == "");
}

BOOST_FIXTURE_TEST_CASE(an_upload_of_other_bytes_than_announced_is_refused, source_fixture) {
  auto bytes = one_file("a");
  BOOST_TEST(upload("d1", bytes).has_value());
  BOOST_TEST(code_of(store->verify("d1", "shop", digest_of("other"))) == "invalid_argument");
  BOOST_TEST(code_of(store->verify("d9", "shop", digest_of(bytes))) == "invalid_argument");
  BOOST_TEST(code_of(store->verify("d1", "shop", "sha256:../../x")) == "invalid_argument");
}

// The worker of a lane that has died may be asked late, when the next lane has given it up.
BOOST_FIXTURE_TEST_CASE(an_upload_that_was_discarded_is_not_opened_again, source_fixture) {
  auto bytes = one_file("a");
  BOOST_TEST(upload("d1", bytes).has_value());
  store->discard_upload("d1");
  BOOST_TEST(code_of(store->open_upload("d1", "shop", promise_of(bytes))) == "unavailable");
  BOOST_TEST(store->uploads().empty());
}

// Also when the server died between making the upload a source and recording that it did.
BOOST_FIXTURE_TEST_CASE(a_source_that_is_kept_is_not_sent_again, source_fixture) {
  auto bytes = one_file("a");
  BOOST_REQUIRE(verify(bytes).has_value());
  reopen();
  BOOST_TEST(*store->open_upload("d1", "shop", promise_of(bytes)) == bytes.size());
  BOOST_TEST(message_of(store->verify("d1", "shop", digest_of(bytes))) == "");
  BOOST_TEST(*store->open_upload("d2", "shop", promise_of(bytes)) == bytes.size());
  BOOST_TEST(message_of(store->verify("d2", "shop", digest_of(bytes))) == "");
  BOOST_TEST(*store->open_upload("d3", "blog", promise_of(bytes)) == 0U); // another app's
}

BOOST_FIXTURE_TEST_CASE(a_kept_source_that_was_damaged_is_removed_and_sent_anew, source_fixture) {
  auto bytes = one_file("a");
  BOOST_REQUIRE(verify(bytes).has_value());
  write_file(store->path("shop", digest_of(bytes)), std::string(bytes.size(), 'x'));
  BOOST_TEST(*store->open_upload("d2", "shop", promise_of(bytes)) == bytes.size());
  BOOST_TEST(code_of(store->verify("d2", "shop", digest_of(bytes))) == "data_corruption");
  BOOST_TEST(*store->open_upload("d3", "shop", promise_of(bytes)) == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_upload_over_the_limit_is_refused_at_once, source_fixture) {
  reopen(1000);
  BOOST_TEST(code_of(store->open_upload("d1", "shop", {digest_of("a"), 1001, 1})) == "too_large");
  BOOST_TEST(code_of(store->open_upload("../d1", "shop", {digest_of("a"), 10, 1})) ==
             "invalid_argument");
}

BOOST_FIXTURE_TEST_CASE(hostile_names_are_refused, source_fixture) {
  refuse("absolute", one_file("/etc/x"));
  refuse("parent", one_file("../canary"));
  refuse("parent inside", one_file("a/../../canary"));
  refuse("dot", one_file("./a"));
  refuse("empty", one_file(""));
  refuse("empty component", one_file("a//b"));
  refuse("slash at a file's end", one_file("a/"));
  refuse("only dots", one_file(".."));
  refuse("duplicate", tar_writer{}.file("a", "1").file("a", "2").whole());
  refuse("duplicate directory", tar_writer{}.directory("a/").directory("a").whole());
  refuse("file and directory", tar_writer{}.file("a", "1").directory("a/").whole());
  refuse("below a file", tar_writer{}.file("a", "1").file("a/b", "2").whole());
  refuse(
      "NUL in a pax path",
      tar_writer{}.pax(tar_writer::record("path", std::string{"a\0b", 3})).file("x", "").whole());
  refuse("NUL in a name", tar_writer{}.file(std::string{"a\0b", 3}, "").whole());
  refuse("pax path out",
         tar_writer{}.pax(tar_writer::record("path", "../canary")).file("x", "").whole());
  std::string deep = "d";
  for (int i = 0; i < 128; ++i)
    deep += "/d";
  refuse("too deep", tar_writer{}.pax(tar_writer::record("path", deep)).file("x", "").whole(),
         errc::too_large);
  refuse("long component",
         tar_writer{}.pax(tar_writer::record("path", std::string(256, 'x'))).file("x", "").whole(),
         errc::too_large);
  std::string overlong;
  for (int i = 0; i < 20; ++i)
    overlong += std::string(250, 'x') + "/";
  refuse("long path",
         tar_writer{}.pax(tar_writer::record("path", overlong + "x")).file("x", "").whole(),
         errc::too_large);
}

BOOST_FIXTURE_TEST_CASE(hostile_links_are_refused, source_fixture) {
  refuse("absolute", tar_writer{}.symlink("a", "/etc/passwd").whole());
  refuse("empty", tar_writer{}.symlink("a", "").whole());
  refuse("out", tar_writer{}.symlink("a", "../canary").whole());
  refuse("out of a directory", tar_writer{}.symlink("d/a", "../../canary").whole());
  refuse("through a link",
         tar_writer{}.symlink("d/e/up", "..").symlink("x", "d/e/up/../../canary").whole());
  refuse("loop", tar_writer{}.symlink("a", "b").symlink("b", "a").whole());
  refuse("file below a link",
         tar_writer{}.directory("d/").symlink("a", "d").file("a/x", "1").whole());
  refuse("link over a directory", tar_writer{}.file("a/x", "1").symlink("a", "..").whole());
  refuse("hard link",
         tar_writer{}.file("a", "1").entry({.name = "b", .type = '1', .link = "a"}).whole());
  refuse("hard link out",
         tar_writer{}.entry({.name = "b", .type = '1', .link = "../canary"}).whole());
}

BOOST_FIXTURE_TEST_CASE(hostile_kinds_and_modes_are_refused, source_fixture) {
  for (char type : {'3', '4', '6', '7', 'S', 'D', 'M', 'V', 'g', 'A', '8'})
    refuse(std::string{"type "} + type, tar_writer{}.entry({.name = "a", .type = type}).whole());
  for (unsigned mode : {04755U, 02755U, 01644U})
    refuse("mode", tar_writer{}.file("a", "x", mode).whole());
  refuse("sparse in pax", tar_writer{}
                              .pax(tar_writer::record("GNU.sparse.major", "1") +
                                   tar_writer::record("GNU.sparse.minor", "0"))
                              .file("a", "x")
                              .whole());
  constexpr std::size_t prefix_at = 345;
  for (const std::size_t at : {386U, 482U, 483U, 494U}) // first part, more parts, size
    refuse("sparse in a GNU header", tar_writer{}
                                         .entry({.name = "a",
                                                 .magic = std::string{"ustar  \0", 8},
                                                 .prefix = std::string(at - prefix_at, '\0') + "1"},
                                                "x")
                                         .whole());
}

BOOST_FIXTURE_TEST_CASE(hostile_sizes_and_headers_are_refused, source_fixture) {
  refuse("longer than the tar",
         tar_writer{}.entry({.name = "a", .size = "77777777777"}, "x").whole());
  refuse("base 256",
         tar_writer{}
             .entry({.name = "a", .size = std::string{"\x80\0\0\0\0\0\0\0\0\0\0\1", 12}}, "x")
             .whole());
  refuse("negative", tar_writer{}.entry({.name = "a", .size = "-0000000001"}, "x").whole());
  refuse("pax size", tar_writer{}
                         .pax(tar_writer::record("size", "1024"))
                         .file("a", std::string(512, 'x'))
                         .whole());
  refuse("directory with contents", tar_writer{}.entry({.name = "a", .type = '5'}, "x").whole());
  refuse("checksum", tar_writer{}.entry({.name = "a", .good_checksum = false}, "x").whole());
  refuse("v7 header",
         tar_writer{}.entry({.name = "a", .magic = std::string(8, '\0')}, "x").whole());
  refuse("pax record length", tar_writer{}.pax("99 path=a\n").file("x", "").whole());
  refuse("pax record without =", tar_writer{}.pax("8 abcde\n").file("x", "").whole());
  refuse("pax key twice",
         tar_writer{}
             .pax(tar_writer::record("path", "a") + tar_writer::record("path", "b"))
             .file("x", "")
             .whole());
  refuse("pax too long", tar_writer{}
                             .pax(tar_writer::record("comment", std::string(70'000, 'x')))
                             .file("x", "")
                             .whole());
  refuse("pax of nothing", tar_writer{}.pax(tar_writer::record("path", "a")).whole());
  refuse("pax time", tar_writer{}.pax(tar_writer::record("mtime", "1.x")).file("x", "").whole());
  refuse("pax time without digits",
         tar_writer{}.pax(tar_writer::record("mtime", "soon")).file("x", "").whole());
  refuse("pax path that is not UTF-8",
         tar_writer{}.pax(tar_writer::record("path", "bad\xff")).file("x", "").whole());
  refuse("two long names",
         tar_writer{}
             .pax(tar_writer::record("path", "a"))
             .entry({.name = "@LongLink", .type = 'L', .magic = std::string{"ustar  \0", 8}}, "b")
             .file("x", "")
             .whole());
  refuse("NUL in a prefix",
         tar_writer{}.entry({.name = "a", .prefix = std::string{"x\0y", 3}}).whole());
  refuse("two pax headers", tar_writer{}
                                .pax(tar_writer::record("path", "a"))
                                .pax(tar_writer::record("path", "b"))
                                .file("x", "")
                                .whole());
}

BOOST_FIXTURE_TEST_CASE(a_tar_that_does_not_end_cleanly_is_refused, source_fixture) {
  auto whole = one_file("a");
  for (std::size_t cut : {0U, 100U, 512U, 600U, 1024U, 1536U, 2000U})
    refuse("cut at " + std::to_string(cut), whole.substr(0, cut));
  refuse("bytes behind the end", whole + "garbage" + std::string(505, '\0'));
  refuse("a second tar", whole + whole);
  refuse("odd end", whole + std::string(100, '\0'));
  refuse("gzip", "\x1f\x8b\x08" + std::string(2045, 'x'));
  refuse("no tar", std::string(4096, 'x'));
}

BOOST_FIXTURE_TEST_CASE(too_many_entries_are_refused, source_fixture) {
  tar_writer tar;
  for (std::size_t i = 0; i <= limits::source_entries; ++i)
    tar.file("f" + std::to_string(i), "");
  refuse("entries", tar.whole(), errc::too_large);
}

// A few entries stand for many directories, each of which takes memory here and a file on the disk.
BOOST_FIXTURE_TEST_CASE(directories_that_entries_imply_are_counted, source_fixture) {
  tar_writer tar;
  std::string below;
  for (std::size_t depth = 2; depth < limits::source_path_depth; ++depth)
    below += "/d";
  const auto entries = limits::source_entries / (limits::source_path_depth - 1) + 1;
  for (std::size_t i = 0; i <= entries; ++i)
    tar.pax(tar_writer::record("path", std::to_string(i) + below + "/f")).file("x", "");
  refuse("implied directories", tar.whole(), errc::too_large);
}

BOOST_FIXTURE_TEST_CASE(the_names_of_all_entries_together_are_bounded, source_fixture) {
  tar_writer tar;
  std::string below;
  for (std::size_t depth = 2; depth < limits::source_path_bytes / 201; ++depth)
    below += '/' + std::string(200, 'n');
  for (std::size_t bytes = 0, i = 0; bytes <= limits::source_names_bytes; ++i) {
    const auto name = std::to_string(i) + below;
    for (auto end = name.size(); end != std::string::npos;
         end = end == 0 ? std::string::npos : name.rfind('/', end - 1))
      bytes += end;
    tar.pax(tar_writer::record("path", name)).file("x", "");
  }
  refuse("names", tar.whole(), errc::too_large);
}

BOOST_FIXTURE_TEST_CASE(a_tree_that_would_take_too_much_of_the_disk_is_not_begun, source_fixture) {
  tar_writer tar;
  for (int i = 0; i < 1000; ++i)
    tar.file("d" + std::to_string(i) + "/empty", "");
  write_file(home.path() / "a.tar", tar.whole());
  const auto out = home.path() / "out";
  auto unpack = [&](std::uint64_t disk_bytes) {
    return unpack_tar(home.path() / "a.tar", out, {limits::source_bytes, disk_bytes}, std::nullopt);
  };
  auto refused = unpack(4 * limits::mib);
  BOOST_TEST(code_of(refused) == "resource_exhausted");
  BOOST_TEST(!std::filesystem::exists(out));
  auto taken = unpack(16 * limits::mib);
  BOOST_TEST_REQUIRE(message_of(taken) == "");
  BOOST_TEST(taken->disk_bytes == 2000 * limits::file_overhead_bytes);
}

BOOST_FIXTURE_TEST_CASE(a_manifest_that_is_too_long_or_a_link_is_refused, source_fixture) {
  auto long_one =
      tar_writer{}.file("pawl.toml", std::string(limits::manifest_bytes + 1, '#')).whole();
  BOOST_TEST(code_of(verify(long_one)) == "too_large");
  store->discard_upload("d1");
  auto link = tar_writer{}.file("a", "").symlink("pawl.toml", "a").whole();
  BOOST_TEST(code_of(verify(link)) == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()
