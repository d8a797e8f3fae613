// The contract of source stores, run over the store on disk and over the fake of the actors' tests.
// The simulation's store is in test/simulation/simulated_world_test.cpp.
#include "test/sources/source_store_contract.hpp"

#include "posix/digest.hpp"
#include "sources/files/file_source_store.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/fake_world.hpp"
#include "test/support/temporary_directory.hpp"

#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;

namespace {

class file_source_site final : public source_site {
public:
  file_source_site() { restart(); }

  source_store& store() override { return *store_; }
  void restart() override {
    store_ = std::make_unique<file_source_store>(home_.path() / "data", limits::source_bytes);
  }
  sample_source source(std::uint32_t number) override {
    auto bytes = tar_writer{}.file("pawl.toml", fmt::format("# {}\n", number)).whole();
    digest sum;
    sum.add(bytes);
    return {{sum.text(), bytes.size(), 1}, std::move(bytes)};
  }

private:
  temporary_directory home_;
  std::unique_ptr<file_source_store> store_;
};

class fake_source_site final : public source_site {
public:
  source_store& store() override { return store_; }
  void restart() override {} // it has no process that could end
  sample_source source(std::uint32_t number) override {
    return {{fmt::format("sha256:{:064x}", number), 100, 1}, std::string(100, 'x')};
  }

private:
  fake_sources store_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(file_source_store_contract)

const bool added = add_source_store_contract([] { return std::make_unique<file_source_site>(); });

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fake_source_store_contract)

// It reads no bytes: tests verify uploads of which they sent nothing.
const bool added = add_source_store_contract(
    [] { return std::make_unique<fake_source_site>(); },
    {"an_upload_takes_no_more_than_was_promised", "bytes_of_an_upload_that_is_not_open_are_refused",
     "an_upload_that_is_not_complete_is_not_verified", "a_discarded_upload_is_not_opened_again"});

BOOST_AUTO_TEST_SUITE_END()
