#include "posix/service_manager.hpp"

#include "posix/descriptor.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace pawl {

namespace {

// As sd_notify(3) describes the socket and the text. A name that begins with @ stands for an
// abstract socket, whose first byte is 0.
void send_to_manager(std::string_view name, std::string_view words) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof address.sun_path)
    return;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@')
    address.sun_path[0] = '\0';
  const descriptor sending{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!sending)
    return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  ::sendto(sending.get(), words.data(), words.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), length);
}

} // namespace

void tell_service_is_ready() {
  if (const auto* name = std::getenv("NOTIFY_SOCKET"))
    send_to_manager(name, "READY=1");
}

} // namespace pawl
