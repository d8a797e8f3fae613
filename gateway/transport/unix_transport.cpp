#include "gateway/transport/unix_transport.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace pawl::gateway {

using caf::io::network::rw_state;

namespace {

// Nothing was transferred; whether that is the end of the connection.
rw_state judge_failure() {
  bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return again ? rw_state::success : rw_state::failure;
}

} // namespace

rw_state unix_transport::read_some(std::size_t& done, void* to, std::size_t size) {
  done = 0;
  auto count = ::recv(descriptor_, to, size, MSG_DONTWAIT);
  if (count == 0)
    return rw_state::failure; // the peer has closed
  if (count < 0)
    return judge_failure();
  done = static_cast<std::size_t>(count);
  count_received(done);
  return rw_state::success;
}

rw_state unix_transport::write_some(std::size_t& done, const void* from, std::size_t size) {
  done = 0;
  auto count = ::send(descriptor_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0)
    return judge_failure();
  done = static_cast<std::size_t>(count);
  return rw_state::success;
}

std::size_t unix_transport::send_now(std::span<const char> one, std::span<const char> other) {
  // sendmsg() takes what it does not change as what it may.
  std::array<iovec, 2> parts{{{const_cast<char*>(one.data()), one.size()},
                              {const_cast<char*>(other.data()), other.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const auto count = ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void unix_transport::end_sending() {
  ::shutdown(descriptor_, SHUT_WR);
}

} // namespace pawl::gateway
