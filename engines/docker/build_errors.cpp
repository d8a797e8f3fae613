#include "engines/docker/build_errors.hpp"

#include "engines/commands/shown.hpp"
#include "engines/docker/api_client.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <csignal>

namespace pawl {

namespace {

constexpr std::size_t plain_message_bytes = 2000; // bytes of a message of the daemon's

bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

// Words that only BuildKit knows, and what to write instead; "" for others.
std::string classic_remedy_of(const std::string& message) {
  constexpr std::string_view classic =
      "the server builds with the classic builder of the Docker Engine, and this is only known to "
      "BuildKit";
  if (says(message, "requires BuildKit"))
    return fmt::format("; {}: write the step without the option", classic);
  if (says(message, "Unknown flag"))
    return fmt::format("; if it is no mistake, {}: write the step without the flag", classic);
  if (says(message, "unknown instruction"))
    return fmt::format("; if it is a line of a here-document (<<), {}: write the commands with && "
                       "or copy a file",
                       classic);
  if (says(message, "failed to parse platform"))
    return fmt::format("; if it is a variable such as $BUILDPLATFORM, {}: name the platform, or "
                       "leave it out",
                       classic);
  return {};
}

bool says_unreachable(const std::string& message) {
  return says(message, "dial tcp") || says(message, "i/o timeout") ||
         says(message, "TLS handshake") || says(message, "Client.Timeout");
}

// Words of the daemon's, and the remedy for them; "" for others.
std::string remedy_of(const std::string& message) {
  if (says(message, "no space left on device"))
    return "; make room on the disk of the Docker daemon (docker system df shows what takes it)";
  if (says(message, "pull access denied") || says(message, "unauthorized") ||
      says(message, "no basic auth credentials"))
    return "; correct the image's name, or give the server a [registry] with a login for it";
  if (says(message, "manifest unknown") || says(message, "manifest for"))
    return "; correct the image's tag";
  if (says(message, "no matching manifest"))
    return "; name an image that is made for this machine's processor";
  if (says_unreachable(message))
    return "; the registry cannot be reached from the Docker daemon: deploy again when it can, or "
           "correct the image's name";
  return classic_remedy_of(message);
}

errc code_of(const std::string& message) {
  return says(message, "no space left on device") ? errc::resource_exhausted : errc::build_failed;
}

std::string plain(const std::string& message) {
  return std::string{cut_utf8(printable(message), plain_message_bytes)};
}

} // namespace

error build_refused(const api_answer& answer, const manifest& settings) {
  const auto message = message_in(answer);
  if (says(message, "ockerfile parse error") || says(message, "unknown instruction") ||
      says(message, "cannot be empty") || says(message, "file with no instructions"))
    return {errc::build_failed,
            fmt::format("the {} cannot be read: {}{}", settings.build.dockerfile, message,
                        classic_remedy_of(message)),
            {}};
  return {code_of(message),
          fmt::format("the Docker daemon refused the build: {}{}", message, remedy_of(message)),
          {}};
}

error step_failed(const build_problem& problem, std::uint64_t memory_bytes) {
  constexpr int killed = 128 + SIGKILL;
  const auto message = plain(problem.message);
  error why{
      code_of(message), fmt::format("the build failed: {}{}", message, remedy_of(message)), {}};
  if (!problem.exit_status)
    return why;
  const auto status = *problem.exit_status;
  why.details["exit_status"] = std::to_string(status);
  if (status > 128 && status < 128 + NSIG)
    why.details["signal"] = std::to_string(status - 128);
  if (status == killed)
    why.message +=
        fmt::format("; it was killed, most likely because it used more than {} of memory",
                    shown_bytes(memory_bytes));
  return why;
}

error pull_failed(const std::string& image, const std::string& message) {
  error why{
      code_of(message),
      fmt::format("the image {} was not given: {}{}", image, plain(message), remedy_of(message)),
      {}};
  if (says_unreachable(message))
    why.details["reason"] = "registry";
  return why;
}

bool is_registry_outage(const error& why) {
  const auto reason = why.details.find("reason");
  return reason != why.details.end() && reason->second == "registry";
}

} // namespace pawl
