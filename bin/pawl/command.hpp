// The parts that all commands of the CLI share: their options, their output, and how they find the
// server and the app.
#pragma once

#include "client/conversation/conversation.hpp"
#include "client/terminal/screen.hpp"
#include "client/terminal/text.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace pawl::cli {

// The options that most commands take, as they were given.
struct options {
  std::string server;
  std::string app;
  std::string cluster;
  bool json = false;
  bool jsonl = false;

  // JSON goes to stdout, so prose goes to stderr.
  bool for_programs() const { return json || jsonl; }
};

// Runs the command that was chosen; returns the exit status.
using runner = std::function<int()>;

// Each adds its commands to the program; the one that is chosen puts what it does into `chosen`.
// `given` and `chosen` outlive the program's parsing.
void add_deploy(CLI::App& program, options& given, runner& chosen);
void add_releases(CLI::App& program, options& given, runner& chosen); // rollback, promote
void add_viewers(CLI::App& program, options& given, runner& chosen);  // attach, show, cancel
void add_listings(CLI::App& program, options& given, runner& chosen); // status, history, …
void add_logs(CLI::App& program, options& given, runner& chosen);
void add_scaling(CLI::App& program, options& given, runner& chosen); // scale, stop, start, restart
void add_destroy(CLI::App& program, options& given, runner& chosen);
void add_volumes(CLI::App& program, options& given, runner& chosen);  // volumes, volume remove
void add_env(CLI::App& program, options& given, runner& chosen);      // env, set, unset, …
void add_tokens(CLI::App& program, options& given, runner& chosen);   // token create, list, revoke
void add_servers(CLI::App& program, options& given, runner& chosen);  // login, logout, …
void add_auditing(CLI::App& program, options& given, runner& chosen); // freeze, unfreeze, audit
void add_init(CLI::App& program, options& given, runner& chosen);

// Which exit statuses the help of a command explains.
enum class exits : std::uint8_t { shows, follows };

struct command_text {
  std::string name;
  std::string group;   // of the commands that the program's help lists together
  std::string summary; // one line
  std::string details; // a sentence or two
  std::string example; // whole lines
  cli::exits exits = cli::exits::shows;
};

// The options that every command has, and that may stand before the command too.
void add_common(CLI::App& where, options& given);

// A command with --server and --json, and a help worth reading.
CLI::App* add_command(CLI::App& program, options& given, const command_text& text);
// One that only has commands of its own, of which one has to be given.
CLI::App* add_command_group(CLI::App& program, const command_text& text);
void add_app(CLI::App& command, options& given);
void add_cluster(CLI::App& command, options& given);
void add_jsonl(CLI::App& command, options& given);
void add_override_freeze(CLI::App& command, std::string& reason);

// How to write to stdout (descriptor 1) or stderr (2).
client::look look_of(int descriptor);

// The present size of the terminal behind the descriptor; 80 by 24 if it does not say.
client::terminal_size size_of(int descriptor);

// Writes all of it at once; false if its reader has gone away, which is no error.
bool write_to(int descriptor, std::string_view text);

// Prose: on stdout, or on stderr when a program reads stdout.
int prose_descriptor(const options& given);

// Prints the error, as JSON too with --json, and returns its exit status.
int fail(const options& given, const error& problem);

// A connector to the server that the options and the environment name. Does not connect yet.
result<client::connector> connector_of(const options& given);

// The app of the options, else of ./pawl.toml; empty if neither says. invalid_argument for a bad
// name.
result<std::string> app_of(const options& given);

// The same where a command cannot do without.
result<std::string> required_app(const options& given);

// Checks the name of the cluster; empty is the only one that there is, or that has the
// app.
result<std::string> cluster_of(const options& given);

// The same for a command about that app: where no cluster is given, that of ./pawl.toml counts, if
// it is the app's.
result<std::string> cluster_of(const options& given, const std::string& app);

// A request about one lane, with the app and the cluster of the options. invalid_argument if no app
// is named.
template <class Request>
result<Request> lane_request_of(const options& given) {
  auto app = required_app(given);
  if (!app)
    return std::move(app).error();
  auto cluster = cluster_of(given);
  if (!cluster)
    return std::move(cluster).error();
  Request request;
  request.app = *std::move(app);
  request.cluster = *std::move(cluster);
  return request;
}

// The id of a deployment, or its beginning, as it was given; not_found for another word,
// invalid_argument for what is none.
result<std::string> check_id(const std::string& id);

// A text for the record: valid UTF-8, cut to limits::message_bytes.
result<std::string> message_of(const std::string& text);

// 128 random bits, as 32 hexadecimal digits.
std::string make_request_id();

// The text of a small file; nothing if there is none.
std::optional<std::string> read_small_file(const std::filesystem::path& path);

} // namespace pawl::cli
