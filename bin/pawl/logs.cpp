// pawl logs: what the instances of a lane, or of one deployment, print.

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
  std::string id; // of a deployment; empty: the lane's instances
  std::uint32_t lines = limits::log_lines_default;
  bool follow = false;
  bool timestamps = false;
  std::string process; // whose lines are shown; empty: all
};

// Writes lines as they come: for people, or as JSON, whose one document is then ended.
class log_printer {
public:
  log_printer(const options& given, bool with_times)
      : given_(given), with_times_(with_times), look_(look_of(STDOUT_FILENO)) {}

  bool print(const protocol::log_lines& page) {
    std::string text;
    if (page.skipped > 0)
      text += skipped(page);
    for (std::size_t i = 0; i < page.lines.size(); ++i)
      text +=
          shown({page.instance, i < page.times.size() ? std::optional{page.times[i]} : std::nullopt,
                 page.lines[i]});
    printed_ = printed_ || !page.lines.empty();
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

  bool has_printed() const { return printed_; }

private:
  std::string begin_document() { return std::exchange(begun_, true) ? "" : "{\"lines\":["; }

  std::string shown(const json::printed_line& line) {
    if (given_.jsonl)
      return json::log_event_line(line) + "\n";
    if (!given_.json) {
      auto time = line.at ? format_time(*line.at) : "-";
      auto front = fmt::format("{}{} |", with_times_ ? time + " " : "", printable(line.instance));
      return look_.faint(front) + " " + printable_output(line.text) + "\n";
    }
    auto text = begin_document();
    text += std::exchange(has_line_, true) ? "," : "";
    return text + json::log_entry(line);
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
  bool with_times_;
  client::look look_;
  bool printed_ = false;  // a line
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

// The output of the deployment that is named, or else of the lane.
result<protocol::logs_request> make_request(const options& given, const log_options& wanted) {
  protocol::logs_request request;
  request.lines = wanted.lines;
  request.follow = wanted.follow;
  if (!wanted.id.empty()) {
    auto id = check_id(wanted.id);
    if (!id)
      return std::move(id).error();
    request.deployment = *id;
    return request;
  }
  auto app = required_app(given);
  if (!app)
    return std::move(app).error();
  auto cluster = cluster_of(given, *app);
  if (!cluster)
    return std::move(cluster).error();
  request.app = *app;
  request.cluster = *cluster;
  return request;
}

int logs(const options& given, const log_options& wanted) {
  if (wanted.follow && given.json)
    return fail(given, {errc::invalid_argument,
                        "--json prints one document, which would never end with -f: use --jsonl",
                        {}});
  auto request = make_request(given, wanted);
  if (!request)
    return fail(given, request.error());
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  connection_notes listener;
  client::conversation talk{*connect, listener, interrupts.get()};
  log_printer printer{given, wanted.timestamps};
  auto end = talk.read_logs(*request, [&](const protocol::log_lines& page) {
    const bool is_asked_for =
        wanted.process.empty() || process_of_instance(page.instance) == wanted.process;
    return !is_asked_for || printer.print(page);
  });
  std::optional<error> problem;
  if (!end)
    problem = end.error();
  else if (!wanted.id.empty() && wanted.lines > 0 && !printer.has_printed())
    write_to(STDERR_FILENO,
             fmt::format("no line of an instance of deployment {0} is kept; to see its build and "
                         "its checks: pawl attach {0}\n",
                         request->deployment));
  return printer.finish(problem, talk.was_interrupted());
}

} // namespace

void add_logs(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<log_options>();
  auto* command = add_command(program, given,
                              {"logs", "Watch", "Show what an app prints",
                               "Prints the last lines of each instance of the active deployment, "
                               "or of the deployment that is named, also when it has ended; with "
                               "-f also the lines that follow, across restarts and deploys.",
                               "  pawl logs -a shop -f\n"
                               "  pawl logs 7kq2 --timestamps\n"
                               "  pawl logs -a shop -n 1000 --jsonl | jq -r .line"});
  command
      ->add_option("id", wanted->id,
                   "The deployment, or the beginning of its id (default: the active one of -a)")
      ->type_name("ID");
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
  command
      ->add_option("--process", wanted->process,
                   "Only what the instances of this process print (default: of all)")
      ->type_name("PROCESS");
  command->add_flag("-t,--timestamps", wanted->timestamps,
                    "Put before each line the time at which it came; JSON always has it");
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return logs(given, *wanted); }; });
}

} // namespace pawl::cli
