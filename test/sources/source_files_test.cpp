// A look into a source's tar: which files there are, and the text of some.
#include "sources/source_files.hpp"

#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

struct looking {
  temporary_directory place;

  std::unique_ptr<source_files> into(const std::string& bytes) const {
    const auto tar = place.path() / "source.tar";
    write_file(tar, bytes);
    auto files = look_into_tar(tar);
    BOOST_REQUIRE_MESSAGE(files, (files ? "" : files.error().message));
    return std::move(*files);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(source_files_of_a_tar, looking)

BOOST_AUTO_TEST_CASE(files_and_folders_are_found_and_links_are_not_followed) {
  const auto files = into(tar_writer{}
                              .file("go.mod", "module x\n")
                              .file("cmd/shop/main.go", "package main\n")
                              .directory("empty/")
                              .symlink("link", "go.mod")
                              .whole());
  BOOST_TEST(files->has_file("go.mod"));
  BOOST_TEST(files->has_file("cmd/shop/main.go"));
  BOOST_TEST(!files->has_file("cmd"));
  BOOST_TEST(!files->has_file("link"));
  BOOST_TEST(files->has_folder(""));
  BOOST_TEST(files->has_folder("cmd/shop")); // no entry names it
  BOOST_TEST(files->has_folder("empty"));
  BOOST_TEST(!files->has_folder("go.mod"));
  BOOST_TEST(files->names_in("") == (std::vector<std::string>{"cmd/", "empty/", "go.mod"}),
             boost::test_tools::per_element());
  BOOST_TEST(files->names_in("cmd/shop") == std::vector<std::string>{"main.go"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_beginning_of_a_file_is_read) {
  const auto files = into(tar_writer{}.file("a", "first").file("b", "second").whole());
  BOOST_TEST(files->beginning_of("b", 100).value_or("") == "second");
  BOOST_TEST(files->beginning_of("b", 3).value_or("") == "sec");
  BOOST_TEST(files->beginning_of("a", 100).value_or("") == "first");
  BOOST_TEST(!files->beginning_of("c", 100));
  BOOST_TEST(!files->beginning_of("", 100));
}

BOOST_AUTO_TEST_CASE(what_is_too_deep_is_not_seen) {
  const auto files =
      into(tar_writer{}.file("1/2/3/4/5/here", "").file("1/2/3/4/5/6/gone", "").whole());
  BOOST_TEST(files->has_file("1/2/3/4/5/here"));
  BOOST_TEST(!files->has_file("1/2/3/4/5/6/gone"));
}

BOOST_AUTO_TEST_CASE(a_tar_that_breaks_a_rule_is_refused) {
  const auto tar = place.path() / "source.tar";
  write_file(tar, tar_writer{}.file("../outside", "x").whole());
  BOOST_TEST(!look_into_tar(tar).has_value());
  BOOST_TEST(!look_into_tar(place.path() / "missing").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
