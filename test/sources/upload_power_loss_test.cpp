// The power fails at any moment of an upload: what was not flushed is there or not, or a file has
// its length and not its bytes. The upload then goes on, if from its beginning, and becomes the
// source that was sent; and one that was acknowledged as whole needs no client any more.
#include "posix/digest.hpp"
#include "sources/files/file_source_store.hpp"
#include "test/sources/disk_recorder.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

namespace fs = std::filesystem;

struct uploaded_life {
  temporary_directory home;
  fs::path data = home.path() / "data";
  std::string bytes = tar_writer{}
                          .file("pawl.toml", "app = \"shop\"\n")
                          .file("serve.pl", std::string(100'000, 'x'))
                          .whole();
  source_facts facts = facts_of(bytes);
  bool is_whole = false;    // as it was acknowledged
  bool is_verified = false; // the same of the source
  std::size_t images = 0;

  uploaded_life() { fs::create_directory(data); }

  static source_facts facts_of(const std::string& tar) {
    digest sum;
    sum.add(tar);
    return {sum.text(), tar.size(), 2};
  }

  std::uint64_t open(source_store& in, const std::string& deployment = "d1") const {
    auto offset = in.open_upload(deployment, "shop", facts);
    BOOST_TEST_REQUIRE(offset.has_value(), (offset ? "" : offset.error().message));
    return *offset;
  }

  std::uint64_t append(source_store& to, std::uint64_t from, std::uint64_t end) const {
    auto reached = to.append(
        "d1", from,
        {bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(end)});
    BOOST_TEST_REQUIRE(reached.has_value(), (reached ? "" : reached.error().message));
    return *reached;
  }

  // The machine is up again, with what its disk has.
  void check_image(const fs::path& image) {
    ++images;
    file_source_store store{image, limits::source_bytes, "boot-2"};
    const auto offset = open(store);
    if (is_whole)
      BOOST_TEST(offset == bytes.size());
    if (offset < bytes.size())
      BOOST_TEST(append(store, offset, bytes.size()) == bytes.size());
    const auto reading = store.verify("d1", "shop", facts.digest);
    BOOST_TEST(reading.has_value(), (reading ? "" : reading.error().message));
    if (is_verified)
      BOOST_TEST(open(store, "d2") == bytes.size());
  }

  void fail_the_power(const disk_recorder& disk) {
    for (auto names : {unflushed_names::lost, unflushed_names::there})
      for (auto of_files :
           {unflushed_bytes::lost, unflushed_bytes::zeros, unflushed_bytes::there}) {
        temporary_directory place;
        disk.write_image(place.path() / "data", names, of_files);
        check_image(place.path() / "data");
      }
  }

  void run() {
    bool checking = false; // the stores of the images flush too, elsewhere
    std::unique_ptr<disk_recorder> disk;
    const auto look = [&] {
      if (std::exchange(checking, true))
        return;
      fail_the_power(*disk);
      checking = false;
    };
    disk = std::make_unique<disk_recorder>(data, look);
    file_source_store store{data, limits::source_bytes, "boot-1"};
    auto at = open(store);
    look();
    for (std::size_t parts = 1; parts <= 3; ++parts) {
      at = append(store, at, parts * bytes.size() / 3);
      is_whole = at == bytes.size();
      look();
    }
    BOOST_TEST(is_whole);
    BOOST_TEST(store.verify("d1", "shop", facts.digest).has_value());
    is_verified = true;
    look();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(upload_power_loss)

BOOST_AUTO_TEST_CASE(whatever_the_disk_kept_the_upload_becomes_the_source_that_was_sent) {
  uploaded_life life;
  life.run();
  BOOST_TEST(life.images > 6U * 8U); // after each call, and before each flush in one
}

// The server dies, and the machine does not: what was received is believed.
BOOST_AUTO_TEST_CASE(an_upload_goes_on_where_it_was_while_the_machine_is_up) {
  uploaded_life life;
  const auto half = life.bytes.size() / 2;
  {
    file_source_store store{life.data, limits::source_bytes, "boot-1"};
    BOOST_TEST(life.open(store) == 0U);
    life.append(store, 0, half);
  }
  file_source_store next{life.data, limits::source_bytes, "boot-1"};
  BOOST_TEST(life.open(next) == half);
  file_source_store restarted{life.data, limits::source_bytes, "boot-2"};
  BOOST_TEST(life.open(restarted) == 0U);
  BOOST_TEST(restarted.uploads() == std::vector<std::string>{"d1"},
             boost::test_tools::per_element());
  restarted.discard_upload("d1");
  BOOST_TEST(fs::is_empty(life.data / "uploads"));
}

BOOST_AUTO_TEST_SUITE_END()
