// A client of bare sockets, which can break every rule. Every wait has a deadline.
#pragma once

#include "posix/descriptor.hpp"
#include "protocol/msgpack/codec.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::test {

class raw_client {
public:
  raw_client(); // a socket that is not connected yet
  explicit raw_client(const std::filesystem::path& socket);
  // Over TCP, to a port of 127.0.0.1; from this address, which is 127.something.
  explicit raw_client(std::uint16_t port, const char* from = "127.0.0.1");
  raw_client(raw_client&&) noexcept = default;
  virtual ~raw_client() = default;

  bool connect(const std::filesystem::path& socket);
  void disconnect();

  // False when the server has closed, or takes nothing for the patience.
  bool send(std::string_view bytes);
  bool send(const protocol::message& body, std::uint64_t ref = 1);

  // Sends hello, and gives the server's.
  std::optional<protocol::hello> greet(const std::string& token = {});

  // The next frame; nothing at the end of the connection or the patience.
  std::optional<protocol::envelope> receive();

  // The answer to the message of this number; what comes before is dropped.
  std::optional<protocol::message> answer_to(const protocol::message& body, std::uint64_t ref);

  // Whether the server ends the connection within the patience; what comes before is dropped.
  bool sees_the_end();

  // Whether nothing at all comes for so long.
  bool hears_nothing_for(std::chrono::milliseconds time);

  // Everything until the end of the connection or the patience.
  std::string read_to_the_end();

  int descriptor() const { return socket_.get(); }

protected:
  // As send() and recv() of the socket.
  virtual ssize_t put(const char* from, std::size_t size);
  virtual ssize_t get(char* to, std::size_t size);

private:
  bool read_exactly(char* to, std::size_t size);

  pawl::descriptor socket_;
};

} // namespace pawl::test
