// pawl attach, show and cancel: one deployment.

#include "bin/pawl/following.hpp"
#include "client/exit_status.hpp"
#include "client/terminal/text_records.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace pawl::cli {

namespace {

struct viewer_options {
  std::string id;
  std::uint64_t from = 1;
};

// The deployment that is in flight in the lane, if exactly one of the app's lanes has one.
result<std::optional<std::string>> in_flight_in(client::conversation& talk, const std::string& app,
                                                const std::string& cluster) {
  protocol::status_request request{app, std::nullopt};
  if (!cluster.empty())
    request.cluster = cluster;
  auto answer = talk.ask(request);
  if (!answer)
    return std::move(answer).error();
  const auto* list = std::get_if<protocol::lane_list>(&*answer);
  if (list == nullptr)
    return client::unexpected_answer();
  std::optional<std::string> found;
  for (const auto& lane : list->lanes) {
    if (!lane.in_flight)
      continue;
    if (found)
      return error{errc::invalid_argument,
                   fmt::format("{} has a deployment in flight in more than one cluster: say which "
                               "with -C, or name the deployment",
                               app),
                   {}};
    found = lane.in_flight->id;
  }
  return found;
}

result<std::optional<std::string>> newest_in(client::conversation& talk, const std::string& app,
                                             const std::string& cluster) {
  protocol::history_request request;
  request.app = app;
  if (!cluster.empty())
    request.cluster = cluster;
  request.limit = 1;
  auto answer = talk.ask(request);
  if (!answer)
    return std::move(answer).error();
  const auto* list = std::get_if<protocol::history_list>(&*answer);
  if (list == nullptr)
    return client::unexpected_answer();
  if (list->deployments.empty())
    return std::optional<std::string>{};
  return std::optional{list->deployments.front().id};
}

// The app that was named; else, to watch it, the only one that there is.
result<std::string> watched_app(client::conversation& talk, const options& given) {
  auto named = required_app(given);
  if (named || !app_of(given))
    return named;
  auto answer = talk.ask(protocol::apps_request{});
  if (!answer)
    return std::move(answer).error();
  const auto* list = std::get_if<protocol::app_list>(&*answer);
  if (list == nullptr)
    return client::unexpected_answer();
  return list->apps.size() == 1 ? result<std::string>{list->apps.front().app} : named;
}

// The id that was named, else the lane's one in flight, else (if wanted) its newest.
result<std::string> find_id(client::conversation& talk, const options& given,
                            const viewer_options& wanted, bool newest_too) {
  if (!wanted.id.empty())
    return check_id(wanted.id);
  auto app = newest_too ? watched_app(talk, given) : required_app(given);
  if (!app)
    return std::move(app).error();
  auto cluster = cluster_of(given, *app);
  if (!cluster)
    return std::move(cluster).error();
  auto found = in_flight_in(talk, *app, *cluster);
  if (found && !*found && newest_too)
    found = newest_in(talk, *app, *cluster);
  if (!found)
    return std::move(found).error();
  if (*found)
    return **found;
  return error{errc::not_found,
               fmt::format("{} has no deployment{}{}; to see what there is: pawl history -a {}",
                           *app, newest_too ? "" : " in flight",
                           cluster->empty() ? "" : " in cluster " + *cluster, *app),
               {{"app", *app}}};
}

int attach(const options& given, const viewer_options& wanted) {
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get(), client::keep_lines::all};
  client::conversation talk{*connect, shows, interrupts.get()};
  auto id = find_id(talk, given, wanted, true);
  if (!id && talk.was_interrupted())
    return client::exit_interrupted;
  if (!id)
    return fail(given, id.error());
  auto end = talk.attach(*id, wanted.from);
  return shows.finish(talk, end, "", false);
}

int show(const options& given, const viewer_options& wanted) {
  auto id = check_id(wanted.id);
  if (!id)
    return fail(given, id.error());
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  viewer shows{given, -1};
  auto answer = client::conversation{*connect, shows}.ask(protocol::show_request{*id});
  if (!answer)
    return fail(given, answer.error());
  const auto* shown = std::get_if<protocol::shown>(&*answer);
  if (shown == nullptr)
    return fail(given, client::unexpected_answer());
  write_to(STDOUT_FILENO, given.json
                              ? json::deployment_document(shown->deployment, std::nullopt) + "\n"
                              : client::deployment_text(shown->deployment, client::wall_time(),
                                                        look_of(STDOUT_FILENO)));
  return 0;
}

// Looks up the id first and names it in the request: sending the request twice then cannot cancel
// another deployment.
int cancel(const options& given, const viewer_options& wanted) {
  constexpr auto longest = limits::cancelling_deadline + std::chrono::seconds{15};
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  viewer shows{given, -1};
  client::conversation talk{*connect, shows};
  auto id = find_id(talk, given, wanted, false);
  if (!id)
    return fail(given, id.error());
  auto answer = talk.ask(protocol::cancel_request{*id, "", ""}, longest);
  if (!answer)
    return fail(given, answer.error());
  const auto* shown = std::get_if<protocol::shown>(&*answer);
  if (shown == nullptr)
    return fail(given, client::unexpected_answer());
  if (given.json)
    write_to(STDOUT_FILENO, json::deployment_document(shown->deployment, std::nullopt) + "\n");
  write_to(prose_descriptor(given), fmt::format("deployment {} is {}\n", shown->deployment.id,
                                                to_string(shown->deployment.state)));
  return 0;
}

} // namespace

void add_viewers(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<viewer_options>();
  auto* command =
      add_command(program, given,
                  {"attach", "Watch", "Replay a deployment's journal, and follow it to its end",
                   "Any number of viewers may attach, at any time, also after the end. If the "
                   "connection is lost, pawl connects again and goes on after the last event.",
                   "  pawl attach 7kq2\n"
                   "  pawl attach -a shop --jsonl",
                   exits::follows});
  command
      ->add_option("id", wanted->id,
                   "The deployment, or the beginning of its id (default: the lane's in flight, "
                   "else its newest; -a may be left out where there is one app)")
      ->type_name("ID");
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("--from", wanted->from, "The first event to show (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()));
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return attach(given, *wanted); }; });

  command = add_command(program, given,
                        {"show", "Watch", "Show one deployment, and why it failed",
                         "Prints its record, each state with the time spent in it and, if the "
                         "deployment failed, the error, the last lines of the log, and what to do.",
                         "  pawl show 7kq2"});
  command->add_option("id", wanted->id, "The deployment, or the beginning of its id")
      ->required()
      ->type_name("ID");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return show(given, *wanted); }; });

  command =
      add_command(program, given,
                  {"cancel", "Ship", "Cancel a deployment, before it goes live",
                   "Returns when the deployment is cancelled: its build and its new instances are "
                   "stopped, and the old version goes on serving. Once the traffic is being "
                   "switched it is too late (exit status 6): use pawl rollback.",
                   "  pawl cancel -a shop"});
  command->add_option("id", wanted->id, "The deployment (default: the lane's in flight)")
      ->type_name("ID");
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return cancel(given, *wanted); }; });
}

} // namespace pawl::cli
