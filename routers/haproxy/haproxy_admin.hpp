// Sends commands to a running HAProxy over its stats socket, one connection for each call. Blocks;
// one thread at a time.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/socket_wait.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pawl {

inline constexpr const char* haproxy_socket_name = "router.sock";
inline constexpr int haproxy_poll_ms = 20; // between two questions: HAProxy announces no change

// The process that answers on the socket, from `show info`.
struct haproxy_identity {
  pid_t pid = 0;
  std::string description; // from its configuration: names the configuration's generation
};

struct haproxy_command {
  std::string text;    // without a line feed or a semicolon
  bool silent = false; // answers only if it is refused: with the reason
};

class haproxy_admin {
public:
  // The directory that holds the socket. Its path may be longer than the 107 bytes that a socket's
  // path can have: the socket is reached through the directory's descriptor.
  explicit haproxy_admin(std::filesystem::path directory);

  // Sends several commands over one connection, which takes longer than most commands. Gives an
  // answer for each, without line feeds at its end. All commands are carried out, also those after
  // a refused one. unavailable if HAProxy does not answer within 5 s, or, with its words, if it
  // refused a silent command.
  result<std::vector<std::string>> ask_each(const std::vector<haproxy_command>& commands) const;

  result<std::string> ask(const std::string& command) const;

  // The process that answers on the socket.
  result<haproxy_identity> identity() const;

private:
  result<descriptor> connect(deadline until) const;

  std::filesystem::path directory_;
};

} // namespace pawl
