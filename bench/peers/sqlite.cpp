// peer_sqlite: SQLite in process, WAL with synchronous=FULL, a connection for each client.
// `address` is a directory.
#include "bench/peers/workload.hpp"

#include <sqlite3.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

using namespace pawl::bench;

class database {
public:
  explicit database(const std::string& directory) {
    if (sqlite3_open((directory + "/store.db").c_str(), &handle_) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
    constexpr int patience_ms = 10'000;
    sqlite3_busy_timeout(handle_, patience_ms);
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database() { sqlite3_close_v2(handle_); }

  void run(const std::string& statements) {
    if (sqlite3_exec(handle_, statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
  }
  int changes() const { return sqlite3_changes(handle_); }
  sqlite3* handle() const { return handle_; }

private:
  sqlite3* handle_ = nullptr;
};

// Prepared once.
class statement {
public:
  statement(database& in, const char* text) : in_(in) {
    if (sqlite3_prepare_v2(in.handle(), text, -1, &handle_, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(in.handle()));
  }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement() { sqlite3_finalize(handle_); }

  void bind(int place, const std::string& text) {
    sqlite3_bind_text(handle_, place, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT); // NOLINT: a cast of SQLite's own
  }
  void bind(int place, std::size_t number) {
    sqlite3_bind_int64(handle_, place, static_cast<sqlite3_int64>(number));
  }

  template <class... Values>
  void write(const Values&... values) {
    int place = 0;
    (bind(++place, values), ...);
    const auto status = sqlite3_step(handle_);
    sqlite3_reset(handle_);
    if (status != SQLITE_DONE)
      throw std::runtime_error(sqlite3_errmsg(in_.handle()));
  }

  // The rows, and the bytes of all their columns.
  template <class... Values>
  std::pair<std::size_t, std::size_t> read(const Values&... values) {
    int place = 0;
    (bind(++place, values), ...);
    std::size_t rows = 0;
    std::size_t bytes = 0;
    for (; sqlite3_step(handle_) == SQLITE_ROW; ++rows)
      for (int column = 0; column < sqlite3_column_count(handle_); ++column) {
        const auto* const text = sqlite3_column_text(handle_, column);
        bytes += std::string{reinterpret_cast<const char*>(text)}.size();
      }
    sqlite3_reset(handle_);
    return {rows, bytes};
  }

private:
  database& in_;
  sqlite3_stmt* handle_ = nullptr;
};

std::string lane_of(std::size_t client) {
  return "app-" + std::to_string(client);
}

class sqlite_session : public peer_session {
public:
  explicit sqlite_session(const std::string& directory) : in_(directory) {}

  void accept(std::size_t client, std::size_t number) override {
    const auto id = "c" + std::to_string(client) + "n" + std::to_string(number);
    begin_.write();
    lane_.write(lane_of(client), number);
    expect_one();
    insert_.write(id, lane_of(client), number, record_);
    event_insert_.write(id, std::size_t{1}, event_);
    commit_.write();
  }

  void transition(std::size_t client, std::size_t number) override {
    begin_.write();
    move_.write(lane_of(client), number, record_);
    expect_one();
    event_insert_.write(lane_of(client), number, event_);
    commit_.write();
  }

  void page(const std::string& app) override {
    if (page_.read(app, page_records).first != page_records)
      throw std::runtime_error("a lane has no page of records");
  }

private:
  void expect_one() const {
    if (in_.changes() != 1)
      throw std::runtime_error("the row was changed by another");
  }

  database in_;
  statement begin_{in_, "BEGIN IMMEDIATE"};
  statement commit_{in_, "COMMIT"};
  statement lane_{in_, "UPDATE lanes SET last_created = ?2, revision = revision + 1"
                       " WHERE app = ?1 AND cluster = 'local' AND last_created < ?2"};
  statement insert_{in_,
                    "INSERT INTO deployments VALUES (?1, ?2, 'local', 'queued', ?3, ?1, 1, ?4)"};
  statement event_insert_{in_, "INSERT INTO events VALUES (?1, ?2, ?3)"};
  statement move_{in_, "UPDATE deployments SET state = 'building', revision = revision + 1,"
                       " record = ?3 WHERE id = ?1 AND revision = ?2"};
  statement page_{in_, "SELECT * FROM deployments WHERE app = ?1 AND cluster = 'local'"
                       " ORDER BY created_at DESC, id DESC LIMIT ?2"};
  const std::string record_ = std::string(record_bytes, 'r');
  const std::string event_ = std::string(event_bytes, 'e');
};

void insert_history(database& to, std::size_t records) {
  statement insert{to, "INSERT INTO deployments VALUES (?1, ?2, 'local', 'failed', ?3, ?1, 1, ?4)"};
  const std::string record(record_bytes, 'r');
  for (std::size_t n = 0; n < records; ++n) {
    constexpr double golden = 0.6180339887498949; // as Pawl's own store is filled
    const auto even = std::fmod(static_cast<double>(n) * golden, 1.0);
    const auto lane = static_cast<std::size_t>(std::pow(static_cast<double>(page_lanes), even)) - 1;
    insert.write(std::to_string(n * 0x9e3779b97f4a7c15), lane_of(lane), n, record);
  }
}

void prepare(const peer_plan& plan) {
  std::ifstream file{PAWL_SOURCE_DIR "/bench/peers/schema.sql"};
  database to{plan.address};
  to.run("DROP TABLE IF EXISTS lanes; DROP TABLE IF EXISTS deployments;"
         "DROP TABLE IF EXISTS events");
  to.run({std::istreambuf_iterator<char>{file}, {}});
  statement lane{to, "INSERT INTO lanes VALUES (?1, 'local', 0, 1)"};
  statement first{to, "INSERT INTO deployments VALUES"
                      " (?1, ?1, 'local', 'preparing', 0, 'first-' || ?1, 1, ?2)"};
  to.run("BEGIN");
  for (std::size_t client = 0; client < plan.clients; ++client) {
    lane.write(lane_of(client));
    first.write(lane_of(client), std::string(record_bytes, 'r'));
  }
  insert_history(to, plan.records);
  to.run("COMMIT");
}

} // namespace

int main(int argc, char** argv) {
  return drive(argc, argv, {prepare, [](const peer_plan& plan) {
                              return std::make_unique<sqlite_session>(plan.address);
                            }});
}
