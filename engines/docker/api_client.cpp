#include "engines/docker/api_client.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t daemon_message_bytes = 2000; // bytes of a message of the daemon's

// The N of "1.N"; 0 for something else.
int minor_of(const std::string& version) {
  int number = 0;
  if (!version.starts_with("1."))
    return 0;
  const auto* end = version.data() + version.size();
  auto [stopped, problem] = std::from_chars(version.data() + 2, end, number);
  return problem == std::errc{} && stopped == end ? number : 0;
}

error no_common_version(const std::filesystem::path& socket, const json& about) {
  const auto newest = text_in(about, "ApiVersion");
  const auto oldest = text_in(about, "MinAPIVersion");
  const bool old = minor_of(newest) < oldest_api;
  return {errc::unavailable,
          fmt::format("the Docker daemon at {} speaks the versions {} to {} of its API, this "
                      "server 1.{} to 1.{}: {}",
                      socket.string(), printable(oldest.empty() ? "?" : oldest),
                      printable(newest.empty() ? "?" : newest), oldest_api, newest_api,
                      old ? "install a newer Docker Engine" : "install a newer pawld"),
          {{"reason", "version"}}};
}

// Podman speaks some of this API. Its 4.3 refuses a build that names further hosts, as all builds
// of this server do, and gives no reason.
bool is_podman(const json& about) {
  const auto& parts = member(about, "Components");
  return parts.is_array() && !parts.empty() && text_in(parts.front(), "Name") == "Podman Engine";
}

error no_docker_engine(const std::filesystem::path& socket) {
  return {errc::unavailable,
          fmt::format("Podman answers at {}, which does not build as the Docker Engine does: "
                      "install the Docker Engine (package docker.io), and set `socket` of the "
                      "cluster to its socket",
                      socket.string()),
          {{"reason", "version"}}};
}

void pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any over;
  std::unique_lock lock{mutex};
  over.wait_for(lock, stop, time, [] { return false; });
}

} // namespace

result<void> api_client::negotiate() {
  auto answer = perform(socket_, {.target = "/version"}, {});
  if (!answer)
    return std::move(answer).error();
  const auto about = parse_json(answer->body);
  if (is_podman(about))
    return no_docker_engine(socket_);
  const int agreed = std::min(newest_api, minor_of(text_in(about, "ApiVersion")));
  const int least = std::max(oldest_api, minor_of(text_in(about, "MinAPIVersion")));
  if (!answer->success() || agreed < least)
    return no_common_version(socket_, about);
  version_ = agreed;
  return {};
}

result<std::string> api_client::versioned(const std::string& target) {
  if (version_ == 0)
    if (auto agreed = negotiate(); !agreed)
      return std::move(agreed).error();
  return fmt::format("/v1.{}{}", version_.load(), target);
}

result<api_answer> api_client::call(api_call what, const std::stop_token& stop) {
  auto target = versioned(what.target);
  if (!target)
    return std::move(target).error();
  what.target = *target;
  return perform(socket_, std::move(what), stop);
}

result<void> api_client::wait_for_daemon(std::chrono::milliseconds most,
                                         const std::stop_token& stop) {
  constexpr auto look_again = 200ms;
  const auto end = std::chrono::steady_clock::now() + most;
  while (true) {
    auto answered = negotiate();
    if (answered || !is_outage(answered.error()) || std::chrono::steady_clock::now() >= end)
      return answered;
    pause(look_again, stop);
    if (stop.stop_requested())
      return error{errc::cancelled, "the call to the Docker daemon was stopped on request", {}};
  }
}

bool is_outage(const error& why) {
  const auto reason = why.details.find("reason");
  return why.code == errc::unavailable && reason != why.details.end() &&
         (reason->second == "absent" || reason->second == "cut");
}

std::string message_in(const api_answer& answer) {
  const auto body = parse_json(answer.body);
  auto message = text_in(body, "message");
  if (message.empty())
    message = fmt::format("status {}", answer.status);
  while (message.ends_with('\n'))
    message.pop_back();
  return std::string{cut_utf8(printable(message), daemon_message_bytes)};
}

error refusal_of(const api_answer& answer, std::string_view doing) {
  constexpr long not_there = 404;
  auto message = message_in(answer);
  auto code = answer.status == not_there ? errc::not_found : errc::unavailable;
  std::string remedy;
  if (message.find("no space left on device") != std::string::npos) {
    code = errc::resource_exhausted;
    remedy = "; make room on the disk of the Docker daemon (docker system df shows what takes it)";
  }
  return {code, fmt::format("the Docker daemon refused to {}: {}{}", doing, message, remedy), {}};
}

std::string url_part(std::string_view text) {
  std::string coded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      coded += c;
    else
      coded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return coded;
}

} // namespace pawl
