// Asks one Docker daemon, in the highest version of its API that both know. Any thread, several at
// once. Blocks, for the limit of a call at most.
#pragma once

#include "engines/docker/api_transfer.hpp"

#include <atomic>

namespace pawl {

// The minor numbers of the versions 1.N that this client knows. Builds need 1.29 (`target`); newer
// daemons refuse versions below 1.44.
inline constexpr int oldest_api = 29;
inline constexpr int newest_api = 44;

class api_client {
public:
  explicit api_client(std::filesystem::path socket) : socket_(std::move(socket)) {}

  const std::filesystem::path& socket() const { return socket_; }

  // Agrees on a version anew: the daemon may be another one. unavailable if there is none.
  result<void> negotiate();

  // The answer, with any status, or an error as ended_transfer says. The target has no version;
  // "/containers/json".
  result<api_answer> call(api_call what, const std::stop_token& stop = {});

  // A call of this target with its version, for a transfer of the caller's own.
  result<std::string> versioned(const std::string& target);

  // Waits until a daemon answers; unavailable if none does within `most`, cancelled.
  result<void> wait_for_daemon(std::chrono::milliseconds most, const std::stop_token& stop);

private:
  const std::filesystem::path socket_;
  std::atomic<int> version_ = 0; // 0: not agreed yet
};

// Whether the error means that no daemon is there, or that it has just ended: it may come back.
bool is_outage(const error& why);

// The message of an answer that is no success.
std::string message_in(const api_answer& answer);

// The error for it: not_found, resource_exhausted for a full disk, otherwise unavailable. `doing`
// goes on after "refused to".
error refusal_of(const api_answer& answer, std::string_view doing);

// A text as a part of a path or a query.
std::string url_part(std::string_view text);

} // namespace pawl
