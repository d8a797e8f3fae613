#include "test/end_to_end/running_server.hpp"

#include "engines/process/sandbox/sandbox_host.hpp"
#include "posix/process_table.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pawl::test {

namespace fs = std::filesystem;

namespace {

// Programs whose command line names the directory, those that the kernel is about to forget left
// out.
std::vector<pid_t> processes_naming(const fs::path& directory) {
  std::vector<pid_t> found;
  for (const auto& process : all_processes())
    if (read_text(fmt::format("/proc/{}/cmdline", process.pid)).find(directory.native()) !=
        std::string::npos)
      found.push_back(process.pid);
  return found;
}

sandbox_host host_of(const fs::path& data) {
  process_engine_config config;
  config.data_dir = data;
  return sandbox_host{config};
}

} // namespace

running_server::running_server(std::string clusters, std::optional<unsigned> user)
    : user_(user), port_(free_port()) {
  fs::create_directories(data());
  write_config(clusters);
  if (user_)
    install_for_user();
  for (const auto& owned : {place(), data()})
    if (user_)
      BOOST_REQUIRE(::chown(owned.c_str(), *user_, *user_) == 0);
  start();
}

running_server::~running_server() {
  if (server_ && server_->running()) {
    server_->signal(SIGTERM);
    BOOST_CHECK_MESSAGE(eventually([&] { return !server_->running(); }), "pawld does not end");
  }
  BOOST_CHECK_MESSAGE(log().find("started again from the store") == std::string::npos,
                      "an actor of pawld died:\n"
                          << log());
  server_.reset();
  end_everything();
  if (own_disk_)
    BOOST_CHECK(::umount2(data().c_str(), MNT_DETACH) == 0);
}

void running_server::end_everything() const {
  const auto gone = [this] {
    const auto left = processes_naming(place());
    for (const auto pid : left)
      ::kill(pid, SIGKILL);
    return left.empty();
  };
  BOOST_CHECK_MESSAGE(eventually(gone), "processes of " << place() << " are left");
  const auto host = host_of(data());
  for (const auto& job : host.jobs_found())
    BOOST_CHECK_MESSAGE(host.kill_job(job), job << " is left");
  host.groups().tidy();
  BOOST_CHECK(host.jobs_found().empty());
}

void running_server::give_disk(std::uint64_t bytes) {
  end_everything();
  const auto size = fmt::format("size={}", bytes);
  BOOST_REQUIRE_MESSAGE(::mount("tmpfs", data().c_str(), "tmpfs", 0, size.c_str()) == 0,
                        "cannot mount " << data() << ": " << std::strerror(errno));
  own_disk_ = true;
}

void running_server::fill_disk() const {
  const int file =
      ::open((data() / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  BOOST_REQUIRE(file >= 0);
  const std::string page(4096, 'x');
  while (::write(file, page.data(), page.size()) > 0) {
  }
  BOOST_TEST(errno == ENOSPC);
  ::close(file);
}

void running_server::clear_disk() const {
  fs::remove(data() / "ballast");
}

namespace {

// Tests that do not ask for warm instances look at what becomes of those that were replaced.
std::string without_warm(std::string tables) {
  constexpr std::string_view begin = "[cluster.";
  if (mentions(tables, "warm = "))
    return tables;
  for (auto at = tables.find(begin); at != std::string::npos; at = tables.find(begin, at + 1))
    tables.insert(tables.find('\n', at) + 1, "warm = \"0s\"\n");
  return tables;
}

} // namespace

void running_server::write_config(const std::string& clusters, const std::string& router) {
  write_text(place() / "pawld.toml",
             fmt::format("data_dir = \"data\"\n[listen]\nsocket = \"pawld.sock\"\n"
                         "[router]\nkind = \"{}\"\nlisten = \"127.0.0.1:{}\"\n{}",
                         router, port_, without_warm(clusters)));
}

std::unique_ptr<program> running_server::begin_pawld(words arguments) {
  const auto name = fmt::format("pawld-{}", ++runs_);
  arguments.insert(arguments.begin(), programs_ / "pawld");
  arguments.insert(arguments.begin(), under_.begin(), under_.end());
  program_plan plan{as_user(std::move(arguments))};
  plan.environment = more_;
  plan.environment.insert({{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", place().string()}});
  plan.directory = place();
  plan.out = place() / "output" / (name + ".out");
  plan.err = place() / "output" / (name + ".err");
  fs::create_directories(plan.out.parent_path());
  return std::make_unique<program>(plan);
}

// The user may have no way into the folder of the build, as under /root.
void running_server::install_for_user() {
  for (const auto* one : {"bin/pawld", "bin/pawl", "lib/pawl"}) {
    const auto installed = place() / "installed" / one;
    fs::create_directories(installed.parent_path());
    fs::copy(programs_.parent_path() / one, installed, fs::copy_options::recursive);
  }
  programs_ = place() / "installed" / "bin";
}

words running_server::as_user(words command) const {
  if (user_)
    command.insert(command.begin(), {"/usr/bin/setpriv", fmt::format("--reuid={}", *user_),
                                     fmt::format("--regid={}", *user_), "--clear-groups", "--"});
  return command;
}

void running_server::start() {
  log_before_ = log();
  server_.reset();
  server_ = begin_pawld("--config", place() / "pawld.toml");
  const bool up = eventually([this] { return listens() || !server_->running(); });
  BOOST_REQUIRE_MESSAGE(up && server_->running(), "pawld does not start:\n" << log());
  // It listens before it has recovered; what a lane has to say, it says after that.
  pawl({"status", "--json"});
}

void running_server::kill() {
  server_->signal(SIGKILL);
  server_->wait();
}

outcome running_server::stop() {
  constexpr auto promised = std::chrono::seconds{10};
  server_->signal(SIGTERM);
  return server_->wait(promised);
}

bool running_server::listens() const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return connected;
}

bool running_server::still_lives() {
  if (server_->running() && pawl({"status", "--json"}).status == 0)
    return true;
  BOOST_REQUIRE_MESSAGE(eventually([&] { return !server_->running(); }),
                        "pawld lives and does not answer:\n"
                            << log());
  return false;
}

std::string running_server::log() const {
  return log_before_ + (server_ ? server_->err() : "");
}

std::unique_ptr<program> running_server::begin(words arguments, const words& under) {
  const auto name = fmt::format("pawl-{}", ++runs_);
  arguments.insert(arguments.begin(), programs_ / "pawl");
  arguments.insert(arguments.begin(), under.begin(), under.end());
  program_plan plan{as_user(std::move(arguments))};
  plan.environment = {{"PATH", "/usr/bin:/bin"},
                      {"HOME", place().string()},
                      {"PAWL_SERVER", "unix:" + socket().string()}};
  plan.directory = place();
  plan.out = place() / "output" / (name + ".out");
  plan.err = place() / "output" / (name + ".err");
  return std::make_unique<program>(plan);
}

outcome running_server::pawl(words arguments) {
  return begin(std::move(arguments))->wait();
}

std::string running_server::answer_of(const std::string& app) const {
  http_client client("127.0.0.1", port_);
  const auto response = client.get(app + ".localhost", "/");
  if (!response)
    return "lost";
  return response->status == 200 ? response->body.substr(0, response->body.find('\n'))
                                 : std::to_string(response->status);
}

pid_t running_server::router_pid() const {
  const auto pid = static_cast<pid_t>(std::atoi(read_text(data() / "router/haproxy.pid").c_str()));
  const auto command_line = read_text(fmt::format("/proc/{}/cmdline", pid));
  return command_line.find((data() / "router").native()) == std::string::npos ? 0 : pid;
}

std::set<std::string> running_server::jobs() const {
  return host_of(data()).jobs_found();
}

pid_t running_server::instance_pid(const std::string& name) const {
  const auto text = read_text(data() / "instances" / name / "record.json");
  return text.empty() ? 0 : json::parse(text).at("init").get<pid_t>();
}

json document_of(const outcome& end) {
  BOOST_REQUIRE_MESSAGE(json::accept(end.out), "no JSON document: " << end.out << end.err);
  return json::parse(end.out);
}

std::vector<json> lines_of(const std::string& out) {
  std::vector<json> all;
  std::size_t begin = 0;
  for (auto end = out.find('\n'); end != std::string::npos; end = out.find('\n', begin)) {
    all.push_back(json::parse(out.substr(begin, end - begin)));
    begin = end + 1;
  }
  BOOST_CHECK_MESSAGE(begin == out.size(), "the last line has no end");
  return all;
}

json record_of(const outcome& end) {
  return document_of(end).at("deployment");
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items())
    keys.insert(key);
  return keys;
}

void check_exit(const outcome& end, int status) {
  BOOST_REQUIRE_MESSAGE(end.status == status, "it exited with " << end.status << ", not " << status
                                                                << ":\n"
                                                                << end.out << end.err);
}

std::unique_ptr<program> begin_deploy(running_server& server, const sample_app& app,
                                      const words& flags) {
  words arguments{"deploy", write_app(server.place(), app)};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return server.begin(arguments);
}

json deploy(running_server& server, const sample_app& app, const words& flags) {
  auto with_json = flags;
  with_json.emplace_back("--json");
  const auto end = begin_deploy(server, app, with_json)->wait();
  check_exit(end, 0);
  return record_of(end);
}

json show(running_server& server, const std::string& id) {
  const auto end = server.pawl({"show", id, "--json"});
  check_exit(end, 0);
  return record_of(end);
}

json lane_of(running_server& server) {
  const auto end = server.pawl({"status", "--json"});
  check_exit(end, 0);
  const auto lanes = document_of(end).at("lanes");
  BOOST_REQUIRE_EQUAL(lanes.size(), 1U);
  return lanes.at(0);
}

void check_journal(running_server& server, const std::string& id) {
  auto lines = lines_of(server.pawl({"attach", id, "--jsonl"}).out);
  BOOST_REQUIRE(!lines.empty());
  lines.pop_back();
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(lines[i].at("seq") == i + 1);
}

std::string in_flight_of(running_server& server, const std::string& app) {
  std::string id;
  const auto found = eventually([&] {
    const auto end = server.pawl({"status", "-a", app, "--json"});
    if (end.status != 0)
      return false;
    const auto all = document_of(end);
    for (const auto& lane : all.at("lanes"))
      if (!lane.at("in_flight").is_null())
        id = lane.at("in_flight").at("id");
    return !id.empty();
  });
  BOOST_REQUIRE_MESSAGE(found, "nothing of " << app << " is in flight");
  return id;
}

std::string write_big_app(const running_server& server, const std::string& name) {
  constexpr std::size_t bytes = 128 * 1024 * 1024;
  const auto directory = write_app(server.place(), {.name = name});
  write_text(fs::path{directory} / "big", std::string(bytes, 'x'));
  return directory;
}

std::string stop_halfway(const running_server& server, const program& client) {
  constexpr std::size_t part = 1024 * 1024;
  fs::path upload;
  const auto arrives = [&] {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator{server.data() / "uploads", gone})
      if (entry.file_size(gone) > part && !gone)
        upload = entry.path();
    return !upload.empty();
  };
  BOOST_REQUIRE(eventually(arrives));
  client.signal(SIGSTOP);
  const auto name = upload.filename().string(); // ID.BOOT.part
  return name.substr(0, name.find('.'));
}

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

} // namespace pawl::test
