// pawld: the server. Reads its configuration, brings the server up from the store, opens the door,
// and waits for the signal that ends it.
#include "bin/pawld/server_process.hpp"
#include "config/server_config.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl;

constexpr int usage_exit = 2; // of a mistake in the configuration, as of any invalid_argument

int complain(const error& why) {
  fmt::print(stderr, "pawld: {}\n", why.message);
  return info(why.code).exit;
}

// The actor system is not taken apart: whatever is in flight goes on at the next start, as after a
// crash.
[[noreturn]] void end(int status) {
  std::fflush(nullptr);
  _exit(status);
}

result<config::server_config> load(const std::string& file) {
  if (file.empty())
    return config::read_server_config("", std::filesystem::current_path());
  std::ifstream in{file};
  std::stringstream text;
  if (!in || !(text << in.rdbuf() || in.eof()))
    return error{errc::invalid_argument,
                 fmt::format("the configuration {} cannot be read: {}", file,
                             std::generic_category().message(errno)),
                 {}};
  return config::read_server_config(text.str(), std::filesystem::absolute(file).parent_path());
}

// Before the first thread: every thread inherits the mask, and only main() takes the signals.
sigset_t block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ending;
}

// A server holds a descriptor for each connection, upload and instance: it takes what it may have.
void raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"The Pawl deployment server", "pawld"};
  std::string file;
  std::string checked;
  app.add_option("--config", file, "pawld.toml; without it every setting has its default");
  app.add_option("--check-config", checked,
                 "print every problem of this file, exit 2 if there is one");
  app.set_version_flag("--version", "pawld " PAWL_VERSION);
  app.footer("Example: pawld --config /etc/pawl/pawld.toml");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : usage_exit;
  }
  if (!checked.empty()) {
    auto read = load(checked);
    if (!read)
      return complain(read.error());
    fmt::print("{}: good\n", checked);
    return 0;
  }
  auto read = load(file);
  if (!read)
    return complain(read.error());
  auto ending = block_ending_signals();
  raise_descriptor_limit();
  umask(S_IRWXG | S_IRWXO);
  auto server = server_process::start(*read);
  if (!server)
    end(complain(server.error()));
  int signal = 0;
  sigwait(&ending, &signal);
  (*server)->stop();
  end(0);
}
