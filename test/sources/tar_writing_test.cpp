#include "sources/tar/tar_writing.hpp"

#include "posix/files.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(written_tars)

BOOST_AUTO_TEST_CASE(each_entry_is_read_as_it_was_written) {
  const std::string far = std::string(90, 'd') + "/" + std::string(200, 'n');
  std::vector<tar_entry> entries;
  for (const std::string& name :
       {std::string(99, 'a'), std::string(100, 'b'), std::string(101, 'c'), far,
        std::string{"gr\xc3\xbc\xc3\x9f"}, std::string{"\xff\xfe"}})
    for (const auto kind : {entry_kind::directory, entry_kind::file, entry_kind::symlink}) {
      tar_entry made;
      made.kind = kind;
      made.name = fmt::format("{}{}", static_cast<int>(kind), name);
      made.executable = kind == entry_kind::file && name.size() % 2 == 1;
      if (kind == entry_kind::symlink)
        made.target = name;
      made.modified = {static_cast<std::time_t>(1'700'000'000 + name.size()),
                       name.size() % 2 == 0 ? 0 : 123'000'789};
      entries.push_back(made);
    }
  std::string tar;
  tar_writing writing{[&tar](std::string_view bytes) -> result<void> {
    tar += bytes;
    return {};
  }};
  for (const auto& each : entries)
    BOOST_TEST(writing.entry(each).has_value());
  BOOST_TEST(writing.finish().has_value());
  BOOST_TEST(writing.bytes() == tar.size());

  const auto file = memory_file(tar);
  BOOST_REQUIRE(file);
  tar_headers headers{file->get(), tar.size()};
  for (const auto& each : entries) {
    const auto read = headers.next();
    BOOST_REQUIRE_MESSAGE(read && *read, (read ? "it ends" : read.error().message));
    const auto slash = each.kind == entry_kind::directory ? "/" : "";
    BOOST_TEST((*read)->name == each.name + slash);
    BOOST_TEST(((*read)->kind == each.kind));
    BOOST_TEST((*read)->target == each.target);
    if (each.kind == entry_kind::file)
      BOOST_TEST((*read)->executable == each.executable);
    BOOST_TEST((*read)->modified.tv_sec == each.modified.tv_sec);
    BOOST_TEST((*read)->modified.tv_nsec == each.modified.tv_nsec);
  }
  const auto end = headers.next();
  BOOST_REQUIRE(end);
  BOOST_TEST(!end->has_value());
}

BOOST_AUTO_TEST_CASE(the_size_of_a_file_has_twelve_digits_at_most) {
  std::string tar;
  tar_writing writing{[&tar](std::string_view bytes) -> result<void> {
    tar += bytes;
    return {};
  }};
  tar_entry large;
  large.name = "a";
  for (const auto& [size, field] :
       {std::pair{std::uint64_t{077777777777}, std::string{"77777777777\0", 12}},
        std::pair{std::uint64_t{0100000000000}, std::string{"100000000000"}},
        std::pair{std::uint64_t{0777777777777}, std::string{"777777777777"}}}) {
    tar.clear();
    large.size = size;
    BOOST_TEST(writing.entry(large).has_value());
    BOOST_TEST(tar.substr(124, 12) == field);
  }
  large.size = 01000000000000;
  const auto refused = writing.entry(large);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "too_large");
}

BOOST_AUTO_TEST_SUITE_END()
