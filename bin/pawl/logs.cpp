// pawl logs: what a lane's instances print.

#include "bin/pawl/following.hpp"
#include "client/exit_status.hpp"
#include "client/terminal/text_records.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

struct log_options {
  std::uint32_t lines = limits::log_lines_default;
  bool follow = false;
};

// Writes lines as they come: for people, or as JSON, whose one document is then ended.
class log_printer {
public:
  explicit log_printer(const options& given) : given_(given), look_(look_of(STDOUT_FILENO)) {}

  bool print(const protocol::log_lines& page) {
    std::string text;
    if (page.skipped > 0)
      text += skipped(page);
    for (const auto& line : page.lines)
      text += shown(page.instance, line);
    return write_to(STDOUT_FILENO, text);
  }

  int finish(const std::optional<error>& problem, bool was_interrupted) {
    if (given_.json && (begun_ || !problem)) {
      auto ending = problem ? json::error_document(*problem).substr(1) : "}";
      write_to(STDOUT_FILENO, begin_document() + (problem ? "]," : "]") + ending + "\n");
    } else if (given_.json) {
      write_to(STDOUT_FILENO, json::error_document(*problem) + "\n");
    }
    if (given_.jsonl)
      write_to(STDOUT_FILENO, json::result_line(std::nullopt, problem) + "\n");
    if (was_interrupted)
      return client::exit_interrupted;
    if (problem)
      write_to(STDERR_FILENO, client::error_text(*problem, look_of(STDERR_FILENO)));
    return client::exit_status(problem);
  }

private:
  std::string begin_document() { return std::exchange(begun_, true) ? "" : "{\"lines\":["; }

  std::string shown(const std::string& instance, const std::string& line) {
    if (given_.jsonl)
      return json::log_event_line(instance, line) + "\n";
    if (!given_.json)
      return look_.faint(printable(instance) + " |") + " " + printable(line) + "\n";
    auto text = begin_document();
    text += std::exchange(has_line_, true) ? "," : "";
    return text + json::log_entry(instance, line);
  }

  std::string skipped(const protocol::log_lines& page) {
    if (given_.jsonl)
      return json::skipped_line(page.instance, page.skipped) + "\n";
    auto what = fmt::format("the first {} of its log are no longer kept",
                            client::human_bytes(page.skipped));
    if (!given_.json)
      return look_.faint(printable(page.instance) + " | " + what) + "\n";
    write_to(STDERR_FILENO, fmt::format("{}: {}\n", printable(page.instance), what));
    return {};
  }

  const options& given_;
  client::look look_;
  bool begun_ = false;    // of the one document
  bool has_line_ = false; // in it
};

// Says on stderr what becomes of the connection: stdout is the app's.
class connection_notes : public client::observer {
public:
  void lost(const error& why) override {
    if (!std::exchange(searching_, true))
      write_to(STDERR_FILENO,
               fmt::format("the connection to the server was lost; connecting again: {}\n",
                           printable(why.message)));
  }
  void found_again() override {
    if (std::exchange(searching_, false))
      write_to(STDERR_FILENO, "connected again\n");
  }
  void accepted(const deployment&) override {}
  void uploaded(std::uint64_t, std::uint64_t) override {}
  void seen(const std::string&, const event&) override {}
  void cancel_refused(const error&) override {}
  client::interrupt_choice interrupted(bool) override { return client::interrupt_choice::detach; }

private:
  bool searching_ = false;
};

int logs(const options& given, const log_options& wanted) {
  if (wanted.follow && given.json)
    return fail(given, {errc::invalid_argument,
                        "--json prints one document, which would never end with -f: use --jsonl",
                        {}});
  auto app = required_app(given);
  if (!app)
    return fail(given, app.error());
  auto cluster = cluster_of(given);
  if (!cluster)
    return fail(given, cluster.error());
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  connection_notes listener;
  client::conversation talk{*connect, listener, interrupts.get()};
  log_printer printer{given};
  protocol::logs_request request{*app, *cluster, wanted.lines, wanted.follow};
  auto end =
      talk.read_logs(request, [&](const protocol::log_lines& page) { return printer.print(page); });
  std::optional<error> problem;
  if (!end)
    problem = end.error();
  return printer.finish(problem, talk.was_interrupted());
}

} // namespace

void add_logs(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<log_options>();
  auto* command = add_command(program, given,
                              {"logs", "Watch", "Show what an app prints",
                               "Prints the last lines of each instance of the active deployment; "
                               "with -f also the lines that follow, across restarts and deploys.",
                               "  pawl logs -a shop -f\n"
                               "  pawl logs -a shop -n 1000 --jsonl | jq -r .line"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_flag("-f,--follow", wanted->follow,
                    "Follow the output across restarts and deploys, until Ctrl-C");
  command
      ->add_option(
          "-n,--lines", wanted->lines,
          fmt::format("The number of last lines of each instance (default: {}, at most {})",
                      limits::log_lines_default, limits::log_lines_max))
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{0}, std::uint32_t{limits::log_lines_max}));
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return logs(given, *wanted); }; });
}

} // namespace pawl::cli
