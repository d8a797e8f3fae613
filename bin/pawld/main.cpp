// pawld: the server. Reads its configuration, starts the server from the store, listens, and waits
// for the signal that ends it.
#include "bin/pawld/crash_mark.hpp"
#include "bin/pawld/data_tools.hpp"
#include "bin/pawld/init.hpp"
#include "bin/pawld/isolation.hpp"
#include "bin/pawld/listeners.hpp"
#include "bin/pawld/server_process.hpp"
#include "bin/usage/help.hpp"
#include "bin/usage/program.hpp"
#include "config/place_check.hpp"
#include "config/server_config.hpp"
#include "lifecycle/concealment.hpp"
#include "lifecycle/exhaustion.hpp"
#include "posix/private_memory.hpp"
#include "posix/signals.hpp"
#include "posix/standard_streams.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace {

using namespace pawl;

constexpr int usage_exit = 2; // of a mistake in the configuration, as of any invalid_argument

int complain(const error& why) {
  fmt::print(stderr, "pawld: {}\n", concealed(why.message));
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
  std::string text;
  std::array<char, 4096> part{};
  while (in.read(part.data(), part.size()) || in.gcount() > 0)
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
  if (!in.is_open() || in.bad())
    return error{errc::invalid_argument,
                 fmt::format("the configuration {} cannot be read: {}", file,
                             std::generic_category().message(errno)),
                 {}};
  const auto place = std::filesystem::absolute(file);
  auto read = config::read_server_config(text, place.parent_path());
  if (read)
    read->file = place;
  return read;
}

// Before the first thread: every thread inherits the mask, and only main() takes the signals.
sigset_t block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  for (int signal : {SIGTERM, SIGINT, SIGHUP})
    if (!started_to_ignore(signal)) // blocked, it would end us all the same
      sigaddset(&ending, signal);
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

// The code that asked for the memory cannot go on. The process ends here, as it may at any
// instruction, and the next start goes on from the store. This function uses nothing that needs
// memory.
[[noreturn]] void end_without_memory() {
  constexpr std::string_view words =
      "pawld: the server ends, because it is out of memory: free some, or raise MemoryMax= or "
      "LimitAS= of its unit for systemd (elsewhere ulimit -v). Deployments in flight go on at the "
      "next start\n";
  [[maybe_unused]] auto said = ::write(STDERR_FILENO, words.data(), words.size());
  leave_crash_mark();
  _exit(info(errc::resource_exhausted).exit);
}

constexpr const char* release = "pawld " PAWL_VERSION;

struct command_line {
  std::string file;
  std::string checked;
  std::optional<std::string> verified; // empty: the configuration's
  std::string backup;
  bool with_secret_key = false; // in the backup
  bool with_volumes = false;    // the same
  std::string restored;
  bool without_images = false;
  init_request init; // with a directory: make a new server
};

void describe_init(CLI::App& program, command_line& given) {
  auto* init = program
                   .add_option("--init", given.init.directory,
                               "Set up a server in this directory: pawld.toml, an authority, a "
                               "certificate and an admin token; print how to start it and how to "
                               "connect, and exit")
                   ->type_name("DIR");
  program
      .add_option("--listen", given.init.listen,
                  "With --init: where clients connect over TLS (default: 0.0.0.0:7420, on all "
                  "addresses of this machine)")
      ->type_name("HOST:PORT")
      ->needs(init);
  program
      .add_option("--domain", given.init.domain,
                  "With --init: an app is reached as APP.DOMAIN (default: localhost)")
      ->type_name("DOMAIN")
      ->needs(init);
  program
      .add_flag("--service", given.init.service,
                "With --init: for the service of this machine: data and socket in their default "
                "places, and no token; root makes the first one when the server runs")
      ->needs(init);
  program
      .add_flag("--json", given.init.json,
                "With --init: print one JSON document: config, address, fingerprint, token")
      ->needs(init);
}

void describe(CLI::App& program, command_line& given) {
  program.name("pawld");
  program
      .add_option("--config", given.file,
                  "The configuration file; without it every setting has its default")
      ->type_name("FILE");
  program
      .add_option("--check-config", given.checked,
                  "Check this configuration file, print every problem, and exit")
      ->type_name("FILE");
  program
      .add_option_function<std::vector<std::string>>(
          "--verify",
          [&given](const std::vector<std::string>& said) {
            given.verified = said.empty() ? std::string{} : said.front();
          },
          "Check all records of a data directory that no server uses (without DIR: the "
          "configuration's), print every problem, and exit")
      ->type_name("DIR")
      ->expected(0, 1);
  auto* backup =
      program
          .add_option(
              "--backup", given.backup,
              "Write the records, artifacts and sources of the data directory into this new "
              "file, with the images of versions, and exit. A running server goes on meanwhile")
          ->type_name("FILE");
  program
      .add_flag(
          "--with-secret-key", given.with_secret_key,
          "With --backup: the key of the apps' secrets too. Who has that file has the secrets")
      ->needs(backup);
  program
      .add_flag(
          "--with-volumes", given.with_volumes,
          "With --backup: the volumes of apps in clusters of processes too, as they are while "
          "the apps write")
      ->needs(backup);
  program
      .add_option("--restore", given.restored,
                  "Restore such a file into the data directory, which must be empty, and exit")
      ->type_name("FILE");
  program.add_flag("--without-images", given.without_images,
                   "With --backup or --restore: leave out the images of a Docker Engine, which "
                   "then need not answer");
  describe_init(program, given);
  program.set_version_flag("--version", release);
  program.footer("Signals:\n"
                 "  TERM, INT  end the server; apps and the router go on, and deployments in\n"
                 "             flight go on at the next start\n"
                 "  HUP        with [listen] tls: read the certificate and its key again;\n"
                 "             without: end the server\n"
                 "Exit status:\n"
                 "   0  the server was asked to end; or the check found no problem\n"
                 "   2  the command line or the configuration is wrong; or the directory to\n"
                 "      verify is no data directory, or in use\n"
                 "  11  the server cannot start, or is out of memory: the message says why\n"
                 "  12  the data is damaged, or the disk failed: the message says what\n"
                 "Example:\n"
                 "  pawld --check-config /etc/pawl/pawld.toml\n"
                 "  pawld --config /etc/pawl/pawld.toml\n"
                 "  pawld --init /srv/pawl\n"
                 "  pawld --config /etc/pawl/pawld.toml --backup /var/backups/pawl.tar\n"
                 "  pawld --verify /var/lib/pawl");
}

// The exit status, if the program has nothing more to do.
std::optional<int> read_command_line(int count, char** arguments, command_line& given) {
  CLI::App program{
      "The Pawl deployment server\n"
      "Runs in the foreground, and logs to stderr. Apps and their router go on when it ends."};
  describe(program, given);
  std::vector<std::string> said{arguments + std::min(count, 1), arguments + count};
  if (said.size() == 2 && said.front() == "__manual")
    return usage::write_manual(usage::read_tree(program), said.back(), release);
  try {
    program.parse(count, arguments);
  } catch (const CLI::CallForVersion&) {
    fmt::print("{}\n", release);
    return 0;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", usage::help_text(usage::read_tree(program), usage::help_columns()));
    return 0;
  } catch (const CLI::ParseError& problem) {
    return complain(
        {errc::invalid_argument, usage::mistake(usage::read_tree(program), problem, said), {}});
  }
  return std::nullopt;
}

// Whether this machine has what the configuration names. `warnings` are about a certificate that
// can be used, and that clients refuse.
result<void> check_machine(const config::server_config& settings,
                           std::vector<std::string>& warnings) {
  if (auto usable = config::check_places(settings); !usable)
    return usable;
  if (settings.tls) {
    auto credentials = gateway::read_credentials(
        credential_files_of(*settings.tls),
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    if (!credentials)
      return std::move(credentials).error();
    warnings = std::move(credentials->warnings);
  }
  return check_isolation(isolation_of(settings));
}

int check_config(const std::string& file) {
  auto read = load(file);
  if (!read)
    return complain(read.error());
  std::vector<std::string> warnings;
  if (auto usable = check_machine(*read, warnings); !usable)
    return complain(usable.error());
  for (const auto& warning : warnings)
    complain({errc::invalid_argument, warning, {}});
  if (!warnings.empty())
    return usage_exit;
  fmt::print("{}: good\n", file);
  return 0;
}

int finish(const result<void>& done) {
  return done ? 0 : complain(done.error());
}

// Runs the command for the data directory that was given (--verify, --backup, --restore) and
// returns its exit status; nothing if none was given.
std::optional<int> use_data_tool(const command_line& given, const config::server_config& settings) {
  if (given.verified)
    return verify_data(given.verified->empty() ? settings.data_dir
                                               : std::filesystem::path{*given.verified});
  image_choice images{.without = given.without_images};
  for (const auto& cluster : settings.clusters)
    if (!images.socket && !cluster.socket.empty())
      images.socket = cluster.socket;
  if (!given.backup.empty())
    return finish(back_up_data(settings.data_dir, given.backup,
                               {images, given.with_secret_key, given.with_volumes}));
  if (!given.restored.empty())
    return finish(restore_data(settings.data_dir, given.restored, images));
  return std::nullopt;
}

// Until a signal ends the server, or it cannot start. A start may take minutes, or hang: the thread
// that takes the signals ends it too.
[[noreturn]] void serve(config::server_config settings) {
  const auto signals = block_ending_signals();
  raise_descriptor_limit();
  std::set_new_handler(end_without_memory);
  std::vector<std::string> warnings; // told when it listens
  if (auto usable = check_machine(settings, warnings); !usable)
    end(complain(usable.error()));
  if (auto whole = check_restored_whole(settings.data_dir); !whole)
    end(complain(whole.error()));
  auto server = server_process::make(std::move(settings));
  std::mutex ends; // locked for good by the thread that ends the process
  auto end_by_signal = [&] {
    int signal = 0;
    do
      sigwait(&signals, &signal);
    while (signal == SIGHUP && server->read_certificates_again());
    ends.lock();
    server->stop();
    note_orderly_end();
    end(0);
  };
  std::thread waiting;
  try {
    waiting = std::thread{end_by_signal};
  } catch (const std::system_error&) {
    end(complain(no_process_left("start the server")));
  }
  if (auto up = server->start(); !up) {
    ends.lock();
    end(complain(up.error()));
  }
  waiting.join();
  end(0);
}

} // namespace

int main(int argc, char** argv) {
  if (!open_standard_streams())
    end(usage_exit); // there is nowhere to say why
  keep_memory_private();
  command_line given;
  if (auto done = read_command_line(argc, argv, given))
    return *done;
  if (!given.checked.empty())
    return check_config(given.checked);
  umask(S_IRWXG | S_IRWXO);
  if (!given.init.directory.empty())
    return set_up_server(given.init);
  auto read = load(given.file);
  if (!read)
    return complain(read.error());
  if (auto done = use_data_tool(given, *read))
    return *done;
  serve(*std::move(read));
}
