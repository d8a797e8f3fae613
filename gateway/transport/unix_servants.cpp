#include "gateway/transport/unix_servants.hpp"

#include "lifecycle/limits.hpp"

#include <caf/actor_cast.hpp>
#include <caf/io/abstract_broker.hpp>
#include <caf/send.hpp>

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace pawl::gateway {

using caf::io::network::operation;
using caf::io::network::rw_state;

namespace {

// Nothing was transferred; whether that is the end of the connection.
rw_state judge_failure() {
  bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return again ? rw_state::success : rw_state::failure;
}

// A listening socket that was shut down is ready for ever, and has nobody to accept.
bool has_hung_up(int descriptor) {
  pollfd state{descriptor, 0, 0};
  return ::poll(&state, 1, 0) == 1;
}

// The loop may still hold events of a servant that was detached in the present round, and when its
// adding and its removal meet in one round, it never tells the handler. So a detached servant lives
// into the next round, and there drops the reference that it holds to itself while it reads.
template <class Servant, class Handler>
void outlive_this_round(caf::intrusive_ptr<Servant> servant, Handler& handler) {
  handler.backend().post([servant = std::move(servant), &handler] {
    if ((handler.eventbf() & static_cast<int>(EPOLLIN)) == 0)
      handler.removed_from_loop(operation::read);
  });
}

} // namespace

rw_state socket_policy::read_some(std::size_t& done, int descriptor, void* to, std::size_t size) {
  done = 0;
  auto count = ::recv(descriptor, to, size, MSG_DONTWAIT);
  if (count == 0)
    return rw_state::failure; // the peer has closed
  if (count < 0)
    return judge_failure();
  done = static_cast<std::size_t>(count);
  owner_->note_received(done);
  return rw_state::success;
}

rw_state socket_policy::write_some(std::size_t& done, int descriptor, const void* from,
                                   std::size_t size) {
  done = 0;
  auto count = ::send(descriptor, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
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

unix_scribe::unix_scribe(caf::io::network::default_multiplexer& backend, int descriptor)
    : scribe(caf::io::network::conn_hdl_from_socket(descriptor)),
      transport_(std::make_shared<unix_transport>(descriptor)),
      stream_(backend, descriptor, transport_) {}

void unix_scribe::configure_read(caf::io::receive_policy::config config) {
  stream_.configure_read(config);
  if (!launched_) {
    launched_ = true;
    stream_.start(this);
  }
}

bool unix_scribe::consume(caf::execution_unit* context, const void* bytes, std::size_t size) {
  return scribe::consume(context, bytes, size) && !halted_;
}

void unix_scribe::graceful_shutdown() {
  stream_.graceful_shutdown();
  detach(&stream_.backend(), false);
}

void unix_scribe::add_to_loop() {
  halted_ = false;
  stream_.activate(this);
  stream_.register_for_reading(); // activate() does nothing while a halt() awaits its round's end
}

void unix_scribe::remove_from_loop() {
  halted_ = true;
  stream_.passivate();
}

void unix_scribe::detach_from(caf::io::abstract_broker* broker) {
  transport_->note_closed();
  // A pending write now fails instead of waiting for a peer that does not read.
  ::shutdown(stream_.fd(), SHUT_RDWR);
  outlive_this_round(caf::intrusive_ptr<unix_scribe>{this}, stream_);
  scribe::detach_from(broker);
}

unix_doorman::unix_doorman(caf::io::network::default_multiplexer& backend, int descriptor)
    : doorman(caf::io::network::accept_hdl_from_socket(descriptor)),
      acceptor_(backend, descriptor, accept_policy{this}) {}

bool unix_doorman::accept_policy::try_accept(int& accepted, int descriptor) {
  accepted = ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (accepted >= 0)
    return true;
  bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  if (exhausted)
    owner->pause();
  else if (has_hung_up(descriptor))
    owner->give_up();
  return false;
}

bool unix_doorman::new_connection() {
  auto& backend = acceptor_.backend();
  auto scribe = caf::make_counted<unix_scribe>(backend, acceptor_.accepted_socket());
  if (detached()) // the loop had this event in hand when the broker closed us
    return false;
  auto handle = scribe->hdl();
  latest_ = scribe->connection_transport();
  parent()->add_scribe(std::move(scribe));
  return doorman::new_connection(&backend, handle);
}

void unix_doorman::pause() {
  if (detached())
    return;
  halt();
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(parent()), limits::accept_pause,
                         accept_again::value);
}

void unix_doorman::give_up() {
  if (detached())
    return;
  halt(); // the loop would call again and again
  caf::anon_send(caf::actor_cast<caf::actor>(parent()), listening_lost::value);
}

void unix_doorman::graceful_shutdown() {
  acceptor_.graceful_shutdown();
  detach(&acceptor_.backend(), false);
}

void unix_doorman::detach_from(caf::io::abstract_broker* broker) {
  outlive_this_round(caf::intrusive_ptr<unix_doorman>{this}, acceptor_);
  doorman::detach_from(broker);
}

} // namespace pawl::gateway
