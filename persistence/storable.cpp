#include "persistence/storable.hpp"

#include "persistence/lmdb/records.hpp"
#include "persistence/lmdb/schema.hpp"
#include "protocol/messages.hpp"
#include "protocol/text_size.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr std::size_t id_bytes_max = 64; // a key of the journals fits LMDB with room to spare

error invalid(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

result<void> check_id(std::string_view id) {
  bool fits = !id.empty() && id.size() <= id_bytes_max && id.front() != schema::time_mark &&
              std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (fits)
    return {};
  return invalid(fmt::format("a deployment's id has 1 to {} printable characters, no spaces, and "
                             "does not begin with {}",
                             id_bytes_max, schema::time_mark));
}

result<void> check_lane(std::string_view app, std::string_view cluster) {
  auto good = check_name("app", app);
  return good ? check_name("cluster", cluster) : good;
}

// A value that could not be read again, such as a year of five digits, must not be written.
template <class T>
result<void> check_readable(std::string_view what, std::string_view name, const T& value) {
  if (records::is_readable(value))
    return {};
  return invalid(fmt::format("{} {} holds a time or a number that cannot be stored", what, name));
}

bool is_storable(timestamp time) {
  constexpr std::chrono::sys_days end{std::chrono::year{10000} / std::chrono::January / 1};
  return time >= timestamp{} && time < end;
}

result<void> check_deployment(const deployment& d) {
  if (auto good = check_id(d.id); !good)
    return good;
  if (auto good = check_lane(d.app, d.cluster); !good)
    return good;
  if (!d.request_id.empty())
    if (auto good = check_request_id(d.request_id); !good)
      return good;
  if (auto good = protocol::check_fits_answers(d); !good)
    return invalid(good.error().message);
  return check_readable("deployment", d.id, d);
}

// The state machine tells which states need a version; the number may come with the same change.
result<void> check_has_version(const change& wanted, const deployment& d) {
  bool given = wanted.version && wanted.version->deployment == d.id;
  if (d.version || given || !needs_version(d.state))
    return {};
  return error{errc::invalid_transition,
               fmt::format("deployment {} would be {} without a version", d.id, to_string(d.state)),
               {{"deployment", d.id}}};
}

result<void> check_version(const change& wanted, const version_record& version) {
  if (auto good = check_lane(version.app, version.cluster); !good)
    return good;
  auto owner =
      std::find_if(wanted.deployments.begin(), wanted.deployments.end(), [&](const deployment& d) {
        return d.id == version.deployment && d.app == version.app;
      });
  if (owner == wanted.deployments.end())
    return invalid(fmt::format("a version of {} is given to deployment {}, which is not in the "
                               "change",
                               version.app, version.deployment));
  auto numbered = version;
  numbered.number = version_number{1}; // the store's to give
  return check_readable("a version of", version.app, numbered);
}

// Also a key of the store, which has no empty ones.
result<void> check_host(std::string_view host) {
  if (!host.empty() && host.size() <= limits::host_name_bytes &&
      std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7f; }))
    return {};
  return invalid(
      fmt::format("a host name has 1 to {} printable characters; \"{:.{}}\" has {}. Give "
                  "[router] a shorter domain, or the app a shorter name",
                  limits::host_name_bytes, host, limits::host_name_bytes, host.size()));
}

result<void> check_hosts(const change& wanted) {
  for (const auto& released : wanted.released_hosts)
    if (auto good = check_host(released); !good)
      return good;
  for (const auto& claim : wanted.hosts) {
    if (auto good = check_host(claim.host); !good)
      return good;
    if (auto good = check_lane(claim.lane.app, claim.lane.cluster); !good)
      return good;
    if (std::count_if(wanted.hosts.begin(), wanted.hosts.end(),
                      [&](const auto& other) { return other.host == claim.host; }) > 1)
      return invalid(fmt::format("host name {} is in the change twice", claim.host));
  }
  return {};
}

result<void> check_token(const std::optional<token_record>& token) {
  if (!token)
    return {};
  if (auto good = check_name("token", token->name); !good)
    return good;
  if (auto good = check_grant(token->grant); !good)
    return good;
  if (!is_digest(token->digest))
    return invalid(fmt::format("token {} has no digest", token->name));
  if (token->created_by.empty() || token->created_by.size() > limits::user_name_bytes)
    return invalid(fmt::format("token {} is created by a user whose name has 1 to {} bytes",
                               token->name, limits::user_name_bytes));
  return check_readable("token", token->name, *token);
}

result<void> check_append(const journal_append& append) {
  if (auto good = check_id(append.deployment); !good)
    return good;
  for (const auto& event : append.events) {
    if (event.seq != 0)
      return invalid(fmt::format("event {} of {} has a number before the store gave it one",
                                 event.seq, append.deployment));
    if (protocol::text_bytes(event.body) > limits::record_text_bytes)
      return invalid(fmt::format("an event of {} has more than {} bytes of text", append.deployment,
                                 limits::record_text_bytes));
    if (!is_storable(event.at))
      return invalid(
          fmt::format("an event of {} has a time that cannot be stored", append.deployment));
  }
  return {};
}

result<void> check_scope(const freeze_scope& scope) {
  auto app = scope.app ? check_name("app", *scope.app) : result<void>{};
  if (!app)
    return app;
  return scope.cluster ? check_name("cluster", *scope.cluster) : result<void>{};
}

result<void> check_freeze(const freeze_record& freeze) {
  if (auto good = check_scope(scope_of(freeze)); !good)
    return good;
  if (freeze.reason.empty() || freeze.reason.size() > limits::reason_bytes)
    return invalid(fmt::format("the reason of a freeze has 1 to {} bytes", limits::reason_bytes));
  if (freeze.by.empty() || freeze.by.size() > limits::audit_name_bytes)
    return invalid(fmt::format("a freeze is asked for by somebody whose name has 1 to {} bytes",
                               limits::audit_name_bytes));
  return check_readable("a freeze of", to_string(scope_of(freeze)), freeze);
}

result<void> check_audit(const audit_record& record) {
  auto cut = record;
  keep_within_limits(cut);
  if (cut != record || record.action.empty())
    return invalid(fmt::format("a record of the audit journal has an action, names of at most {} "
                               "bytes, and a detail of at most {}",
                               limits::audit_name_bytes, limits::audit_detail_bytes));
  return check_readable("an audit record of", record.by, record);
}

// A secret that is not sealed would be on the disk for all to read.
result<void> check_configuration(const change& wanted) {
  const auto& config = *wanted.configuration;
  if (auto good = check_lane(config.lane.app, config.lane.cluster); !good)
    return good;
  if (!wanted.lane || wanted.lane->lane != config.lane || wanted.lane->configs != config.number)
    return invalid(fmt::format("revision {} of a configuration comes without the record of its "
                               "lane {}/{}",
                               config.number, config.lane.app, config.lane.cluster));
  if (config.variables.size() > limits::variables)
    return invalid("a configuration has too many variables");
  for (const auto& one : config.variables) {
    if (auto good = check_variable_name(one.name); !good)
      return good;
    if (!one.clear.empty() || (one.is_secret && !one.is_sealed()))
      return invalid(fmt::format("the secret {} is not sealed", one.name));
  }
  return check_readable("a configuration of", config.lane.app, config);
}

} // namespace

result<void> check_storable(const change& wanted) {
  const auto& list = wanted.deployments;
  for (const auto& d : list) {
    if (auto good = check_deployment(d); !good)
      return good;
    if (auto good = check_has_version(wanted, d); !good)
      return good;
    if (std::count_if(list.begin(), list.end(),
                      [&](const auto& other) { return other.id == d.id; }) > 1)
      return invalid(fmt::format("deployment {} is in the change twice", d.id));
  }
  if (wanted.lane) {
    if (auto good = check_lane(wanted.lane->lane.app, wanted.lane->lane.cluster); !good)
      return good;
    if (auto good = check_readable("lane", wanted.lane->lane.app, *wanted.lane); !good)
      return good;
  }
  if (wanted.version)
    if (auto good = check_version(wanted, *wanted.version); !good)
      return good;
  for (const auto& append : wanted.journal)
    if (auto good = check_append(append); !good)
      return good;
  for (const auto* token : {&wanted.token, &wanted.revoked_token})
    if (auto good = check_token(*token); !good)
      return good;
  if (wanted.configuration)
    if (auto good = check_configuration(wanted); !good)
      return good;
  if (wanted.freeze)
    if (auto good = check_freeze(*wanted.freeze); !good)
      return good;
  if (wanted.unfrozen)
    if (auto good = check_scope(*wanted.unfrozen); !good)
      return good;
  for (const auto& record : wanted.audit)
    if (auto good = check_audit(record); !good)
      return good;
  return check_hosts(wanted);
}

error no_room_for_token() {
  return {errc::resource_exhausted,
          fmt::format("this server has {} tokens, and that is the most: look with pawl token list, "
                      "and revoke those that nobody uses",
                      limits::tokens),
          {}};
}

error no_configuration(const lane_key& lane, config_number number) {
  return {errc::not_found,
          fmt::format("{} in {} has no revision {} of its configuration (the newest {} are kept); "
                      "pawl env history -a {} -C {} lists them",
                      lane.app, lane.cluster, number, limits::config_revisions, lane.app,
                      lane.cluster),
          {{"config", std::to_string(number)}}};
}

result<void> check_configs(const change& wanted, config_number stored) {
  const auto expected = stored + (wanted.configuration ? 1U : 0U);
  if (wanted.lane->configs == expected)
    return {};
  return error{errc::invalid_transition,
               fmt::format("the lane has {} revisions of its configuration, and the change would "
                           "make it {}",
                           stored, wanted.lane->configs),
               {{"lane", wanted.lane->lane.app + "/" + wanted.lane->lane.cluster}}};
}

error no_room_for_freeze() {
  return {errc::resource_exhausted,
          fmt::format("{} freezes are set, which is the most: lift some (pawl unfreeze), or freeze "
                      "a whole cluster",
                      limits::freezes),
          {}};
}

error not_frozen(const freeze_scope& scope, const std::vector<freeze_record>& known) {
  constexpr std::size_t shown = 5;
  std::string others;
  for (std::size_t i = 0; i < std::min(known.size(), shown); ++i)
    others += fmt::format("{}pawl unfreeze{}", i == 0 ? "" : ", ", options_of(scope_of(known[i])));
  return {errc::not_found,
          fmt::format("{} {} not frozen by itself, and nothing was changed; {}", to_string(scope),
                      scope.app ? "is" : "are",
                      others.empty() ? "no freeze is set (windows of a week are in the server's "
                                       "configuration)"
                                     : "the freezes that are set are lifted with: " + others),
          {}};
}

bool is_storable_name(std::string_view text) {
  return check_name("app", text).has_value();
}

} // namespace pawl
