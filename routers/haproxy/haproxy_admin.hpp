// Talks to a running HAProxy over its stats socket, one connection for each call.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/socket_wait.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pawl {

inline constexpr const char* haproxy_socket_name = "router.sock";
inline constexpr int haproxy_poll_ms = 20; // HAProxy announces no change: it is asked again

// What `show info` says of the process that answers.
struct haproxy_identity {
  pid_t pid = 0;
  std::string description; // as its configuration has it: names the configuration's generation
};

struct haproxy_command {
  std::string text;    // without a line feed or a semicolon
  bool silent = false; // answers nothing when it succeeds, and why not when it is refused
};

class haproxy_admin {
public:
  // The directory that holds the socket. It may be as deep as it likes: the socket is reached
  // through the directory's descriptor, as a socket's own path has room for 107 bytes only.
  explicit haproxy_admin(std::filesystem::path directory);

  // Commands in one go: a connection, and the wake-ups of an answer, take longer than most commands
  // do. Gives an answer for each, without the line feeds at its end. All are carried out, also
  // those after one that is refused. unavailable if nobody answers within 5 s, or, with HAProxy's
  // words, if a silent one was refused.
  result<std::vector<std::string>> ask_each(const std::vector<haproxy_command>& commands) const;

  result<std::string> ask(const std::string& command) const;

  // Who answers on the socket.
  result<haproxy_identity> identity() const;

private:
  result<descriptor> connect(deadline until) const;

  std::filesystem::path directory_;
};

} // namespace pawl
