#include "test/end_to_end/sample_app.hpp"

#include "test/support/program.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace pawl::test {

namespace fs = std::filesystem;

std::string write_app(const fs::path& place, const sample_app& app) {
  const auto directory = place / "apps" / app.name;
  fs::remove_all(directory);
  fs::create_directories(directory);
  for (const auto* script : {"serve.pl", "wait.pl"})
    fs::copy_file(fs::path{PAWL_SOURCE_DIR} / "test/end_to_end/app" / script, directory / script);
  const auto health = app.health.empty() ? "path = \"/healthz\"\ninterval = \"50ms\"\n"
                                           "healthy_threshold = 1\ndeadline = \"60s\"\n"
                                         : app.health;
  write_text(directory / "pawl.toml",
             fmt::format("app = \"{}\"\n[build]\ncommand = '''{}'''\n{}\n"
                         "[run]\ncommand = '''{}'''\nenv = {{ GREETING = \"{}\" }}\n{}\n"
                         "[health]\n{}\n{}",
                         app.name, app.build, app.build_settings, app.run, app.greeting,
                         app.run_settings, health, app.rest));
  return directory.string();
}

gate::gate() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr int backlog = 16;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, backlog) != 0)
    throw std::runtime_error("no port for a gate");
}

gate::~gate() {
  ::close(listener_);
  if (waiting_ >= 0)
    ::close(waiting_);
}

std::string gate::command() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return fmt::format("perl wait.pl {}", ntohs(address.sin_port));
}

bool gate::reached(std::chrono::milliseconds within) {
  pollfd wanted{listener_, POLLIN, 0};
  if (::poll(&wanted, 1, static_cast<int>(within.count())) != 1)
    return false;
  if (waiting_ >= 0)
    ::close(waiting_);
  waiting_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  return waiting_ >= 0;
}

void gate::open(int status) {
  const auto line = fmt::format("{}\n", status);
  if (::send(waiting_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("nobody waits at the gate any more");
}

bool gate::broken(std::chrono::milliseconds within) const {
  pollfd wanted{waiting_, POLLIN, 0};
  char byte = 0;
  return ::poll(&wanted, 1, static_cast<int>(within.count())) == 1 &&
         ::recv(waiting_, &byte, 1, 0) <= 0;
}

} // namespace pawl::test
