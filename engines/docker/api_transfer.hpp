// One HTTP exchange with a Docker daemon on its Unix socket, and a set of exchanges that one thread
// goes on with. The only user of libcurl here: no proxy of the environment, no redirection, no
// signal.
#pragma once

#include "lifecycle/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

inline constexpr std::chrono::milliseconds api_limit{20'000}; // for a call that only asks

struct api_call {
  std::string method = "GET";
  std::string target;                    // path and query
  std::string body = {};                 // JSON
  std::vector<std::string> headers = {}; // further ones, "Name: value"
  // Streams the body instead: puts its next bytes into the buffer and gives their number, 0 at the
  // end; nothing gives the call up.
  std::function<std::optional<std::size_t>(std::span<char>)> upload = {};
  // Takes the body of a successful answer as it comes; false gives the call up. Without it the
  // body is kept.
  std::function<bool(std::string_view)> take = {};
  std::chrono::milliseconds limit = api_limit; // for all of it; 0: none
};

struct api_answer {
  long status = 0;
  std::string body = {}; // empty if it was streamed

  bool success() const { return status >= 200 && status < 300; }
};

// Used by one thread at a time; its callbacks are called on the thread that goes on with it.
class api_transfer {
public:
  api_transfer(std::filesystem::path socket, api_call call);
  ~api_transfer();
  api_transfer(const api_transfer&) = delete;
  api_transfer& operator=(const api_transfer&) = delete;

private:
  friend class transfer_set;
  struct state;

  std::unique_ptr<state> state_;
};

// The end of an exchange: an answer with any status, or
//   unavailable  no daemon is there (details: reason "absent", or "permission"), or it ended before
//                its answer did (reason "cut")
//   timed_out    the limit has passed
//   cancelled    a callback gave it up
//   too_large    a body that is kept has more than 16 MiB
struct ended_transfer {
  api_transfer* which = nullptr;
  result<api_answer> end;
};

// Used by one thread, except wake().
class transfer_set {
public:
  transfer_set();
  ~transfer_set();
  transfer_set(const transfer_set&) = delete;
  transfer_set& operator=(const transfer_set&) = delete;

  void add(api_transfer& which);
  void remove(api_transfer& which); // one that has not ended: its connection is closed

  // Goes on with all of them; waits until something happens, `most` at most. Those that have ended
  // are not in the set any more.
  std::vector<ended_transfer> step(std::chrono::milliseconds most);

  // Ends the waiting of step(), or of the next one. Any thread.
  void wake();

private:
  struct state;
  std::unique_ptr<state> state_;
};

// The whole exchange. cancelled as well when the token is stopped: the connection is closed then.
result<api_answer> perform(const std::filesystem::path& socket, api_call call,
                           const std::stop_token& stop);

} // namespace pawl
