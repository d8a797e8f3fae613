#include "bench/harness/server_under_test.hpp"

#include "engines/process/sandbox/sandbox_host.hpp"
#include "posix/descriptor.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pawl::bench {

namespace fs = std::filesystem;

server_under_test::server_under_test(const workplace& place, server_plan plan)
    : plan_(std::move(plan)), library_(place.program("libpawl_counting.so")) {
  if (plan_.counted)
    counters_.emplace(plan_.directory / "counters");
  start();
}

server_under_test::~server_under_test() {
  if (server_->running()) {
    server_->signal(SIGTERM);
    test::eventually([&] { return !server_->running(); });
  }
  server_.reset();
  end_what_it_started();
}

void server_under_test::start() {
  test::program_plan how{plan_.command};
  how.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", plan_.directory.string()}};
  if (counters_) {
    how.environment["LD_PRELOAD"] = library_.string();
    how.environment[counters_variable] = counters_->file().string();
  }
  how.directory = plan_.directory;
  how.out = plan_.directory / "server.out";
  how.err = plan_.directory / "server.err";
  const run_on its_processors{plan_.where};
  server_ = std::make_unique<test::program>(how);
  test::eventually([this] { return listens() || !server_->running(); });
  if (!server_->running() || !listens())
    throw std::runtime_error("the server does not start:\n" + log());
}

void server_under_test::kill() {
  server_->signal(SIGKILL);
  server_->wait();
}

bool server_under_test::listens() const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
  const descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::unique_ptr<client::server_link> server_under_test::connect() const {
  return expect(client::server_link::connect({{socket().string()}}, limits::connect_timeout));
}

// Builds, instances and the router outlive their server.
void server_under_test::end_what_it_started() const {
  const auto router = data() / "router";
  const auto pid = std::atoi(test::read_text(router / "haproxy.pid").c_str());
  if (pid > 0 && test::read_text(fmt::format("/proc/{}/cmdline", pid)).find(router.native()) !=
                     std::string::npos)
    ::kill(pid, SIGKILL);
  if (!fs::exists(data()))
    return;
  process_engine_config config;
  config.data_dir = data();
  const sandbox_host host{config};
  for (const auto& job : host.jobs_found())
    host.kill_job(job);
  host.groups().tidy();
}

server_plan pawld_plan(const workplace& place, const fs::path& directory,
                       const std::string& settings, const std::string& router) {
  fs::create_directories(directory / "data");
  const auto config = directory / "pawld.toml";
  test::write_text(config, fmt::format("data_dir = \"data\"\n[listen]\nsocket = \"pawld.sock\"\n"
                                       "[router]\n{}{}",
                                       router, settings));
  return {directory, {place.program("pawld").string(), "--config", config.string()}};
}

} // namespace pawl::bench
