#include "gateway/transport/socket_bio.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace pawl::gateway {

namespace {

bool later() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

socket_end& end_of(BIO* bio) {
  return *static_cast<socket_end*>(BIO_get_data(bio));
}

int read_socket(BIO* bio, char* to, int size) {
  auto& end = end_of(bio);
  BIO_clear_retry_flags(bio);
  if (end.refused)
    return -1;
  const auto got = ::recv(end.descriptor, to, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && later())
    BIO_set_retry_read(bio);
  if (got <= 0)
    return static_cast<int>(got);
  end.received += static_cast<std::uint64_t>(got);
  const std::span bytes{reinterpret_cast<const unsigned char*>(to), static_cast<std::size_t>(got)};
  end.refused = end.gated && !end.gate.admits(bytes);
  return end.refused ? -1 : static_cast<int>(got);
}

int write_socket(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const auto gone = ::send(end_of(bio).descriptor, from, static_cast<std::size_t>(size),
                           MSG_DONTWAIT | MSG_NOSIGNAL);
  if (gone < 0 && later())
    BIO_set_retry_write(bio);
  return static_cast<int>(gone);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0; // nothing is kept back
}

BIO_METHOD* make_method() {
  auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of a listener");
  if (made != nullptr) {
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_ctrl(made, control);
  }
  return made;
}

} // namespace

bio_pointer make_socket_bio(socket_end& end) {
  static BIO_METHOD* const method = make_method(); // as long as the process
  bio_pointer made{method == nullptr ? nullptr : BIO_new(method)};
  if (made) {
    BIO_set_data(made.get(), &end);
    BIO_set_init(made.get(), 1);
  }
  return made;
}

} // namespace pawl::gateway
