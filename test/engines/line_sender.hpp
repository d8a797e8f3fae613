// Talks to the sample apps of the engines' tests.
#pragma once

#include "posix/files.hpp"

#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace pawl::test {

// Whether the bytes went to IP:PORT, on a connection of their own.
inline bool send_to(const std::string& address, const std::string& text) {
  const descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = ::htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
         write_all(socket.get(), text).has_value();
}

} // namespace pawl::test
