#include "packing/pack.hpp"

#include "sources/source_files.hpp"
#include "sources/tar/tar_headers.hpp"
#include "test/packing/samples.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>
#include <sstream>

#include <sys/socket.h>

namespace fs = std::filesystem;
using pawl::packing::pack;
using pawl::test::tree;

BOOST_AUTO_TEST_SUITE(packing)

BOOST_FIXTURE_TEST_CASE(entries_are_sorted_by_the_bytes_of_their_paths, tree) {
  file("b/c");
  file("b.txt");
  file("a");
  fs::create_directory(root / "empty");
  fs::create_symlink("a", root / "link");
  BOOST_TEST(names() == "a b/ b.txt b/c empty/ link");
}

BOOST_FIXTURE_TEST_CASE(the_facts_are_those_of_the_file, tree) {
  file("a", "12345");
  file("d/b", "6");
  auto packed = pack(root);
  BOOST_REQUIRE(packed);
  struct stat about {};
  BOOST_REQUIRE(::fstat(packed->file.get(), &about) == 0);
  BOOST_TEST(packed->facts.bytes == static_cast<std::uint64_t>(about.st_size));
  BOOST_TEST(packed->facts.bytes % 512 == 0U);
  BOOST_TEST(packed->facts.files == 2U);
  BOOST_TEST(about.st_nlink == 0U, "the file has a name");
  BOOST_TEST(packed->facts.digest.starts_with("sha256:"));
  BOOST_TEST(packed->facts.digest.size() == 71U);
}

BOOST_FIXTURE_TEST_CASE(the_bytes_of_a_known_tree_never_change, tree) {
  file("pawl.toml", "app = \"shop\"\n");
  file("bin/run", "#!/bin/sh\n");
  fs::permissions(root / "bin/run", fs::perms{0700});
  fs::create_symlink("bin/run", root / "run");
  for (auto name : {"pawl.toml", "bin/run", "bin", "run"})
    set_time(name, {0, 0}); // as in a tar of an older pawl, which had no times
  BOOST_TEST(digest() == "sha256:a599fafad0317f0077c7c4595871c07b8a7c1c40da9564b6d4971d42bfac034d");
  for (auto name : {"pawl.toml", "bin/run", "bin", "run"})
    set_time(name, {1'700'000'000, 123'456'789});
  BOOST_TEST(digest() == "sha256:04a9f3e99a7a22dd8113d28dad17f4e37d1eebf5aee8d6c2563bacd8850c1217");
}

BOOST_FIXTURE_TEST_CASE(another_manifest_takes_the_place_of_pawl_toml, tree) {
  const auto other = place.path() / "staging.toml";
  std::ofstream{other} << "app = \"staging\"\n";
  file("a");
  file("z");
  const auto text_sent = [&] {
    auto packed = pack(root, other);
    BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
    BOOST_TEST((packed->settings == std::vector<std::string>{"pawl.toml"}));
    auto files = pawl::look_into_tar(packed->file.get(), packed->facts.bytes);
    BOOST_REQUIRE(files);
    BOOST_TEST(((*files)->names_in("") == std::vector<std::string>{"a", "pawl.toml", "z"}));
    return (*files)->beginning_of("pawl.toml", 1000).value_or("");
  };
  BOOST_TEST(text_sent() == "app = \"staging\"\n");
  file("pawl.toml", "app = \"own\"\n");
  BOOST_TEST(text_sent() == "app = \"staging\"\n");
}

BOOST_FIXTURE_TEST_CASE(times_are_sent_to_the_nanosecond, tree) {
  file("a");
  auto time_in_tar = [this](std::timespec modified) {
    set_time("a", modified);
    auto packed = pack(root);
    BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
    pawl::tar_headers headers{packed->file.get(), packed->facts.bytes};
    auto entry = headers.next();
    BOOST_REQUIRE((entry && *entry));
    return std::pair{(*entry)->modified.tv_sec, (*entry)->modified.tv_nsec};
  };
  using time = std::pair<std::time_t, long>;
  BOOST_TEST((time_in_tar({1'700'000'000, 123'456'789}) == time{1'700'000'000, 123'456'789}));
  BOOST_TEST((time_in_tar({1'700'000'000, 0}) == time{1'700'000'000, 0}));
  BOOST_TEST((time_in_tar({4'102'444'800, 5}) == time{4'102'444'800, 5})); // the year 2100
  BOOST_TEST((time_in_tar({-5, 5}) == time{0, 0}));
}

BOOST_FIXTURE_TEST_CASE(owners_and_other_modes_do_not_matter, tree) {
  file("a");
  file("run");
  fs::permissions(root / "run", fs::perms{0700});
  auto before = digest();
  fs::permissions(root / "a", fs::perms{0600});
  fs::permissions(root / "run", fs::perms{0755});
  BOOST_TEST(digest() == before);
  fs::permissions(root / "run", fs::perms{0644});
  BOOST_TEST(digest() != before);
}

BOOST_FIXTURE_TEST_CASE(a_copy_with_other_times_has_the_same_contents, tree) {
  auto contents = [this] {
    auto packed = pack(root);
    BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
    return packed->contents;
  };
  file("a", "1");
  file("d/b", "2");
  auto before = contents();
  auto sent = digest();
  for (auto name : {"a", "d", "d/b"})
    set_time(name, {1'700'000'000, 7});
  BOOST_TEST(contents() == before);
  BOOST_TEST(digest() != sent);
  file("a", "3");
  BOOST_TEST(contents() != before);
  file("a", "1");
  fs::permissions(root / "a", fs::perms{0755});
  BOOST_TEST(contents() != before);
  fs::permissions(root / "a", fs::perms{0644});
  BOOST_TEST(contents() == before);
  fs::create_symlink("a", root / "link");
  BOOST_TEST(contents() != before);
}

BOOST_FIXTURE_TEST_CASE(every_change_of_contents_changes_the_digest, tree) {
  file("a", "1");
  auto first = digest();
  file("a", "2");
  auto second = digest();
  BOOST_TEST(second != first);
  file("untracked", "");
  auto third = digest();
  BOOST_TEST(third != second);
  fs::create_directory(root / "empty");
  BOOST_TEST(digest() != third);
}

BOOST_FIXTURE_TEST_CASE(names_keep_their_bytes, tree) {
  file("cafe\xcc\x81.txt"); // decomposed, as macOS writes it
  file("caf\xc3\xa9.txt");
  auto packed = pack(root);
  BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
  pawl::tar_headers headers{packed->file.get(), packed->facts.bytes};
  auto first = headers.next();
  auto second = headers.next();
  BOOST_REQUIRE((first && second && *first && *second));
  BOOST_TEST((*first)->name == "cafe\xcc\x81.txt");
  BOOST_TEST((*second)->name == "caf\xc3\xa9.txt");
}

BOOST_FIXTURE_TEST_CASE(long_and_foreign_names_are_kept, tree) {
  auto deep = std::string(120, 'd') + "/" + std::string(200, 'f');
  file(deep);
  file("größe.txt");
  auto packed = pack(root);
  BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
  BOOST_TEST(packed->facts.files == 2U);
  std::string tar(packed->facts.bytes, '\0');
  BOOST_REQUIRE(::pread(packed->file.get(), tar.data(), tar.size(), 0) ==
                static_cast<ssize_t>(tar.size()));
  BOOST_TEST(tar.find("path=" + deep + "\n") != std::string::npos);
  BOOST_TEST(tar.find("path=größe.txt\n") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_missing_directory_is_refused, tree) {
  root /= "nowhere";
  BOOST_TEST(problem().find("nowhere cannot be deployed: No such file or directory") !=
             std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_empty_directory_is_refused, tree) {
  BOOST_TEST(problem().starts_with("there is nothing to deploy in "));
  file(".gitignore", "*\n");
  BOOST_TEST(problem().starts_with("there is nothing to deploy in "));
}

BOOST_FIXTURE_TEST_CASE(what_is_no_file_is_refused, tree) {
  BOOST_REQUIRE(::mkfifo((root / "pipe").c_str(), 0600) == 0);
  BOOST_TEST(problem() ==
             "pipe is a named pipe, which cannot be deployed; remove it, or ignore it");
  fs::remove(root / "pipe");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto path = (root / "s").string();
  BOOST_REQUIRE(path.size() < sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  pawl::descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  BOOST_TEST(problem() == "s is a socket, which cannot be deployed; remove it, or ignore it");
}

BOOST_FIXTURE_TEST_CASE(links_that_lead_out_are_refused, tree) {
  file("in/file");
  fs::create_symlink("/etc/passwd", root / "absolute");
  fs::create_symlink("../../x", root / "in/outward");
  fs::create_symlink("loop", root / "loop");
  fs::create_directory_symlink("..", root / "in/up");
  fs::create_symlink("in/up/../x", root / "through"); // outward only by way of the other link
  BOOST_TEST(
      problem() ==
      "absolute is a symlink to the absolute path /etc/passwd; leave it out (add /absolute to "
      ".gitignore) and make it in the build, or copy what it leads to instead\n"
      "in/outward is a symlink that leads out of the directory, to ../../x; leave it out "
      "(add /in/outward to .gitignore) and make it in the build, or copy what it leads to "
      "instead\n"
      "loop is a symlink that leads to itself; remove it\n"
      "through is a symlink that leads out of the directory, to in/up/../x; leave it out "
      "(add /through to .gitignore) and make it in the build, or copy what it leads to "
      "instead");
}

BOOST_FIXTURE_TEST_CASE(an_absolute_link_to_a_place_inside_is_made_relative, tree) {
  file("in/file");
  fs::create_symlink(root / "in/file", root / "absolute");
  BOOST_TEST(problem().ends_with("; make it relative"));
}

BOOST_FIXTURE_TEST_CASE(a_virtual_environment_is_reported_once, tree) {
  file(".pawlignore", "nothing\n");
  file("tools/.venv/pyvenv.cfg");
  fs::create_directory(root / "tools/.venv/bin");
  fs::create_symlink("/usr/bin/python3", root / "tools/.venv/bin/python3");
  fs::create_symlink("python3", root / "tools/.venv/bin/python");
  BOOST_TEST(problem() ==
             "tools/.venv is a virtual environment of this machine's Python, which the server does "
             "not have; leave it out (add tools/.venv/ to .pawlignore), and make it in the build");
  file(".pawlignore", "tools/.venv/\n"); // as advised
  BOOST_TEST(names() == ".pawlignore tools/");
}

BOOST_FIXTURE_TEST_CASE(links_inside_are_kept, tree) {
  file("lib/so.1");
  fs::create_symlink("so.1", root / "lib/so");
  fs::create_symlink("../lib/so", root / "lib/again");
  fs::create_symlink("made/by/the/build", root / "later");
  BOOST_TEST(names() == "later lib/ lib/again lib/so lib/so.1");
}

BOOST_FIXTURE_TEST_CASE(an_unreadable_file_is_refused, tree) {
  file("a");
  file("secret");
  fs::permissions(root / "secret", fs::perms::none);
  fs::permissions(place.path(), fs::perms{0755});
  bool root_user = ::geteuid() == 0;
  constexpr uid_t nobody = 65534;
  if (root_user) // who can read everything
    BOOST_REQUIRE(::seteuid(nobody) == 0);
  auto packed = pack(root);
  if (root_user)
    BOOST_REQUIRE(::seteuid(0) == 0);
  BOOST_REQUIRE(!packed);
  BOOST_TEST(packed.error().message ==
             "secret cannot be read: Permission denied; make it readable, or ignore it");
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_while_it_is_read_is_refused) {
  // The files of /proc have a size of 0, and more than that comes out of them.
  auto packed = pack("/proc/sys/kernel/random");
  BOOST_REQUIRE(!packed);
  BOOST_TEST(packed.error().message.find("boot_id changed while it was read; deploy again when "
                                         "nothing writes to it") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_device_is_refused, tree) {
  // Only root may make one; /dev has some, and nothing else that is small and stable.
  auto packed = pack("/dev");
  BOOST_REQUIRE(!packed);
  BOOST_TEST(packed.error().message.find(" is a device, which cannot be deployed; remove it, or "
                                         "ignore it") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_largest_files_are_told, tree) {
  for (std::size_t i = 10; i < 30; ++i)
    file("d/f" + std::to_string(i), std::string(i, 'x'));
  file("a", std::string(29, 'x'));
  fs::create_symlink("a", root / "link");
  auto packed = pack(root);
  BOOST_REQUIRE(packed);
  BOOST_TEST(packed->largest.size() == pawl::packing::pack_largest_max);
  BOOST_TEST(packed->largest[0].path == "a");
  BOOST_TEST(packed->largest[0].bytes == 29U);
  BOOST_TEST(packed->largest[1].path == "d/f29");
  BOOST_TEST(packed->largest.back().path == "d/f21");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_looked_at_is_named, tree) {
  // A directory that may be listed, and not entered.
  file("d/gone");
  fs::permissions(place.path(), fs::perms{0755});
  fs::permissions(root / "d", fs::perms{0444});
  bool root_user = ::geteuid() == 0;
  constexpr uid_t nobody = 65534;
  if (root_user)
    BOOST_REQUIRE(::seteuid(nobody) == 0);
  auto packed = pack(root);
  if (root_user)
    BOOST_REQUIRE(::seteuid(0) == 0);
  fs::permissions(root / "d", fs::perms{0755});
  BOOST_REQUIRE(!packed);
  BOOST_TEST(packed.error().message.find("d/gone cannot be examined") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_file_is_no_directory, tree) {
  file("app");
  root /= "app";
  BOOST_TEST(problem().find("app cannot be deployed: Not a directory") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_name_that_is_not_utf8_is_refused, tree) {
  file("bad\xff");
  BOOST_TEST(problem() == "bad\\xff has a name that is not UTF-8; rename it, or ignore it");
}

BOOST_FIXTURE_TEST_CASE(twenty_problems_are_listed_and_no_more, tree) {
  for (int i = 10; i < 40; ++i)
    fs::create_symlink("/", root / ("l" + std::to_string(i)));
  auto message = problem();
  BOOST_TEST(std::count(message.begin(), message.end(), '\n') == 20);
  BOOST_TEST(message.find("l29 ") != std::string::npos);
  BOOST_TEST(message.find("l30 ") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(files_of_git_lfs_that_were_not_fetched_are_told, tree) {
  file("large.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n");
  file("about.txt", "see version https://git-lfs.github.com/spec/v1\noid\n");
  auto packed = pack(root);
  BOOST_REQUIRE(packed);
  BOOST_REQUIRE(packed->notes.size() == 1U);
  BOOST_TEST(packed->notes[0] ==
             "large.bin is sent as a Git LFS pointer of some lines, not with the contents; run git "
             "lfs pull before the deploy");
}

BOOST_AUTO_TEST_SUITE_END()
