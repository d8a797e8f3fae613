// Talks to a running HAProxy over its stats socket, one command a connection.
#pragma once

#include "engines/socket_descriptor.hpp"
#include "lifecycle/result.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>

namespace pawl {

inline constexpr const char* haproxy_socket_name = "router.sock";
inline constexpr int haproxy_poll_ms = 20; // HAProxy announces no change: it is asked again

// What `show info` says of the process that answers.
struct haproxy_identity {
  pid_t pid = 0;
  std::string description; // as its configuration has it: names the configuration's generation
};

class haproxy_admin {
public:
  // The directory that holds the socket. It may be as deep as it likes: the socket is reached
  // through the directory's descriptor, as a socket's own path has room for 107 bytes only.
  explicit haproxy_admin(std::filesystem::path directory);

  // One command, without a line feed; gives HAProxy's answer without the empty lines at its end.
  // unavailable if nobody answers within 5 s.
  result<std::string> ask(const std::string& command) const;

  // The same for a command that answers nothing when it succeeds; otherwise unavailable, with
  // HAProxy's words.
  result<void> tell(const std::string& command) const;

  // Who answers on the socket.
  result<haproxy_identity> identity() const;

private:
  result<socket_descriptor> connect(deadline until) const;

  std::filesystem::path directory_;
};

} // namespace pawl
