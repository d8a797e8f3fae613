#include "protocol/json/documents.hpp"

#include "protocol/fields.hpp"

#include <nlohmann/json.hpp>

namespace pawl::json {

namespace {

using json = nlohmann::ordered_json;

template <class T>
concept listed = requires(const T& x) {
  fields([](std::string_view, const auto&) {}, x);
};

template <class T>
concept named = std::is_enum_v<T> && requires(T x) {
  to_string(x);
};

json value_of(bool x) {
  return x;
}
json value_of(std::uint64_t x) {
  return x;
}
json value_of(std::uint32_t x) {
  return x;
}
json value_of(const std::string& x) {
  return x;
}
json value_of(timestamp x) {
  return format_time(x);
}
json value_of(version_number x) {
  return to_string(x);
}
template <named T>
json value_of(T x) {
  return std::string{to_string(x)};
}
json value_of(const std::map<std::string, std::string>& x) {
  auto object = json::object();
  for (const auto& [key, mapped] : x)
    object[key] = mapped;
  return object;
}
// Its `detail` is for people, and no part of the contract.
json value_of(const protocol::instance_view& x) {
  return json{{"name", x.name},
              {"process", x.process.empty() ? "web" : x.process},
              {"state", x.state},
              {"address", x.address},
              {"restarts", x.restarts}};
}
json value_of(const protocol::lane_view& x);
template <listed T>
json value_of(const T& x);

template <class T>
json value_of(const std::optional<T>& x) {
  return x ? value_of(*x) : json(nullptr);
}
template <class T>
json value_of(const std::vector<T>& x) {
  auto array = json::array();
  for (const auto& member : x)
    array.push_back(value_of(member));
  return array;
}
template <listed T>
void add_fields(json& object, const T& x) {
  fields([&](std::string_view name,
             const auto& member) { object[std::string{name}] = value_of(member); },
         x);
}
template <listed T>
json value_of(const T& x) {
  auto object = json::object();
  add_fields(object, x);
  return object;
}

// Its `deadline` is for people too; `error`, `frozen`, `warm` and `stopped_at` are there
// only where there is one.
json value_of(const protocol::lane_view& x) {
  auto object = json::object();
  add_fields(object, x);
  object.erase("deadline");
  if (!x.error)
    object.erase("error");
  if (!x.frozen)
    object.erase("frozen");
  if (x.warm.empty())
    object.erase("warm");
  if (!x.stopped_at)
    object.erase("stopped_at");
  return object;
}

std::string line(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

void add_outcome(json& object, const std::optional<deployment>& record,
                 const std::optional<error>& problem) {
  if (record)
    object["deployment"] = value_of(*record);
  if (problem)
    object["error"] = value_of(*problem);
}

} // namespace

std::string deployment_document(const std::optional<deployment>& record,
                                const std::optional<error>& problem) {
  auto object = json::object();
  add_outcome(object, record, problem);
  return line(object);
}

std::string error_document(const error& problem) {
  return deployment_document(std::nullopt, problem);
}

std::string event_line(std::string_view deployment, const event& what) {
  auto object = json::object();
  object["deployment"] = std::string{deployment};
  object["seq"] = what.seq;
  object["at"] = value_of(what.at);
  object["event"] = std::string{kind(what.body)};
  std::visit([&](const auto& body) { add_fields(object, body); }, what.body);
  if (const auto* moved = std::get_if<state_event>(&what.body); moved != nullptr && !moved->error)
    object.erase("error");
  return line(object);
}

std::string result_line(const std::optional<deployment>& record,
                        const std::optional<error>& problem) {
  auto object = json::object();
  object["event"] = "result";
  add_outcome(object, record, problem);
  return line(object);
}

namespace {

void add_printed(json& object, const printed_line& printed) {
  object["instance"] = std::string{printed.instance};
  object["at"] = printed.at ? json(format_time(*printed.at)) : json();
  object["line"] = std::string{printed.text};
}

} // namespace

std::string log_entry(const printed_line& printed) {
  auto object = json::object();
  add_printed(object, printed);
  return line(object);
}

std::string log_event_line(const printed_line& printed) {
  auto object = json::object();
  object["event"] = "log";
  add_printed(object, printed);
  return line(object);
}

std::string skipped_line(std::string_view instance, std::uint64_t bytes) {
  auto object = json::object();
  object["event"] = "skipped";
  object["instance"] = std::string{instance};
  object["bytes"] = bytes;
  return line(object);
}

namespace {

json value_of(const listed_server& x) {
  return json{{"name", x.name},
              {"address", x.address},
              {"fingerprint", value_of(x.fingerprint)},
              {"current", x.current}};
}

} // namespace

std::string document(const std::vector<listed_server>& all) {
  auto servers = json::array();
  for (const auto& each : all)
    servers.push_back(value_of(each));
  return line(json{{"servers", std::move(servers)}});
}

std::string document(const logged_in& done) {
  return line(json{{"server", value_of(done.server)}, {"whoami", value_of(done.who)}});
}

std::string logged_out_document(std::string_view name) {
  return line(json{{"logged_out", std::string{name}}});
}

std::string document(const protocol::whoami& who) {
  return line(value_of(who));
}

std::string document(const new_server& made) {
  return line(json{{"config", made.config},
                   {"address", made.address},
                   {"fingerprint", made.fingerprint},
                   {"token", made.token ? json(made.token->reveal()) : json()}});
}

std::string document(const protocol::lane_list& list) {
  return line(json{{"lanes", value_of(list.lanes)}});
}
std::string document(const protocol::history_list& list) {
  auto object = value_of(list);
  if (list.damaged.empty()) // the contract knows a page without
    object.erase("damaged");
  return line(object);
}
std::string document(const protocol::version_list& list) {
  return line(json{{"versions", value_of(list.versions)}});
}
std::string document(const protocol::app_list& list) {
  return line(value_of(list));
}
std::string document(const protocol::cluster_list& list) {
  return line(value_of(list));
}
std::string document(const protocol::planned& plan) {
  auto object = json::object();
  object["plan"] = value_of(plan);
  return line(object);
}
std::string document(const protocol::configured& done) {
  return line(value_of(done));
}
std::string document(const protocol::variable_list& list) {
  auto object = value_of(list);
  object.erase("serves"); // for people
  return line(object);
}
std::string document(const protocol::config_list& list) {
  return line(value_of(list));
}
std::string document(const protocol::frozen& what) {
  return line(value_of(what));
}
std::string document(const protocol::unfrozen& what) {
  auto object = json::object();
  object["unfrozen"] = value_of(what.freeze);
  return line(object);
}
std::string document(const protocol::audit_list& list) {
  auto object = value_of(list);
  if (list.damaged.empty())
    object.erase("damaged");
  return line(object);
}
std::string document(const protocol::process_list& list) {
  return line(value_of(list));
}

std::string document(const protocol::destroyed& gone) {
  auto object = json::object();
  object["destroyed"] = value_of(gone);
  return line(object);
}
std::string document(const protocol::volume_list& list) {
  return line(value_of(list));
}
std::string document(const protocol::volume_removed& gone) {
  auto object = json::object();
  object["removed"] = value_of(gone);
  return line(object);
}
std::string document(const protocol::token_list& list) {
  return line(json{{"tokens", value_of(list.tokens)}});
}
std::string document(const protocol::token_revoked& gone) {
  auto object = json::object();
  object["revoked"] = gone.name;
  return line(object);
}
std::string document(const protocol::token_created& made) {
  auto object = json::object();
  object["name"] = made.name;
  object["token"] = std::string{made.token.reveal()};
  object["role"] = value_of(made.grant.role);
  object["apps"] = value_of(made.grant.apps);
  object["clusters"] = value_of(made.grant.clusters);
  object["expires_at"] = value_of(made.expires_at);
  return line(object);
}

} // namespace pawl::json
