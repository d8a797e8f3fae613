// A client of bare sockets, which can break every rule. Every wait has a deadline.
#pragma once

#include "posix/descriptor.hpp"
#include "protocol/msgpack/codec.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace pawl::test {

class raw_client {
public:
  raw_client(); // a socket that is not connected yet
  explicit raw_client(const std::filesystem::path& socket);

  bool connect(const std::filesystem::path& socket);
  void disconnect();

  // False when the server has closed, or takes nothing for the patience.
  bool send(std::string_view bytes);
  bool send(const protocol::message& body, std::uint64_t ref = 1);

  // Sends hello, and gives the server's.
  std::optional<protocol::hello> greet();

  // The next frame; nothing at the end of the connection or the patience.
  std::optional<protocol::envelope> receive();

  // Whether the server ends the connection within the patience; what comes before is dropped.
  bool sees_the_end();

  // Whether nothing at all comes for so long.
  bool hears_nothing_for(std::chrono::milliseconds time);

  int descriptor() const { return socket_.get(); }

private:
  bool read_exactly(char* to, std::size_t size);

  pawl::descriptor socket_;
};

} // namespace pawl::test
