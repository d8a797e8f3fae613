#include "posix/tree_removal.hpp"

#include "posix/files.hpp"
#include "test/support/print.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
namespace fs = std::filesystem;

namespace {

struct removal_fixture {
  temporary_directory place;
  fs::path tree = place.path() / "tree";

  void remove() const {
    auto gone = remove_tree(tree);
    BOOST_TEST(gone.has_value(), (gone ? "" : gone.error().message));
    BOOST_TEST(!fs::exists(fs::symlink_status(tree)));
  }

  // Directories below one another; each name is short, and the path longer than any program takes.
  void nest(int depth) const {
    fs::create_directory(tree);
    descriptor here{::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (int i = 0; i < depth; ++i) {
      BOOST_REQUIRE_EQUAL(::mkdirat(here.get(), "d", 0755), 0);
      here = descriptor{::openat(here.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
  }
};

// At most so many descriptors for this process.
class few_descriptors {
public:
  explicit few_descriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit now{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tree_removal_test, removal_fixture)

BOOST_AUTO_TEST_CASE(nothing_and_a_single_file_are_removed) {
  remove();
  write_text(tree, "a file");
  remove();
}

BOOST_AUTO_TEST_CASE(a_tree_of_any_depth_is_removed_with_few_descriptors) {
  nest(2'500); // its paths have 5,000 bytes: more than the kernel takes in one call
  const few_descriptors limit{32};
  remove();
}

BOOST_AUTO_TEST_CASE(names_that_directories_get_on_the_way_may_be_taken) {
  for (const auto* name : {"0", "1", "2/x/y", "3"})
    write_text(tree / name / "deep" / "file", "text");
  write_text(tree / "4", "a file");
  remove();
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  const auto outside = place.path() / "outside";
  write_text(outside / "kept", "text");
  fs::create_directories(tree / "below");
  fs::create_directory_symlink(outside, tree / "below" / "link");
  fs::create_directory_symlink(outside, tree / "link");
  remove();
  BOOST_TEST(fs::exists(outside / "kept"));
  fs::create_directory_symlink(outside, tree);
  remove();
  BOOST_TEST(fs::exists(outside / "kept"));
}

BOOST_AUTO_TEST_CASE(directories_that_may_not_be_written_are_removed) {
  write_text(tree / "module" / "cache" / "file", "text");
  for (const auto& locked : {tree / "module" / "cache", tree / "module"})
    BOOST_REQUIRE_EQUAL(::chmod(locked.c_str(), 0555), 0);
  remove();
}

BOOST_AUTO_TEST_SUITE_END()
