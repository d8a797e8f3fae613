// pawl rollback and pawl promote: release a version that exists already.

#include "bin/pawl/following.hpp"
#include "client/terminal/text_plan.hpp"
#include "client/terminal/text_records.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

struct release_options {
  std::string version;
  std::string message;
  std::string override_freeze; // of a promotion
  bool plan = false;
  bool keep_config = false;
  bool detach = false;
};

result<version_number> version_of(const std::string& text) {
  if (auto version = parse_version(text))
    return *version;
  return error{
      errc::invalid_argument,
      fmt::format("\"{}\" is not a version; versions are v1, v2, …; to see them: pawl versions",
                  printable(text)),
      {}};
}

int follow(const options& given, const protocol::message& request, bool detach) {
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get()};
  client::conversation talk{*connect, shows, interrupts.get()};
  auto end = talk.start(request, detach);
  return shows.finish(talk, end, "", detach && end.detached && !talk.was_interrupted());
}

int plan(const options& given, const protocol::rollback_request& request) {
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  viewer shows{given, -1};
  auto answer = client::conversation{*connect, shows}.ask(request);
  if (!answer)
    return fail(given, answer.error());
  const auto* planned = std::get_if<protocol::planned>(&*answer);
  if (planned == nullptr)
    return fail(given, client::unexpected_answer());
  write_to(STDOUT_FILENO, given.json ? json::document(*planned) + "\n"
                                     : client::plan_text(*planned, look_of(STDOUT_FILENO)));
  return 0;
}

template <class Request>
result<Request> make_request(const options& given, const release_options& wanted) {
  auto app = required_app(given);
  if (!app)
    return std::move(app).error();
  // The cluster of a manifest is where it is deployed to, and no target of a promotion.
  constexpr bool goes_elsewhere = std::is_same_v<Request, protocol::promote_request>;
  auto cluster = goes_elsewhere ? cluster_of(given) : cluster_of(given, *app);
  if (!cluster)
    return std::move(cluster).error();
  auto message = message_of(wanted.message);
  if (!message)
    return std::move(message).error();
  Request request;
  request.request_id = make_request_id();
  request.app = *app;
  request.cluster = *cluster;
  request.message = *message;
  return request;
}

int rollback(const options& given, const release_options& wanted) {
  auto request = make_request<protocol::rollback_request>(given, wanted);
  if (!request)
    return fail(given, request.error());
  if (!wanted.version.empty()) {
    auto version = version_of(wanted.version);
    if (!version)
      return fail(given, version.error());
    request->version = *version;
  }
  request->plan_only = wanted.plan;
  request->keep_config = wanted.keep_config;
  return wanted.plan ? plan(given, *request) : follow(given, *request, wanted.detach);
}

int promote(const options& given, const release_options& wanted) {
  auto request = make_request<protocol::promote_request>(given, wanted);
  if (!request)
    return fail(given, request.error());
  auto version = version_of(wanted.version);
  if (!version)
    return fail(given, version.error());
  request->version = *version;
  if (!wanted.override_freeze.empty())
    request->override_freeze = wanted.override_freeze;
  return follow(given, *request, wanted.detach);
}

} // namespace

void add_releases(CLI::App& program, options& given, runner& chosen) {
  auto back = std::make_shared<release_options>();
  auto* command =
      add_command(program, given,
                  {"rollback", "Ship", "Release again a version that was live before",
                   "Without a version: the one last active before the present one, skipping those "
                   "that were rolled back, so that a second rollback goes further back. Nothing is "
                   "built. The version gets the variables that it ran with last.",
                   "  pawl rollback -a shop --plan\n"
                   "  pawl rollback v6 -a shop -m \"The new cart loses items\"",
                   exits::follows});
  command
      ->add_option("version", back->version,
                   "The version (default: the one last active before the present one)")
      ->type_name("VERSION");
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("-m,--message", back->message, "The reason, which the record keeps")
      ->type_name("TEXT");
  command->add_flag("--plan", back->plan, "Print what would happen, and change nothing");
  command->add_flag("--keep-config", back->keep_config,
                    "Keep the present variables, not those that the version ran with");
  command->add_flag("--detach", back->detach, "Exit when the deployment has begun; it goes on");
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, back] { chosen = [&given, back] { return rollback(given, *back); }; });

  auto onward = std::make_shared<release_options>();
  command = add_command(program, given,
                        {"promote", "Ship", "Release a version that another cluster built",
                         "Releases the same artifact as in that cluster; nothing is built.",
                         "  pawl promote v7 -a shop --to production", exits::follows});
  command->add_option("version", onward->version, "The version")->required()->type_name("VERSION");
  add_app(*command, given);
  command->add_option("--to,-C,--cluster", given.cluster, "The cluster to release the version in")
      ->type_name("CLUSTER")
      ->required();
  command->add_option("-m,--message", onward->message, "The reason, which the record keeps")
      ->type_name("TEXT");
  command->add_flag("--detach", onward->detach, "Exit when the deployment has begun; it goes on");
  add_override_freeze(*command, onward->override_freeze);
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, onward] { chosen = [&given, onward] { return promote(given, *onward); }; });
}

} // namespace pawl::cli
