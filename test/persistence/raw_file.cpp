#include "test/persistence/raw_file.hpp"

#include <boost/test/unit_test.hpp>

namespace pawl::test {

raw_file::raw_file(const std::filesystem::path& directory) {
  auto opened = lmdb::environment::open(directory, {1 << 20, 8});
  BOOST_REQUIRE(opened.has_value());
  environment_ = *std::move(opened);
}

lmdb::transaction raw_file::begin() {
  auto writing = environment_->write();
  BOOST_REQUIRE(writing.has_value());
  for (const auto& row : schema::database_table) {
    auto opened = writing->open(row.number, true);
    BOOST_REQUIRE(opened.has_value());
  }
  return *std::move(writing);
}

std::string raw_file::get(schema::database db, std::string_view key) {
  auto reading = begin();
  auto value = reading.get(db, key);
  BOOST_REQUIRE((value.has_value() && value->has_value()));
  return std::string{**value};
}

void raw_file::put(schema::database db, std::string_view key, std::string_view value) {
  auto writing = begin();
  BOOST_REQUIRE(writing.put(db, key, value).has_value());
  BOOST_REQUIRE(writing.commit().has_value());
}

void raw_file::remove(schema::database db, std::string_view key) {
  auto writing = begin();
  BOOST_REQUIRE(writing.remove(db, key).has_value());
  BOOST_REQUIRE(writing.commit().has_value());
}

std::string raw_file::first_key(schema::database db) {
  auto reading = begin();
  auto walk = reading.walk(db);
  BOOST_REQUIRE(walk.has_value());
  auto first = walk->at_or_after({});
  BOOST_REQUIRE((first.has_value() && first->has_value()));
  return std::string{(*first)->key};
}

} // namespace pawl::test
