// peer_postgresql: PostgreSQL over libpq, every operation one prepared statement and so one
// transaction and one round trip. `address` is a connection string.
#include "bench/peers/workload.hpp"

#include <libpq-fe.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

using namespace pawl::bench;

// The update locks the lane's row, as a lane's actor decides alone; 0 rows: another client has
// changed it.
constexpr auto accept_statement =
    "WITH lane AS (UPDATE lanes SET last_created = $2::bigint, revision = revision + 1"
    " WHERE app = $1 AND cluster = 'local' AND last_created < $2::bigint RETURNING app),"
    " kept AS (INSERT INTO deployments SELECT $3, app, 'local', 'queued', $2::bigint, $3, 1, $4"
    " FROM lane RETURNING id)"
    " INSERT INTO events SELECT id, 1, $5 FROM kept";

constexpr auto transition_statement =
    "WITH moved AS (UPDATE deployments SET state = 'building', revision = revision + 1,"
    " record = $3 WHERE id = $1 AND revision = $2::bigint RETURNING id)"
    " INSERT INTO events SELECT id, $2::bigint, $4 FROM moved";

class connection {
public:
  explicit connection(const std::string& address) : handle_(PQconnectdb(address.c_str())) {
    if (PQstatus(handle_) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(handle_));
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { PQfinish(handle_); }

  void run(const std::string& statements) { check(PQexec(handle_, statements.c_str()), false); }
  void prepare(const char* name, const char* statement) {
    check(PQprepare(handle_, name, statement, 0, nullptr), false);
  }

  // One row must have been written.
  template <std::size_t Count>
  void write_one(const char* name, const std::array<const char*, Count>& values) {
    check(PQexecPrepared(handle_, name, Count, values.data(), nullptr, nullptr, 0), true);
  }

private:
  void check(PGresult* answer, bool one_row) {
    const auto status = PQresultStatus(answer);
    const std::string rows = PQcmdTuples(answer);
    const std::string problem = PQresultErrorMessage(answer);
    PQclear(answer);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(problem);
    if (one_row && rows != "1")
      throw std::runtime_error("the row was changed by another");
  }

  PGconn* handle_;
};

std::string lane_of(std::size_t client) {
  return "app-" + std::to_string(client);
}

class postgresql_session : public peer_session {
public:
  explicit postgresql_session(const std::string& address) : connection_(address) {
    connection_.prepare("accept", accept_statement);
    connection_.prepare("transition", transition_statement);
  }

  void accept(std::size_t client, std::size_t number) override {
    const auto lane = lane_of(client);
    const auto created = std::to_string(number);
    const auto id = "c" + std::to_string(client) + "n" + std::to_string(number);
    connection_.write_one<5>(
        "accept", {lane.c_str(), created.c_str(), id.c_str(), record_.c_str(), event_.c_str()});
  }

  void transition(std::size_t client, std::size_t number) override {
    const auto id = lane_of(client);
    const auto revision = std::to_string(number);
    connection_.write_one<4>("transition",
                             {id.c_str(), revision.c_str(), record_.c_str(), event_.c_str()});
  }

private:
  connection connection_;
  const std::string record_ = std::string(record_bytes, 'r');
  const std::string event_ = std::string(event_bytes, 'e');
};

void prepare(const peer_plan& plan) {
  std::ifstream file{PAWL_SOURCE_DIR "/bench/peers/schema.sql"};
  connection to{plan.address};
  to.run("DROP TABLE IF EXISTS lanes, deployments, events");
  to.run({std::istreambuf_iterator<char>{file}, {}});
  const auto many = std::to_string(plan.clients);
  to.run("INSERT INTO lanes SELECT 'app-' || n, 'local', 0, 1 FROM generate_series(0, " + many +
         " - 1) n");
  to.run("INSERT INTO deployments SELECT 'app-' || n, 'app-' || n, 'local', 'preparing', 0,"
         " 'first-' || n, 1, repeat('r', 600) FROM generate_series(0, " +
         many + " - 1) n");
}

} // namespace

int main(int argc, char** argv) {
  return drive(argc, argv, {prepare, [](const peer_plan& plan) {
                              return std::make_unique<postgresql_session>(plan.address);
                            }});
}
