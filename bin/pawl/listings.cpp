// pawl status, history, versions, apps and clusters: what there is.

#include "bin/pawl/listing.hpp"
#include "client/conversation/pages.hpp"
#include "client/terminal/text_records.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::cli {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

error unknown_word(std::string_view option, std::string_view word, std::string_view known) {
  return {errc::invalid_argument,
          fmt::format("{} \"{}\" is not known: use {}", option, printable(word), known),
          {}};
}

result<std::optional<timestamp>> time_of(std::string_view option, const std::string& text) {
  if (text.empty())
    return std::optional<timestamp>{};
  if (auto at = client::parse_time(text, client::wall_time()))
    return at;
  return unknown_word(option, text,
                      "a time such as 2026-01-31 or 2026-01-31T12:00:00Z, or a duration before now "
                      "such as 2h or 7d");
}

namespace {

struct history_options {
  std::uint32_t limit = limits::history_page_default;
  std::string cursor;
  std::string state;
  std::string operation;
  std::string by;
  std::string commit;
  std::string since;
  std::string until;
};

int status(const options& given) {
  auto app = app_of(given);
  if (!app)
    return fail(given, app.error());
  auto cluster = cluster_of(given);
  if (!cluster)
    return fail(given, cluster.error());
  return show(
      given,
      [&](client::conversation& talk) {
        return client::ask_lanes(talk, {unless_empty(*app), unless_empty(*cluster), {}});
      },
      [all = app->empty() && cluster->empty()](const auto& lanes, const client::look& how) {
        if (lanes.lanes.empty() && !all)
          return std::string{"nothing is deployed there; to see all lanes: pawl status\n"};
        return client::lanes_text(lanes, client::wall_time(), how);
      });
}

result<protocol::history_request> make_request(const options& given,
                                               const history_options& wanted) {
  auto app = app_of(given);
  auto cluster = cluster_of(given);
  auto since = time_of("--since", wanted.since);
  auto until = time_of("--until", wanted.until);
  if (!app)
    return std::move(app).error();
  if (!cluster)
    return std::move(cluster).error();
  if (!since)
    return std::move(since).error();
  if (!until)
    return std::move(until).error();
  protocol::history_request request{unless_empty(*app),
                                    unless_empty(*cluster),
                                    parse_state(wanted.state),
                                    parse_operation(wanted.operation),
                                    unless_empty(wanted.by),
                                    unless_empty(wanted.commit),
                                    *since,
                                    *until,
                                    wanted.limit,
                                    unless_empty(wanted.cursor)};
  if (!wanted.state.empty() && !request.state) {
    std::vector<std::string_view> names;
    for (const auto& row : state_table)
      names.push_back(row.name);
    return unknown_word("--state", wanted.state, fmt::format("{}", fmt::join(names, ", ")));
  }
  if (!wanted.operation.empty() && !request.operation)
    return unknown_word("--operation", wanted.operation, "deploy, rollback, promote or configure");
  return request;
}

int history(const options& given, const history_options& wanted) {
  auto request = make_request(given, wanted);
  if (!request)
    return fail(given, request.error());
  return list<protocol::history_list>(given, *request,
                                      [](const auto& page, const client::look& how) {
                                        return client::history_text(page, client::wall_time(), how);
                                      });
}

int versions(const options& given) {
  auto app = app_of(given);
  if (!app)
    return fail(given, app.error());
  return show(
      given,
      [&](client::conversation& talk) {
        return client::ask_versions(talk, {unless_empty(*app), {}});
      },
      [](const auto& found, const client::look& how) {
        return client::versions_text(found, client::wall_time(), how);
      });
}

void add_history(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<history_options>();
  auto* command = add_command(program, given,
                              {"history", "Look", "List deployments, newest first",
                               "Filters may be combined. If there are more deployments, the cursor "
                               "for the next page is printed.",
                               "  pawl history -a shop --state failed --since 7d\n"
                               "  pawl history --commit 1f3a --json"});
  add_app(*command, given);
  add_cluster(*command, given);
  command
      ->add_option("-n,--limit", wanted->limit,
                   "The number of deployments, at most 1000 (default: 20)")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{1}, static_cast<std::uint32_t>(limits::history_page_max)));
  const auto filter = [command](const char* name, std::string& value, const char* kind,
                                const char* what) {
    command->add_option(name, value, what)->type_name(kind);
  };
  filter("--cursor", wanted->cursor, "CURSOR", "The cursor that the page before printed");
  filter("--state", wanted->state, "STATE", "Only those in this state");
  filter("--operation", wanted->operation, "OPERATION",
         "Only deploy, rollback, promote or configure");
  filter("--by", wanted->by, "WHO", "Only those that this user asked for");
  filter("--commit", wanted->commit, "SHA", "Only those of a commit, by the start of its id");
  filter(
      "--since", wanted->since, "TIME",
      "Only those made since this time: a date, a time, or a duration before now such as 2h or 7d");
  filter("--until", wanted->until, "TIME", "Only those made before this time");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return history(given, *wanted); }; });
}

} // namespace

void add_listings(CLI::App& program, options& given, runner& chosen) {
  auto* command = add_command(program, given,
                              {"status", "Watch", "Show what is active, in flight and queued",
                               "For each app and cluster: the active version with its age, URL and "
                               "instances, the deployment in flight, and those that are queued.",
                               "  pawl status\n"
                               "  pawl status -a shop -C production"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback([&given, &chosen] { chosen = [&given] { return status(given); }; });
  add_history(program, given, chosen);
  command = add_command(
      program, given,
      {"versions", "Look", "List an app's versions",
       "With the clusters where each version is active, and whether a rollback to it is possible.",
       "  pawl versions -a shop"});
  add_app(*command, given);
  command->callback([&given, &chosen] { chosen = [&given] { return versions(given); }; });
  command = add_command(program, given,
                        {"apps", "Look", "List the apps",
                         "Prints every app that was deployed and not destroyed, with its clusters.",
                         "  pawl apps --json"});
  command->callback([&given, &chosen] {
    chosen = [&given] {
      return list<protocol::app_list>(given, protocol::apps_request{}, client::apps_text);
    };
  });
  command = add_command(program, given,
                        {"clusters", "Look", "List the clusters",
                         "The places where apps run, as the server's configuration names them.",
                         "  pawl clusters"});
  command->callback([&given, &chosen] {
    chosen = [&given] {
      return list<protocol::cluster_list>(given, protocol::clusters_request{},
                                          client::clusters_text);
    };
  });
}

} // namespace pawl::cli
