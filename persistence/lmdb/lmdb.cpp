#include "persistence/lmdb/lmdb.hpp"

#include "posix/descriptor.hpp"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl::lmdb {

namespace {

constexpr std::size_t key_bytes_max = 511; // LMDB's own, as Debian builds it
constexpr std::string_view commit_function = "mdb_txn_commit";

struct judgement {
  errc code;
  std::string_view advice;
};

judgement judge(int rc) {
  switch (rc) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return {errc::resource_exhausted, "make room on the disk of the data directory"};
  case ENOMEM:
  case MDB_MAP_FULL:
    return {errc::resource_exhausted, "give the server more memory and address space"};
  case MDB_READERS_FULL:
  case MDB_TXN_FULL:
  case MDB_DBS_FULL:
    return {errc::resource_exhausted, "too much is asked at once; try again with less"};
  case MDB_CORRUPTED:
  case MDB_PAGE_NOTFOUND:
  case MDB_INVALID:
  case MDB_VERSION_MISMATCH:
    return {errc::data_corruption,
            "the store's file is damaged; restore the data directory from a backup"};
  case MDB_PANIC:
    return {errc::internal, "an earlier write failed; restart the server"};
  default:
    return {errc::internal, "look at the disk and the permissions of the data directory"};
  }
}

error failed(std::string_view function, int rc, std::string_view about = {}) {
  auto [code, advice] = judge(rc);
  return {code,
          fmt::format("the store failed{}{}: {}: {}; {}", about.empty() ? "" : " on ", about,
                      function, mdb_strerror(rc), advice),
          {{"function", std::string{function}}, {"cause", std::to_string(rc)}}};
}

MDB_val val(std::string_view bytes) {
  // LMDB's struct has no const; it only reads keys, and values that are put.
  return {bytes.size(), const_cast<char*>(bytes.data())}; // NOLINT
}

std::string_view view(const MDB_val& bytes) {
  return {static_cast<const char*>(bytes.mv_data), bytes.mv_size};
}

std::size_t index(schema::database db) {
  return static_cast<std::size_t>(db);
}

std::string_view name(schema::database db) {
  return schema::info(db).name;
}

// One of /proc/self/maps: "7f00-7f10 r--s 00000000 08:01 1234 /path", all but the inode in
// hexadecimal.
struct mapping {
  std::uintptr_t first = 0;
  std::uintptr_t past = 0;
  std::uint64_t inode = 0;
  bool shared = false;
};

std::optional<mapping> mapping_of(const std::string& line) {
  std::istringstream text{line};
  mapping one;
  char dash = 0;
  std::string rights;
  std::string offset;
  std::string device;
  text >> std::hex >> one.first >> dash >> one.past >> rights >> offset >> device;
  if (!(text >> std::dec >> one.inode))
    return std::nullopt;
  one.shared = rights.ends_with('s');
  return one;
}

} // namespace

bool is_map_full(const error& problem) {
  auto cause = problem.details.find("cause");
  return cause != problem.details.end() && cause->second == std::to_string(MDB_MAP_FULL);
}

bool is_failed_flush(const error& problem) {
  auto function = problem.details.find("function");
  return function != problem.details.end() && function->second == commit_function &&
         problem.code != errc::resource_exhausted;
}

void closer::operator()(MDB_env* env) const noexcept {
  mdb_env_close(env);
}
void closer::operator()(MDB_txn* txn) const noexcept {
  mdb_txn_abort(txn);
}
void closer::operator()(MDB_cursor* cursor) const noexcept {
  mdb_cursor_close(cursor);
}

// --- cursor

result<std::optional<entry>> cursor::move(int operation, std::string_view key) {
  reads_->fetch_add(1, std::memory_order_relaxed);
  auto found = val(key);
  MDB_val value{};
  int rc = mdb_cursor_get(handle_.get(), &found, &value, static_cast<MDB_cursor_op>(operation));
  if (rc == MDB_NOTFOUND)
    return std::optional<entry>{};
  if (rc != MDB_SUCCESS)
    return failed("mdb_cursor_get", rc);
  return std::optional{entry{view(found), view(value)}};
}

result<std::optional<entry>> cursor::at_or_after(std::string_view key) {
  return key.empty() ? move(MDB_FIRST, {}) : move(MDB_SET_RANGE, key.substr(0, key_bytes_max));
}

result<std::optional<entry>> cursor::before(std::string_view key) {
  auto after = at_or_after(key);
  if (!after)
    return after;
  return *after ? previous() : move(MDB_LAST, {});
}

result<std::optional<entry>> cursor::next() {
  return move(MDB_NEXT, {});
}

result<std::optional<entry>> cursor::previous() {
  return move(MDB_PREV, {});
}

// --- transaction

result<std::optional<std::string_view>> transaction::get(schema::database db,
                                                         std::string_view key) const {
  if (key.empty() || key.size() > key_bytes_max)
    return std::optional<std::string_view>{};
  owner_->reads_.fetch_add(1, std::memory_order_relaxed);
  auto wanted = val(key);
  MDB_val value{};
  int rc = mdb_get(handle_.get(), owner_->databases_[index(db)], &wanted, &value);
  if (rc == MDB_NOTFOUND)
    return std::optional<std::string_view>{};
  if (rc != MDB_SUCCESS)
    return failed("mdb_get", rc, name(db));
  return std::optional{view(value)};
}

result<void> transaction::put(schema::database db, std::string_view key, std::string_view value) {
  auto where = val(key);
  auto what = val(value);
  if (int rc = mdb_put(handle_.get(), owner_->databases_[index(db)], &where, &what, 0); rc != 0)
    return failed("mdb_put", rc, name(db));
  return {};
}

result<void> transaction::remove(schema::database db, std::string_view key) {
  auto where = val(key);
  int rc = mdb_del(handle_.get(), owner_->databases_[index(db)], &where, nullptr);
  if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
    return failed("mdb_del", rc, name(db));
  return {};
}

result<void> transaction::clear(schema::database db) {
  constexpr int keep_database = 0;
  int rc = mdb_drop(handle_.get(), owner_->databases_[index(db)], keep_database);
  if (rc != MDB_SUCCESS)
    return failed("mdb_drop", rc, name(db));
  return {};
}

result<cursor> transaction::walk(schema::database db) const {
  MDB_cursor* handle = nullptr;
  if (int rc = mdb_cursor_open(handle_.get(), owner_->databases_[index(db)], &handle); rc != 0)
    return failed("mdb_cursor_open", rc, name(db));
  return cursor{handle, &owner_->reads_};
}

result<bool> transaction::open(schema::database db, bool create) {
  std::string text{name(db)};
  int rc = mdb_dbi_open(handle_.get(), text.c_str(), create ? MDB_CREATE : 0U,
                        &owner_->databases_[index(db)]);
  if (rc == MDB_NOTFOUND)
    return false;
  if (rc != MDB_SUCCESS)
    return failed("mdb_dbi_open", rc, name(db));
  return true;
}

result<void> transaction::commit() {
  // LMDB frees the handle whether this succeeds or not.
  if (int rc = mdb_txn_commit(handle_.release()); rc != MDB_SUCCESS)
    return failed(commit_function, rc);
  owner_->commits_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

// --- environment

result<std::unique_ptr<environment>> environment::open(const std::filesystem::path& directory,
                                                       const environment_options& options) {
  std::unique_ptr<environment> opened{new environment};
  MDB_env* env = nullptr;
  if (int rc = mdb_env_create(&env); rc != MDB_SUCCESS)
    return failed("mdb_env_create", rc, directory.native());
  opened->handle_.reset(env);
  if (int rc = mdb_env_set_mapsize(env, options.map_bytes); rc != MDB_SUCCESS)
    return failed("mdb_env_set_mapsize", rc, directory.native());
  if (int rc = mdb_env_set_maxreaders(env, options.readers); rc != MDB_SUCCESS)
    return failed("mdb_env_set_maxreaders", rc, directory.native());
  if (int rc = mdb_env_set_maxdbs(env, schema::database_count); rc != MDB_SUCCESS)
    return failed("mdb_env_set_maxdbs", rc, directory.native());
  unsigned flags = MDB_NOTLS;
  if (options.access != access::owner)
    flags |= MDB_RDONLY;
  if (options.access == access::reader_alone)
    flags |= MDB_NOLOCK;
  if (int rc = mdb_env_open(env, directory.c_str(), flags, 0600); rc != MDB_SUCCESS)
    return failed("mdb_env_open", rc, directory.native());
  // LMDB opens its other descriptors with it; this one it leaves to children (as of 0.9.24).
  auto fd = opened->file();
  if (!fd)
    return std::move(fd).error();
  if (::fcntl(*fd, F_SETFD, FD_CLOEXEC) != 0)
    return failed("fcntl", errno, directory.native());
  // Slots of readers whose process died keep pages from being reused.
  int dead = 0;
  if (int rc = mdb_reader_check(env, &dead); rc != MDB_SUCCESS)
    return failed("mdb_reader_check", rc, directory.native());
  opened->measure();
  return opened;
}

result<transaction> environment::begin(unsigned flags,
                                       std::shared_lock<std::shared_mutex> map_lock) {
  if (lost_)
    return failed("mdb_env_set_mapsize", MDB_PANIC);
  MDB_txn* txn = nullptr;
  if (int rc = mdb_txn_begin(handle_.get(), nullptr, flags, &txn); rc != MDB_SUCCESS)
    return failed("mdb_txn_begin", rc);
  return transaction{*this, txn, std::move(map_lock)};
}

result<transaction> environment::read() {
  std::unique_lock entering{entrance_};
  std::shared_lock map_lock{map_lock_};
  entering.unlock();
  return begin(MDB_RDONLY, std::move(map_lock));
}

result<transaction> environment::write() {
  // A killed reader in another process (a backup) would keep every page that it saw from being used
  // again, and the file would grow with each commit.
  int dead = 0;
  if (int rc = mdb_reader_check(handle_.get(), &dead); rc != MDB_SUCCESS)
    return failed("mdb_reader_check", rc);
  return begin(0, {});
}

// LMDB unmaps the old map before it makes the new one, and has none if that fails; so this tests
// first whether there is address space for it.
result<void> environment::grow() {
  std::scoped_lock entering{entrance_};
  std::scoped_lock alone{map_lock_};
  auto wanted = map_bytes() * 2;
  auto about = fmt::format("{} bytes", wanted);
  void* room =
      ::mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED)
    return failed("mmap", errno, about);
  ::munmap(room, wanted);
  if (int rc = mdb_env_set_mapsize(handle_.get(), wanted); rc != MDB_SUCCESS) {
    lost_ = true;
    return failed("mdb_env_set_mapsize", rc, about);
  }
  measure();
  return {};
}

result<void> environment::keep_free(unsigned percent) {
  if (lost_)
    return failed("mdb_env_set_mapsize", MDB_PANIC);
  for (;;) {
    auto used = measure();
    auto all = map_bytes();
    if (used < all && (all - used) / percent >= all / 100)
      return {};
    if (auto grown = grow(); !grown)
      return grown;
  }
}

result<void> environment::keep_blocks(std::size_t bytes) {
  auto fd = file();
  if (!fd)
    return std::move(fd).error();
  if (auto refused = blocks_.keep(*fd, measure(), bytes))
    return failed(refused->function, refused->code, refused->about);
  return {};
}

// LMDB shows this only by refusing to begin a transaction.
bool environment::is_lost() {
  auto begun = read();
  if (begun)
    return false;
  auto cause = begun.error().details.find("cause");
  return cause != begun.error().details.end() && cause->second == std::to_string(MDB_PANIC);
}

result<int> environment::file() const {
  int fd = -1;
  if (int rc = mdb_env_get_fd(handle_.get(), &fd); rc != MDB_SUCCESS)
    return failed("mdb_env_get_fd", rc);
  return fd;
}

result<void> environment::copy_into(const std::filesystem::path& directory) {
  if (int rc = mdb_env_copy2(handle_.get(), directory.c_str(), MDB_CP_COMPACT); rc != MDB_SUCCESS)
    return failed("mdb_env_copy2", rc, directory.native());
  auto file = directory / "data.mdb";
  const descriptor copy{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!copy || ::fsync(copy.get()) != 0)
    return failed("fsync", errno, file.native());
  return {};
}

// LMDB does not tell the address of its map, so it is looked up. The open transaction keeps grow()
// from making another map meanwhile; dropping pages of a shared mapping loses nothing.
void environment::unmap_pages() {
  auto snapshot = read();
  auto fd = file();
  struct ::stat ours {};
  if (!snapshot || !fd || ::fstat(*fd, &ours) != 0)
    return;
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    auto one = mapping_of(line);
    if (one && one->shared && one->inode == ours.st_ino)
      ::madvise(reinterpret_cast<void*>(one->first), one->past - one->first, MADV_DONTNEED);
  }
}

std::size_t environment::measure() {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(handle_.get(), &info); // these two fail only for null arguments
  mdb_env_stat(handle_.get(), &stat);
  map_bytes_.store(info.me_mapsize, std::memory_order_relaxed);
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

} // namespace pawl::lmdb
