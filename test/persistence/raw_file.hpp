// The store's file below the store, while no store has it open: for tests that damage it.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

namespace pawl::test {

class raw_file {
public:
  explicit raw_file(const std::filesystem::path& directory);

  std::string get(schema::database db, std::string_view key); // fails the test if there is none
  void put(schema::database db, std::string_view key, std::string_view value);
  void remove(schema::database db, std::string_view key);
  std::string first_key(schema::database db);

private:
  lmdb::transaction begin();

  std::unique_ptr<lmdb::environment> environment_;
};

} // namespace pawl::test
