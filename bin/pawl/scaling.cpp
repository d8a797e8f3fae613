// pawl scale, stop, start and restart: the processes of an app that serves.

#include "bin/pawl/listing.hpp"
#include "client/terminal/text_processes.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <charconv>
#include <thread>

namespace pawl::cli {

namespace {

struct scale_options {
  std::vector<std::string> counts; // PROCESS=N
  std::string process;             // of a restart
  std::string message;
  bool detach = false;
};

constexpr auto look_again = std::chrono::milliseconds{250};

result<process_count> count_of(const std::string& text) {
  const auto equals = text.find('=');
  const auto digits = equals == std::string::npos ? std::string{} : text.substr(equals + 1);
  process_count one{text.substr(0, equals), 0};
  auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), one.instances);
  if (one.process.empty() || digits.empty() || end != digits.data() + digits.size() ||
      problem != std::errc{} || one.instances > limits::instances_per_lane)
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" does not say how many instances a process has: write "
                             "PROCESS=N, such as web=2, with N from 0 to {}",
                             printable(text), limits::instances_per_lane),
                 {}};
  return one;
}

result<process_counts> counts_of(const std::vector<std::string>& texts) {
  process_counts all;
  for (const auto& text : texts) {
    auto one = count_of(text);
    if (!one)
      return std::move(one).error();
    if (std::any_of(all.begin(), all.end(),
                    [&](const process_count& other) { return other.process == one->process; }))
      return error{
          errc::invalid_argument,
          fmt::format("{} is named twice: name each process once", printable(one->process)),
          {}};
    all.push_back(*std::move(one));
  }
  return all;
}

result<protocol::process_list> list_of(result<protocol::message> answer) {
  if (!answer)
    return std::move(answer).error();
  auto* list = std::get_if<protocol::process_list>(&*answer);
  if (list == nullptr)
    return client::unexpected_answer();
  return std::move(*list);
}

bool all_run(const protocol::process_list& list) {
  return std::all_of(list.processes.begin(), list.processes.end(),
                     [](const auto& one) { return one.running >= one.instances; });
}

// Asks until all instances run, as long as an activation may take by default.
result<protocol::process_list> await_instances(client::conversation& talk,
                                               protocol::process_list list) {
  const auto end = std::chrono::steady_clock::now() + limits::health_deadline;
  while (!list.stopped_at && !all_run(list) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(look_again);
    auto now = list_of(talk.ask(protocol::processes_request{list.app, list.cluster}));
    if (!now)
      return now;
    list = *std::move(now);
  }
  if (list.stopped_at || all_run(list))
    return list;
  return error{
      errc::unhealthy,
      fmt::format("the change is made, but not all instances of {0} run yet; the server "
                  "goes on trying: pawl status -a {0} says why, pawl logs -a {0} what they "
                  "print",
                  list.app),
      {{"app", list.app}}};
}

// Sends the request and shows the processes when they are as it asked.
int change(const options& given, const protocol::message& request, duration patience) {
  auto ask = [&](client::conversation& talk) -> result<protocol::process_list> {
    auto list = list_of(talk.ask(request, patience));
    return list ? await_instances(talk, *std::move(list)) : list;
  };
  return show(given, ask, client::processes_text);
}

int scale(const options& given, const scale_options& wanted) {
  auto counts = counts_of(wanted.counts);
  if (!counts)
    return fail(given, counts.error());
  if (counts->empty()) {
    auto request = lane_request_of<protocol::processes_request>(given);
    return request ? list<protocol::process_list>(given, *request, client::processes_text)
                   : fail(given, request.error());
  }
  auto request = lane_request_of<protocol::scale_request>(given);
  if (!request)
    return fail(given, request.error());
  request->counts = *std::move(counts);
  return change(given, *request, limits::request_timeout);
}

template <class Request>
int stop_or_start(const options& given) {
  auto request = lane_request_of<Request>(given);
  return request ? change(given, *request, limits::destroy_patience) : fail(given, request.error());
}

int restart(const options& given, const scale_options& wanted) {
  auto request = lane_request_of<protocol::restart_request>(given);
  if (!request)
    return fail(given, request.error());
  auto message = message_of(wanted.message);
  if (!message)
    return fail(given, message.error());
  request->message = *message;
  request->request_id = make_request_id();
  if (!wanted.process.empty())
    request->process = wanted.process;
  if (!wanted.process.empty() && wanted.process != web_process)
    return change(given, *request, limits::request_timeout);
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get()};
  client::conversation talk{*connect, shows, interrupts.get()};
  auto end = talk.start(*request, wanted.detach);
  return shows.finish(talk, end, "", wanted.detach && end.detached && !talk.was_interrupted());
}

void add_restart(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<scale_options>();
  auto* command = add_command(
      program, given,
      {"restart", "Ship", "Replace an app's instances by new ones of the same version",
       "New instances start and are checked beside the old ones, and then the traffic is switched, "
       "as by a deploy. With a process other than web, only its instances are stopped and started "
       "again.",
       "  pawl restart -a shop\n"
       "  pawl restart worker -a shop",
       exits::follows});
  command->add_option("process", wanted->process, "The process (default: all)")
      ->type_name("PROCESS");
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("-m,--message", wanted->message, "The reason, which the record keeps")
      ->type_name("TEXT");
  command->add_flag("--detach", wanted->detach, "Exit when it has begun; it goes on");
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return restart(given, *wanted); }; });
}

} // namespace

void add_scaling(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<scale_options>();
  auto* command = add_command(
      program, given,
      {"scale", "Ship", "Show or set how many instances each process of an app has",
       "The numbers stay for all later deployments, whatever pawl.toml says. Only the difference "
       "starts, or is drained and stopped; nothing else is restarted.",
       "  pawl scale -a shop\n"
       "  pawl scale web=3 worker=2 -a shop\n"
       "  pawl scale worker=0 -a shop"});
  command->add_option("counts", wanted->counts, "A process and its number of instances")
      ->type_name("PROCESS=N");
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return scale(given, *wanted); }; });

  command =
      add_command(program, given,
                  {"stop", "Ship", "Stop all instances of an app, until it is started",
                   "Its hosts answer 503 meanwhile. pawl start, or a deploy, starts it again; "
                   "its version, its records and its names stay.",
                   "  pawl stop -a shop"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback([&given, &chosen] {
    chosen = [&given] { return stop_or_start<protocol::stop_request>(given); };
  });

  command = add_command(program, given,
                        {"start", "Ship", "Start the instances of an app that was stopped",
                         "Returns when they run.", "  pawl start -a shop"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback([&given, &chosen] {
    chosen = [&given] { return stop_or_start<protocol::start_request>(given); };
  });
  add_restart(program, given, chosen);
}

} // namespace pawl::cli
