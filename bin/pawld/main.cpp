// pawld: the server. Reads its configuration, brings the server up from the store, opens the door,
// and waits for the signal that ends it.
#include "bin/pawld/data_tools.hpp"
#include "bin/pawld/server_process.hpp"
#include "bin/usage/help.hpp"
#include "bin/usage/program.hpp"
#include "config/server_config.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <new>
#include <optional>
#include <sstream>
#include <string_view>
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

// Whoever asked for the memory was in the middle of something. So the process ends, as it may at
// any instruction, and what is durable goes on at the next start. Only what needs no memory.
[[noreturn]] void end_without_memory() {
  constexpr std::string_view words =
      "pawld: the server ends, as the system gives it no memory: make some free, or raise "
      "MemoryMax= or LimitAS= of its unit for systemd (elsewhere ulimit -v). What was in flight "
      "goes on at the next start\n";
  [[maybe_unused]] auto said = ::write(STDERR_FILENO, words.data(), words.size());
  _exit(info(errc::resource_exhausted).exit);
}

constexpr const char* release = "pawld " PAWL_VERSION;

struct command_line {
  std::string file;
  std::string checked;
  std::optional<std::string> verified; // empty: the configuration's
  std::string backup;
  std::string restored;
};

void describe(CLI::App& program, command_line& given) {
  program.name("pawld");
  program
      .add_option("--config", given.file, "Its settings; without it every setting has its default")
      ->type_name("FILE");
  program
      .add_option("--check-config", given.checked,
                  "Print every problem of this file, and start nothing")
      ->type_name("FILE");
  program
      .add_option_function<std::vector<std::string>>(
          "--verify",
          [&given](const std::vector<std::string>& said) {
            given.verified = said.empty() ? std::string{} : said.front();
          },
          "Read all records of a data directory that no server uses (without DIR: the "
          "configuration's), print what is wrong with them, and start nothing")
      ->type_name("DIR")
      ->expected(0, 1);
  program
      .add_option("--backup", given.backup,
                  "Write the data directory's records, artifacts and sources into this new file, "
                  "and start nothing. A server that uses it goes on meanwhile")
      ->type_name("FILE");
  program
      .add_option("--restore", given.restored,
                  "Make the data directory, which must be empty, of such a file, and start nothing")
      ->type_name("FILE");
  program.set_version_flag("--version", release);
  program.footer("Signals:\n"
                 "  TERM, INT, HUP  end it; apps and router go on, and what was in flight\n"
                 "                  goes on at the next start\n"
                 "Exit status:\n"
                 "   0  it was asked to end; or what was checked is good\n"
                 "   2  the command line or the configuration is wrong; or what was to be\n"
                 "      verified is no data directory, or in use\n"
                 "  11  it cannot start here, or was left without memory: the message says\n"
                 "      why\n"
                 "  12  the data is damaged, or the disk failed: the message says what\n"
                 "Example:\n"
                 "  pawld --check-config /etc/pawl/pawld.toml\n"
                 "  pawld --config /etc/pawl/pawld.toml\n"
                 "  pawld --config /etc/pawl/pawld.toml --backup /var/backups/pawl.tar\n"
                 "  pawld --verify /var/lib/pawl");
}

// The exit status, if the program has nothing more to do.
std::optional<int> read_command_line(int count, char** arguments, command_line& given) {
  CLI::App program{
      "The Pawl deployment server\n"
      "Stays in the foreground, and logs to stderr. Apps and their router outlive it."};
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
    fmt::print(stderr, "pawld: {}\n", usage::mistake(usage::read_tree(program), problem, said));
    return usage_exit;
  }
  return std::nullopt;
}

int check_config(const std::string& file) {
  auto read = load(file);
  if (!read)
    return complain(read.error());
  fmt::print("{}: good\n", file);
  return 0;
}

int finish(const result<void>& done) {
  return done ? 0 : complain(done.error());
}

// What is done with the data directory instead of serving it; nothing if it is to be served.
std::optional<int> use_data_tool(const command_line& given, const config::server_config& settings) {
  if (given.verified)
    return verify_data(given.verified->empty() ? settings.data_dir
                                               : std::filesystem::path{*given.verified});
  if (!given.backup.empty())
    return finish(back_up_data(settings.data_dir, given.backup));
  if (!given.restored.empty())
    return finish(restore_data(settings.data_dir, given.restored));
  return std::nullopt;
}

} // namespace

int main(int argc, char** argv) {
  command_line given;
  if (auto done = read_command_line(argc, argv, given))
    return *done;
  if (!given.checked.empty())
    return check_config(given.checked);
  auto read = load(given.file);
  if (!read)
    return complain(read.error());
  umask(S_IRWXG | S_IRWXO);
  if (auto done = use_data_tool(given, *read))
    return *done;
  auto ending = block_ending_signals();
  raise_descriptor_limit();
  std::set_new_handler(end_without_memory);
  auto server = server_process::start(*read);
  if (!server)
    end(complain(server.error()));
  int signal = 0;
  sigwait(&ending, &signal);
  (*server)->stop();
  end(0);
}
