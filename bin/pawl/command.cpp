#include "bin/pawl/command.hpp"

#include "client/exit_status.hpp"
#include "client/link/address.hpp"
#include "client/terminal/text_records.hpp"
#include "config/manifest.hpp"
#include "lifecycle/bounded_text.hpp"
#include "lifecycle/concealment.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

namespace pawl::cli {

namespace {

// The first reason of each exit status; the page of the errors has all.
std::string exit_lines(exits of) {
  std::string lines =
      of == exits::follows ? "   0  the deployment became active\n" : "   0  success\n";
  lines += "   1  any other error\n";
  int before = 0;
  for (const auto& row : error_table) {
    auto told = of == exits::follows || row.exit == 2 || row.exit >= 9;
    if (told && row.exit != before)
      lines += fmt::format("  {:>2}  {}\n", row.exit, row.when);
    before = row.exit;
  }
  return of == exits::follows
             ? lines + " 130  interrupted, by SIGTERM or SIGHUP too; the deployment goes on\n"
             : lines;
}

// Whether the text looks like an id of some system, though it cannot be one of this server: the
// answer is then "there is no such deployment", without asking the server.
bool is_word(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

// That of the directory in which pawl runs; one that says nothing if there is none that can be
// read. How the app starts does not matter here.
manifest own_manifest() {
  auto text = read_small_file("pawl.toml");
  // How web starts does not matter here; other processes may have their commands in the Procfile.
  const auto procfile = "web: unused\n" + read_small_file("Procfile").value_or("");
  auto read = config::read_manifest(text.value_or(""), procfile);
  return read ? *std::move(read) : manifest{};
}

} // namespace

void add_common(CLI::App& where, options& given) {
  where
      .add_option("--server", given.server,
                  "The server: a name that pawl servers lists, HOST:PORT or unix:PATH (default: "
                  "PAWL_SERVER)")
      ->type_name("SERVER");
  where.add_flag("--json", given.json,
                 "Print one JSON document on stdout; text for people goes to stderr");
}

CLI::App* add_command(CLI::App& program, options& given, const command_text& text) {
  auto* command = program.add_subcommand(text.name, text.summary + "\n" + text.details);
  command->group(text.group);
  add_common(*command, given);
  command->footer(
      fmt::format("Exit status:\n{}Example:\n{}", exit_lines(text.exits), text.example));
  return command;
}

CLI::App* add_command_group(CLI::App& program, const command_text& text) {
  auto* group = program.add_subcommand(text.name, text.summary + "\n" + text.details);
  group->group(text.group);
  group->require_subcommand(1);
  group->footer(fmt::format("Exit status:\n{}Example:\n{}", exit_lines(text.exits), text.example));
  return group;
}

void add_app(CLI::App& command, options& given) {
  command.add_option("-a,--app", given.app, "The app (default: that of ./pawl.toml)")
      ->type_name("APP")
      ->envname("PAWL_APP");
}

void add_cluster(CLI::App& command, options& given) {
  command
      .add_option("-C,--cluster", given.cluster,
                  "The cluster (default: the only one that there is, or that has the app)")
      ->type_name("CLUSTER")
      ->envname("PAWL_CLUSTER");
}

void add_jsonl(CLI::App& command, options& given) {
  auto* jsonl =
      command.add_flag("--jsonl", given.jsonl, "Print each event as a line of JSON on stdout");
  jsonl->excludes(command.get_option("--json"));
}

void add_override_freeze(CLI::App& command, std::string& reason) {
  command
      .add_option("--override-freeze", reason,
                  "Begin although the app is frozen: the reason, for the audit journal; only for "
                  "admins")
      ->type_name("REASON");
}

client::terminal_size size_of(int descriptor) {
  winsize window{};
  client::terminal_size size;
  if (::ioctl(descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && window.ws_row > 0)
    size = {window.ws_col, window.ws_row};
  return size;
}

client::look look_of(int descriptor) {
  auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view{value == nullptr ? "" : value};
  };
  auto terminal = ::isatty(descriptor) == 1;
  auto able = terminal && !variable("TERM").empty() && variable("TERM") != "dumb";
  client::look how;
  how.colours = able && variable("NO_COLOR").empty();
  how.live = able && variable("CI").empty();
  how.columns = terminal ? size_of(descriptor).columns : 0;
  how.unicode = client::speaks_utf8(variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
  return how;
}

bool write_to(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int prose_descriptor(const options& given) {
  return given.for_programs() ? STDERR_FILENO : STDOUT_FILENO;
}

int fail(const options& given, const error& found) {
  const auto problem = concealed(found);
  if (given.json)
    write_to(STDOUT_FILENO, json::error_document(problem) + "\n");
  if (given.jsonl)
    write_to(STDOUT_FILENO, json::result_line(std::nullopt, problem) + "\n");
  write_to(STDERR_FILENO, client::error_text(problem, look_of(STDERR_FILENO)));
  return client::exit_status(problem);
}

result<client::connector> connector_of(const options& given) {
  auto server = client::find_server(given.server, config::own_surroundings());
  if (!server)
    return std::move(server).error();
  return client::connector{[server = *std::move(server)] {
    return client::server_link::connect(server, limits::connect_timeout);
  }};
}

std::optional<std::string> read_small_file(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path))
    return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  std::string text(limits::manifest_bytes + 1, '\0'); // one more, so that it is seen to be too long
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

result<std::string> app_of(const options& given) {
  auto app = given.app;
  if (app.empty())
    return own_manifest().app;
  if (auto fits = check_name("app", app); !fits)
    return std::move(fits).error();
  return app;
}

result<std::string> required_app(const options& given) {
  auto app = app_of(given);
  if (app && app->empty())
    return error{errc::invalid_argument,
                 "no app is named: use -a APP, set PAWL_APP, or run pawl in a directory whose "
                 "pawl.toml has no mistakes and names an app",
                 {}};
  return app;
}

result<std::string> cluster_of(const options& given) {
  if (!given.cluster.empty())
    if (auto fits = check_name("cluster", given.cluster); !fits)
      return std::move(fits).error();
  return given.cluster;
}

result<std::string> cluster_of(const options& given, const std::string& app) {
  auto cluster = cluster_of(given);
  if (!cluster || !cluster->empty())
    return cluster;
  const auto own = own_manifest();
  return own.app == app ? own.cluster : std::string{};
}

result<std::string> check_id(const std::string& id) {
  if (is_deployment_id_prefix(id))
    return id;
  if (is_word(id))
    return error{errc::not_found,
                 fmt::format("there is no deployment {}: `pawl history` lists them", id),
                 {{"deployment", id}}};
  return error{
      errc::invalid_argument,
      fmt::format("\"{}\" is not the id of a deployment; to see them: pawl history", printable(id)),
      {}};
}

result<std::string> message_of(const std::string& text) {
  if (!is_utf8(text))
    return error{errc::invalid_argument, "the message (-m) is not UTF-8: write it in UTF-8", {}};
  return shortened(text, limits::message_bytes);
}

std::string make_request_id() {
  std::array<unsigned char, 16> random{};
  // So few bytes always come at once, and whole.
  while (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
  }
  std::string id;
  for (auto byte : random)
    id += fmt::format("{:02x}", byte);
  return id;
}

} // namespace pawl::cli
