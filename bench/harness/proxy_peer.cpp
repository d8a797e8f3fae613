#include "bench/harness/proxy_peer.hpp"

#include "bench/harness/process_usage.hpp"
#include "test/support/eventually.hpp"
#include "test/support/http_client.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

namespace pawl::bench {

namespace {

namespace fs = std::filesystem;
using words = std::vector<std::string>;
using steady = std::chrono::steady_clock;

constexpr auto switch_patience = std::chrono::seconds{20};

void must_run(const words& command) {
  if (run_once(command, {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}).status != 0)
    throw std::runtime_error(fmt::format("{} failed", command.front()));
}

// Uses a new connection: a kept-alive one stays with the old configuration.
std::string answer_of(std::uint16_t port) {
  const auto response = test::http_client{"127.0.0.1", port}.get("shop.localhost", "/");
  return response && response->status == 200 ? response->body : std::string{};
}

void configure_nginx(const fs::path& directory, std::uint16_t port, std::uint16_t backend) {
  std::string elsewhere;
  for (const auto* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    elsewhere += fmt::format("{}_temp_path {};\n", what, (directory / what).string());
  test::write_text(
      directory / "nginx.conf",
      fmt::format("worker_processes auto;\ndaemon off;\npid nginx.pid;\nerror_log error.log;\n"
                  "events {{}}\nhttp {{\naccess_log off;\n{}"
                  "upstream app {{ server 127.0.0.1:{}; keepalive 32; }}\n"
                  "server {{ listen 127.0.0.1:{};\nlocation / {{ proxy_pass http://app;\n"
                  "proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}\n",
                  elsewhere, backend, port));
}

void configure_haproxy(const fs::path& directory, std::uint16_t port, std::uint16_t backend) {
  test::write_text(
      directory / "haproxy.cfg",
      fmt::format("global\n  stats socket {} mode 600 level admin expose-fd listeners\n"
                  "defaults\n  mode http\n  timeout connect 5s\n"
                  "  timeout client 30s\n  timeout server 30s\n"
                  "frontend front\n  bind 127.0.0.1:{}\n  default_backend app\n"
                  "backend app\n  server one 127.0.0.1:{}\n",
                  (directory / "admin.sock").string(), port, backend));
}

// The worker answers before the master listens to its signals, and what comes too early is ignored.
bool handles(pid_t process, int signal) {
  const auto status = test::read_text(fmt::format("/proc/{}/status", process));
  const auto at = status.find("SigCgt:");
  return at != std::string::npos &&
         (std::stoull(status.substr(at + 8), nullptr, 16) >> (signal - 1) & 1) != 0;
}

std::uint16_t admin_port(const fs::path& directory) {
  const auto file = directory / "admin";
  if (!fs::exists(file))
    test::write_text(file, std::to_string(test::free_port()));
  return static_cast<std::uint16_t>(std::stoi(test::read_text(file)));
}

void configure_caddy(const fs::path& directory, std::uint16_t port, std::uint16_t backend) {
  test::write_text(
      directory / "caddy.json",
      fmt::format(R"({{"admin": {{"listen": "127.0.0.1:{}"}}, "logging": {{"logs": {{"default":)"
                  R"( {{"level": "ERROR"}}}}}}, "apps": {{"http": {{"servers": {{"app": {{)"
                  R"("listen": ["127.0.0.1:{}"], "automatic_https": {{"disable": true}}, "routes":)"
                  R"( [{{"handle": [{{"handler": "reverse_proxy", "upstreams": [{{"dial":)"
                  R"( "127.0.0.1:{}"}}]}}]}}]}}}}}}}}}})",
                  admin_port(directory), port, backend));
}

} // namespace

const std::vector<proxy_peer::kind>& proxy_kinds() {
  static const std::vector<proxy_peer::kind> all{
      {"nginx's reload", "/usr/sbin/nginx",
       [](const fs::path& directory) {
         return words{"/usr/sbin/nginx", "-p", directory.string(), "-e",
                      "error.log",       "-c", "nginx.conf"};
       },
       configure_nginx,
       [](const fs::path&, const test::program& running, std::uint16_t) {
         running.signal(SIGHUP); // what `nginx -s reload` sends
       }},
      {"HAProxy's reload", "/usr/sbin/haproxy",
       [](const fs::path& directory) {
         return words{"/usr/sbin/haproxy", "-W", "-db", "-f", (directory / "haproxy.cfg").string()};
       },
       configure_haproxy,
       [](const fs::path&, const test::program& running, std::uint16_t) {
         test::eventually([&] { return handles(running.pid(), SIGUSR2); }, switch_patience);
         running.signal(SIGUSR2); // what Debian's haproxy.service sends for a reload
       }},
      {"Caddy's admin API", "/usr/bin/caddy",
       [](const fs::path& directory) {
         return words{"/usr/bin/caddy", "run", "--config", (directory / "caddy.json").string()};
       },
       configure_caddy,
       [](const fs::path& directory, const test::program&, std::uint16_t backend) {
         must_run({"/usr/bin/curl", "-sSf", "-X", "PATCH", "-H", "Content-Type: application/json",
                   "-d", fmt::format(R"({{"dial": "127.0.0.1:{}"}})", backend),
                   fmt::format("http://127.0.0.1:{}/config/apps/http/servers/app/routes/0/handle/0/"
                               "upstreams/0",
                               admin_port(directory))});
       }}};
  return all;
}

proxy_peer::proxy_peer(const workplace& place, const kind& what, std::uint16_t backend)
    : what_(what), directory_(place.fresh("proxy")), port_(test::free_port()) {
  what_.configure(directory_, port_, backend);
  test::program_plan how{what_.command(directory_)};
  how.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", directory_.string()}};
  how.directory = directory_;
  how.out = directory_ / "proxy.out";
  how.err = directory_ / "proxy.err";
  running_.reset(new test::program(how));
  const auto up = [&] { return !answer_of(port_).empty() || !running_->running(); };
  if (!test::eventually(up, switch_patience) || !running_->running())
    throw std::runtime_error(what_.name + " does not start:\n" + running_->err());
}

double proxy_peer::switch_to(std::uint16_t backend, const std::string& greeting) {
  what_.configure(directory_, port_, backend);
  const auto begin = steady::now();
  what_.tell(directory_, *running_, backend);
  while (!answer_of(port_).starts_with(greeting))
    if (steady::now() - begin > switch_patience)
      throw std::runtime_error(what_.name + ": the other backend is not asked:\n" +
                               running_->err());
  return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
}

} // namespace pawl::bench
