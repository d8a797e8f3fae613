// pawl freeze, unfreeze and audit.

#include "bin/pawl/following.hpp"
#include "bin/pawl/listing.hpp"
#include "client/terminal/text_audit.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>

namespace pawl::cli {

namespace {

struct freeze_options {
  std::string reason;
  std::string until;
};

struct audit_options {
  std::uint32_t limit = limits::history_page_default;
  std::string cursor;
  std::string by;
  std::string action;
  std::string since;
  std::string until;
};

// The lanes that the options name; neither an app nor a cluster is all.
result<freeze_scope> scope_of(const options& given) {
  auto app = app_of(given);
  if (!app)
    return std::move(app).error();
  auto cluster = cluster_of(given);
  if (!cluster)
    return std::move(cluster).error();
  return freeze_scope{unless_empty(*app), unless_empty(*cluster)};
}

result<std::optional<timestamp>> end_of(const std::string& text) {
  if (text.empty())
    return std::optional<timestamp>{};
  if (auto end = client::parse_end(text, client::wall_time()))
    return end;
  return error{
      errc::invalid_argument,
      fmt::format("--until \"{}\" is not known: use a time such as 2026-01-31T12:00:00Z, a "
                  "date, or a duration from now such as 2h or 3d",
                  printable(text)),
      {}};
}

int freeze(const options& given, const freeze_options& wanted) {
  auto scope = scope_of(given);
  if (!scope)
    return fail(given, scope.error());
  auto until = end_of(wanted.until);
  if (!until)
    return fail(given, until.error());
  return list<protocol::frozen>(
      given, protocol::freeze_request{scope->app, scope->cluster, wanted.reason, *until},
      client::frozen_text);
}

int unfreeze(const options& given) {
  auto scope = scope_of(given);
  if (!scope)
    return fail(given, scope.error());
  return list<protocol::unfrozen>(given, protocol::unfreeze_request{scope->app, scope->cluster},
                                  client::unfrozen_text);
}

int audit(const options& given, const audit_options& wanted) {
  auto app = app_of(given);
  if (!app)
    return fail(given, app.error());
  auto since = time_of("--since", wanted.since);
  if (!since)
    return fail(given, since.error());
  auto until = time_of("--until", wanted.until);
  if (!until)
    return fail(given, until.error());
  return list<protocol::audit_list>(
      given,
      protocol::audit_request{unless_empty(*app), unless_empty(wanted.by),
                              unless_empty(wanted.action), *since, *until, wanted.limit,
                              unless_empty(wanted.cursor)},
      client::audit_text);
}

void add_freezes(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<freeze_options>();
  auto* command =
      add_command(program, given,
                  {"freeze", "Ship", "Keep deploys and promotions from beginning",
                   "Those of one app or all, in one cluster or all, are refused until the freeze "
                   "ends or is lifted; those that wait in a queue fail when their turn comes. What "
                   "is in flight goes on. A cancel and a rollback are always allowed.",
                   "  pawl freeze -C production --reason \"The yearly sale\" --until 3d\n"
                   "  pawl freeze -a shop --reason \"Incident 17\""});
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("--reason", wanted->reason, "Why: those who are refused read it")
      ->required()
      ->type_name("TEXT");
  command
      ->add_option("--until", wanted->until,
                   "The end: a time, a date, or a duration from now such as 2h or 3d (default: "
                   "until pawl unfreeze)")
      ->type_name("TIME");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return freeze(given, *wanted); }; });
  command = add_command(program, given,
                        {"unfreeze", "Ship", "Lift a freeze",
                         "Ends the freeze of exactly this app and cluster. Windows of the server's "
                         "configuration are not lifted by it.",
                         "  pawl unfreeze -C production"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback([&given, &chosen] { chosen = [&given] { return unfreeze(given); }; });
}

} // namespace

void add_auditing(CLI::App& program, options& given, runner& chosen) {
  add_freezes(program, given, chosen);
  auto wanted = std::make_shared<audit_options>();
  auto* command = add_command(
      program, given,
      {"audit", "Look", "List who asked for what, newest first",
       "Every request that changes something, every refusal for want of rights, and failed logins, "
       "counted by address and minute. Filters may be combined.",
       "  pawl audit -a shop --since 7d\n"
       "  pawl audit --action override_freeze --json"});
  add_app(*command, given);
  command
      ->add_option("-n,--limit", wanted->limit, "The number of records, at most 1000 (default: 20)")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{1}, static_cast<std::uint32_t>(limits::history_page_max)));
  const auto filter = [command](const char* name, std::string& value, const char* kind,
                                const char* what) {
    command->add_option(name, value, what)->type_name(kind);
  };
  filter("--cursor", wanted->cursor, "CURSOR", "The cursor that the page before printed");
  filter("--by", wanted->by, "WHO", "Only what this user asked for");
  filter("--action", wanted->action, "ACTION", "Only this, such as deploy, freeze or login");
  filter("--since", wanted->since, "TIME",
         "Only records since this time: a date, a time, or a duration before now such as 2h or 7d");
  filter("--until", wanted->until, "TIME", "Only records before this time");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return audit(given, *wanted); }; });
}

} // namespace pawl::cli
