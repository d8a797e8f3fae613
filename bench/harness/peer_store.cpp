#include "bench/harness/peer_store.hpp"

#include "bench/harness/processors.hpp"
#include "test/support/eventually.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <pwd.h>
#include <stdexcept>
#include <unistd.h>

namespace pawl::bench {

namespace fs = std::filesystem;

namespace {

using argument_list = std::vector<std::string>;

constexpr auto postgresql_programs = "/usr/lib/postgresql/15/bin/";
constexpr auto program_patience = std::chrono::minutes{20}; // ten million records are prepared
constexpr auto start_patience = std::chrono::seconds{20};

std::string first_missing(const argument_list& paths) {
  for (const auto& path : paths)
    if (!fs::exists(path))
      return path;
  return "";
}

test::program_plan plan_in(const fs::path& directory, const std::string& name,
                           argument_list command) {
  test::program_plan how{std::move(command)};
  how.environment = {
      {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", directory.string()}, {"LC_ALL", "C"}};
  how.directory = directory;
  how.out = directory / (name + ".out");
  how.err = directory / (name + ".err");
  return how;
}

// Lets the user whom a peer insists on have a directory, and gives the words before its programs.
argument_list become(const std::string& user, const workplace& place, const fs::path& directory) {
  if (::geteuid() != 0)
    return {};
  const auto* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr)
    throw std::runtime_error("there is no user " + user);
  if (::chown(directory.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    throw std::runtime_error(directory.native() + " cannot be given to " + user);
  fs::permissions(place.directory, fs::perms::others_exec, fs::perm_options::add);
  return {"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--"};
}

argument_list operator+(argument_list first, const argument_list& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// On the processor of its own that our server has too; `up` says when it answers.
std::unique_ptr<running_peer> begin(running_peer peer, const test::program_plan& how,
                                    const std::function<bool()>& up) {
  const run_on servers_processor{processors::first};
  auto made = std::make_unique<running_peer>(std::move(peer));
  made->server.reset(new test::program(how));
  if (!test::eventually([&] { return up() || !made->server->running(); }, start_patience) ||
      !made->server->running())
    throw std::runtime_error(made->driver + ": the server does not start:\n" + made->server->err() +
                             made->server->out());
  return made;
}

// The program's output. Throws if it fails.
std::string must_succeed(const test::program_plan& how) {
  auto end = test::program{how}.wait(program_patience);
  if (end.status != 0)
    throw std::runtime_error(how.arguments.front() + ": " + end.err);
  return std::move(end.out);
}

argument_list driver_command(const workplace& place, const running_peer& peer,
                             const std::string& workload, std::size_t clients) {
  return {place.program(peer.driver).string(),
          "--address",
          peer.address,
          "--workload",
          workload,
          "--clients",
          std::to_string(clients)};
}

// initdb takes seconds: it is run once, and what it made is copied.
fs::path make_cluster(const workplace& place) {
  auto cluster = place.directory / "postgresql-initdb";
  if (fs::exists(cluster))
    return cluster;
  fs::create_directories(cluster);
  const auto user = become("postgres", place, cluster);
  must_succeed(
      plan_in(cluster, "initdb",
              user + argument_list{postgresql_programs + std::string{"initdb"}, "-D",
                                   (cluster / "data").string(), "-A", "trust", "--no-sync"}));
  return cluster;
}

std::unique_ptr<running_peer> start_postgresql(const workplace& place) {
  const auto cluster = make_cluster(place);
  const auto directory = place.fresh("postgresql");
  const auto user = become("postgres", place, directory);
  must_succeed(plan_in(directory, "copy",
                       {"/bin/cp", "-a", (cluster / "data").string(), directory.string()}));
  const auto how = plan_in(
      directory, "server",
      user + argument_list{postgresql_programs + std::string{"postgres"}, "-D",
                           (directory / "data").string(), "-c", "listen_addresses=", "-c",
                           "unix_socket_directories=" + directory.string(), "-c", "fsync=on", "-c",
                           "synchronous_commit=on", "-c", "shared_buffers=256MB"});
  const auto name = ::geteuid() == 0 ? "postgres" : ::getpwuid(::geteuid())->pw_name;
  return begin(
      {"peer_postgresql", fmt::format("host={} dbname=postgres user={}", directory.string(), name)},
      how, [&] {
        return test::read_text(how.err).find("ready to accept connections") != std::string::npos;
      });
}

std::unique_ptr<running_peer> start_sqlite(const workplace& place) {
  return std::make_unique<running_peer>(
      running_peer{"peer_sqlite", place.fresh("sqlite").string()});
}

std::unique_ptr<running_peer> start_etcd(const workplace& place) {
  const auto directory = place.fresh("etcd");
  const auto clients = fmt::format("http://127.0.0.1:{}", test::free_port());
  const auto peers = fmt::format("http://127.0.0.1:{}", test::free_port());
  const auto how =
      plan_in(directory, "server",
              {"/usr/bin/etcd", "--data-dir", (directory / "data").string(), "--listen-client-urls",
               clients, "--advertise-client-urls", clients, "--listen-peer-urls", peers,
               "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers});
  return begin({"peer_etcd", clients}, how, [&] {
    return test::read_text(how.err).find("ready to serve client requests") != std::string::npos;
  });
}

std::unique_ptr<running_peer> start_redis(const workplace& place) {
  const auto directory = place.fresh("redis");
  const auto socket = (directory / "redis.sock").string();
  const auto how =
      plan_in(directory, "server",
              {"/usr/bin/redis-server", "--port", "0", "--unixsocket", socket, "--dir",
               directory.string(), "--appendonly", "yes", "--appendfsync", "always", "--save", ""});
  return begin({"peer_redis", socket}, how, [&] { return fs::exists(socket); });
}

} // namespace

void ended_politely::operator()(test::program* server) const {
  const std::unique_ptr<test::program> owned{server};
  server->signal(SIGINT);
  test::eventually([&] { return !server->running(); }, start_patience);
}

double running_peer::cpu_seconds() const {
  if (!server)
    return 0;
  const auto usage = usage_of(family_of(server->pid()));
  return usage.cpu_seconds + usage.gone_seconds;
}

const store_peer& postgresql() {
  static const store_peer peer{
      "PostgreSQL", "fsync=on synchronous_commit=on",
      [](const workplace& place) {
        return first_missing(
            {postgresql_programs + std::string{"postgres"}, place.program("peer_postgresql")});
      },
      start_postgresql};
  return peer;
}

const store_peer& sqlite() {
  static const store_peer peer{
      "SQLite", "journal_mode=WAL synchronous=FULL",
      [](const workplace& place) { return first_missing({place.program("peer_sqlite")}); },
      start_sqlite};
  return peer;
}

const store_peer& etcd() {
  static const store_peer peer{
      "etcd", "as it comes: each proposal is flushed",
      [](const workplace& place) {
        return first_missing({"/usr/bin/etcd", place.program("peer_etcd")});
      },
      start_etcd};
  return peer;
}

const store_peer& redis() {
  static const store_peer peer{
      "Redis", "appendonly yes appendfsync always",
      [](const workplace& place) {
        return first_missing({"/usr/bin/redis-server", place.program("peer_redis")});
      },
      start_redis};
  return peer;
}

std::vector<const store_peer*> present(const std::vector<const store_peer*>& wanted,
                                       const workplace& place, std::vector<std::string>& notes) {
  std::vector<const store_peer*> found;
  for (const auto* peer : wanted) {
    const auto what = peer->missing(place);
    if (what.empty())
      found.push_back(peer);
    else
      notes.push_back(fmt::format("without {}: {} is missing; bench/peers/setup installs it",
                                  peer->name, fs::path{what}.filename().string()));
  }
  return found;
}

void prepare_peer(const workplace& place, const running_peer& peer, const std::string& workload,
                  std::size_t clients, std::size_t records) {
  auto command = driver_command(place, peer, workload, clients);
  must_succeed(plan_in(place.fresh("driver"), "prepare",
                       std::move(command) +
                           argument_list{"--prepare", "--records", std::to_string(records)}));
}

peer_figures drive_again(const workplace& place, const running_peer& peer,
                         const std::string& workload, std::size_t clients,
                         std::chrono::milliseconds time) {
  // One that has no server is one itself.
  const run_on processor{peer.server ? processors::last : processors::first};
  const auto processes = [&] { return peer.server ? family_of(peer.server->pid()).size() : 0; };
  const auto processes_before = processes();
  const auto before = peer.cpu_seconds();
  const auto said = nlohmann::json::parse(
      must_succeed(plan_in(place.fresh("driver"), "run",
                           driver_command(place, peer, workload, clients) +
                               argument_list{"--ms", std::to_string(time.count())})));
  // PostgreSQL has a process for each connection, which is counted when its parent knows its end.
  test::eventually([&] { return processes() <= processes_before; }, std::chrono::seconds{2});
  const auto used =
      peer.server ? peer.cpu_seconds() - before : said.at("cpu_seconds").get<double>();
  const auto operations = said.at("operations").get<double>();
  return {operations, operations / said.at("seconds").get<double>(), said.at("p50_us"),
          said.at("p99_us"), operations > 0 ? used / operations * 1e6 : 0};
}

peer_figures drive_peer(const workplace& place, const running_peer& peer,
                        const std::string& workload, std::size_t clients,
                        std::chrono::milliseconds time) {
  prepare_peer(place, peer, workload, clients);
  return drive_again(place, peer, workload, clients, time);
}

} // namespace pawl::bench
