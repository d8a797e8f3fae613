#include "engines/docker/container_look.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <charconv>

namespace pawl {

namespace {

constexpr long no_such_container = 404;
constexpr long being_removed = 409;

// The first address of a network that it has.
std::string ip_in(const json& container) {
  const auto& networks = member(member(container, "NetworkSettings"), "Networks");
  if (networks.is_object())
    for (const auto& [name, network] : networks.items())
      if (auto ip = text_in(network, "IPAddress"); !ip.empty())
        return ip;
  return {};
}

std::uint64_t number_in_text(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The last one of its HEALTHCHECK that has ended.
std::optional<probe_answer> check_in(const json& state) {
  constexpr std::size_t said_bytes = 500;
  const auto& health = member(state, "Health");
  const auto status = text_in(health, "Status");
  if (status.empty() || status == "none")
    return std::nullopt;
  probe_answer answer{status == "healthy", "the image's HEALTHCHECK: " + status};
  const auto& log = member(health, "Log");
  if (!log.is_array() || log.empty())
    return answer;
  answer.answered = true;
  auto said = text_in(log.back(), "Output");
  while (said.ends_with('\n'))
    said.pop_back();
  answer.detail += fmt::format(", exit status {}{}{}", number_in(log.back(), "ExitCode"),
                               said.empty() ? "" : ": ", cut_utf8(printable(said), said_bytes));
  return answer;
}

container_look look_of(const json& container) {
  const auto& labels = member(member(container, "Config"), "Labels");
  const auto& state = member(container, "State");
  const auto status = text_in(state, "Status");
  container_look look;
  look.id = text_in(container, "Id");
  look.seen.name = text_in(labels, name_label);
  look.seen.deployment = text_in(labels, deployment_label);
  look.seen.lane = {text_in(labels, app_label), text_in(labels, cluster_label)};
  look.own_check = check_in(state);
  look.started = status != "created";
  if (truth_of(member(state, "Running"))) {
    look.pid = static_cast<pid_t>(number_in(state, "Pid"));
  } else {
    look.seen.state = instance_state::exited;
    if (look.started)
      look.seen.exit_status = static_cast<int>(number_in(state, "ExitCode"));
    look.seen.out_of_memory = truth_of(member(state, "OOMKilled"));
  }
  const auto port = number_in_text(text_in(labels, port_label));
  if (const auto ip = ip_in(container); !ip.empty() && port != 0)
    look.seen.address = fmt::format("{}:{}", ip, port);
  return look;
}

} // namespace

result<container_look> look_at_container(api_client& client, const std::string& which) {
  auto answer = client.call({.target = fmt::format("/containers/{}/json", url_part(which))});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "show the container " + which);
  return look_of(parse_json(answer->body));
}

result<std::vector<std::string>> find_containers(const docker_host& host, const label_map& labels) {
  auto answer = host.client().call({.target = "/containers/json?all=1&" + host.filter_for(labels)});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "list containers");
  const auto found = parse_json(answer->body);
  if (!found.is_array())
    return error{errc::unavailable, "the Docker daemon's list of containers is no list", {}};
  std::vector<std::string> ids;
  for (const auto& one : found)
    ids.push_back(text_in(one, "Id"));
  return ids;
}

result<void> remove_container(api_client& client, const std::string& which) {
  auto answer = client.call(
      {.method = "DELETE", .target = fmt::format("/containers/{}?force=1&v=1", url_part(which))});
  if (!answer)
    return std::move(answer).error();
  if (answer->success() || answer->status == no_such_container || answer->status == being_removed)
    return {};
  return refusal_of(*answer, "remove the container " + which);
}

} // namespace pawl
