// An HTTP/1.1 client that never tries again by itself: what is lost is seen to be lost.
#pragma once

#include "posix/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace pawl::test {

struct http_response {
  int status = 0;
  std::string headers; // the whole head, as it came
  std::string body;
};

// A URL's parts; only http://IP[:PORT][/PATH]. Throws std::invalid_argument for another.
struct http_url {
  std::string ip;
  std::uint16_t port = 80;
  std::string path = "/";

  static http_url parse(const std::string& text);
};

// One connection, kept alive. For one thread.
class http_client {
public:
  http_client(std::string ip, std::uint16_t port) : ip_(std::move(ip)), port_(port) {}
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  // A line ("NAME: VALUE") for the head of every request from here on.
  void say(const std::string& line) { further_ += line + "\r\n"; }

  // Asks on the open connection, or opens one. The complete response; nothing if it did not come
  // whole within the timeout, and also if the other side had closed the idle connection: then the
  // connection is closed, and the next call opens a new one. A response that announced
  // `Connection: close`, or is HTTP/1.0, closes it too, and is not lost.
  std::optional<http_response> get(const std::string& host, const std::string& path,
                                   std::chrono::milliseconds timeout = std::chrono::seconds{30});

  // Asks for another protocol; true if it was granted (101). The connection then is a tunnel.
  bool upgrade(const std::string& host, const std::string& path);

  // Sends through the tunnel, and gives what comes back, as many bytes; nothing if it broke.
  std::optional<std::string> echo(const std::string& text);

  void close();

private:
  bool open();
  bool send(const std::string& bytes) const;
  bool receive_more(std::chrono::steady_clock::time_point until);
  std::optional<http_response> receive(std::chrono::steady_clock::time_point until);

  std::string ip_;
  std::uint16_t port_;
  std::string further_; // lines of each head
  descriptor socket_;
  std::string received_; // and not yet taken
};

} // namespace pawl::test
