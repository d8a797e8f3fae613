// LMDB, with owners for its handles and results for its codes. Only lmdb.cpp includes lmdb.h.
//
// LMDB's rules, and how they are kept:
// - One open environment per file and process: the store's directory is locked (directory_lock).
// - A write transaction stays on one thread, and there is one at a time: commit()'s contract.
// - No transaction of this process is open while the map is resized: readers hold `map_lock_`
//   shared during their transaction, grow() holds it alone. Overlapping readers cannot starve
//   grow(): it takes `entrance_` first, so that no new reader begins.
// - Short readers: pages that a reader can see are not reused.
// - Default flags and MDB_NOTLS: each commit is flushed before it returns, and a stray pointer
//   cannot write to the map. A full disk is an error and not a signal.
//
// Errors: resource_exhausted (disk, map, readers or memory used up), data_corruption (the file is
// damaged), internal (anything else). Each names the function that failed and its argument.
#pragma once

#include "lifecycle/result.hpp"
#include "persistence/lmdb/blocks_ahead.hpp"
#include "persistence/lmdb/schema.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace pawl::lmdb {

struct closer {
  void operator()(MDB_env* env) const noexcept;
  void operator()(MDB_txn* txn) const noexcept; // aborts
  void operator()(MDB_cursor* cursor) const noexcept;
};

// Views into the map: valid until their transaction ends, or, if it writes, until its next write.
struct entry {
  std::string_view key;
  std::string_view value;
};

// A place in a database; must not outlive its transaction.
class cursor {
public:
  // The first entry whose key is not less (any, for an empty key). Nothing at the end.
  result<std::optional<entry>> at_or_after(std::string_view key);
  // The last entry whose key is less. Nothing if there is none.
  result<std::optional<entry>> before(std::string_view key);
  // The neighbours of the last entry; only after a call that gave one.
  result<std::optional<entry>> next();
  result<std::optional<entry>> previous();

private:
  friend class transaction;
  cursor(MDB_cursor* handle, std::atomic<std::uint64_t>* reads) : handle_(handle), reads_(reads) {}
  result<std::optional<entry>> move(int operation, std::string_view key);

  std::unique_ptr<MDB_cursor, closer> handle_;
  std::atomic<std::uint64_t>* reads_;
};

class environment;

// One snapshot; a writing one also sees its own writes. Aborted unless it was committed.
class transaction {
public:
  // Nothing if there is no such key, or if it cannot be a key (empty, or over LMDB's 511 bytes).
  result<std::optional<std::string_view>> get(schema::database db, std::string_view key) const;
  result<void> put(schema::database db, std::string_view key, std::string_view value);
  result<void> remove(schema::database db, std::string_view key); // absent is success
  result<void> clear(schema::database db);                        // removes all that is in it
  result<cursor> walk(schema::database db) const;

  // Gives the database its handle, and creates it if asked; false if there is none. The handle
  // belongs to the environment once this transaction has been committed.
  result<bool> open(schema::database db, bool create);

  // Makes what was written durable: two flushes (data, then the page that points to it).
  result<void> commit();

private:
  friend class environment;
  transaction(environment& owner, MDB_txn* handle, std::shared_lock<std::shared_mutex> map_lock)
      : owner_(&owner), map_lock_(std::move(map_lock)), handle_(handle) {}

  environment* owner_;
  std::shared_lock<std::shared_mutex> map_lock_; // given back after the transaction has ended
  std::unique_ptr<MDB_txn, closer> handle_;
};

enum class access : std::uint8_t {
  owner,        // reads and writes; alone, but for readers beside it
  reader,       // beside an owner in another process, if there is one
  reader_alone, // no other process has it open; nothing is written, not even to the lock file
};

struct environment_options {
  std::size_t map_bytes = 0; // at least; a larger file is mapped whole
  unsigned readers = 1;      // transactions that may read at once
  lmdb::access access = access::owner;
};

class environment {
public:
  // Opens or creates the file in an existing directory.
  static result<std::unique_ptr<environment>> open(const std::filesystem::path& directory,
                                                   const environment_options& options);
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  // Any thread, but one transaction at a time for each: a second one would wait for a grow() that
  // waits for the first.
  result<transaction> read();
  result<transaction> write(); // one thread

  // Doubles the map until `percent` of it is free. Called by the writing thread, with no write
  // transaction open; waits for open read transactions. resource_exhausted if there is no address
  // space for it: the map stays as it was.
  result<void> keep_free(unsigned percent);
  result<void> grow(); // doubles it once

  // Gives the file blocks of the disk for this many bytes behind the used ones (blocks_ahead.hpp).
  // Called by the writing thread, with no write transaction open. resource_exhausted if the disk
  // has no room for them; the file keeps the blocks that it has.
  result<void> keep_blocks(std::size_t bytes);

  // Whether every further transaction is refused: a commit failed at the page that makes it valid
  // (a full disk is one reason), or the map was lost while it grew. Only a new opening of the file
  // helps. The writing thread, with no transaction open.
  bool is_lost();

  // Writes one snapshot, without free pages, as a file of its own into a directory that exists and
  // has none; durable when it returns.
  result<void> copy_into(const std::filesystem::path& directory);

  // Removes the file's pages from the process's memory: the kernel keeps them, and the next reads
  // map them again. Any thread; transactions are not affected.
  void unmap_pages();

  // Counts since the opening; any thread.
  std::size_t map_bytes() const { return map_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t commits() const { return commits_.load(std::memory_order_relaxed); } // of writes
  std::uint64_t reads() const { return reads_.load(std::memory_order_relaxed); } // gets and moves

private:
  friend class transaction;
  environment() = default;
  std::size_t measure();    // sets map_bytes_, and gives how much of it is used; the writing thread
  result<int> file() const; // LMDB's own descriptor
  result<transaction> begin(unsigned flags, std::shared_lock<std::shared_mutex> map_lock);

  std::unique_ptr<MDB_env, closer> handle_;
  std::array<unsigned, schema::database_count> databases_ = {}; // set while opening, then constant
  std::mutex entrance_;
  std::shared_mutex map_lock_;
  bool lost_ = false;   // there is no map any more; guarded by map_lock_, set by the writing thread
  blocks_ahead blocks_; // the writing thread
  std::atomic<std::size_t> map_bytes_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> reads_ = 0;
};

// Whether the transaction failed because the map is full: grow() and try again.
bool is_map_full(const error& problem);

// Whether a commit failed for another reason than a lack of room: it is not known which of its data
// is on the disk.
bool is_failed_flush(const error& problem);

} // namespace pawl::lmdb
