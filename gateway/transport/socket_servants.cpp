#include "gateway/transport/socket_servants.hpp"

#include "lifecycle/limits.hpp"
#include "posix/descriptor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/io/abstract_broker.hpp>
#include <caf/send.hpp>

#include <cerrno>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace pawl::gateway {

using caf::io::network::operation;
using caf::io::network::rw_state;

namespace {

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

socket_scribe::socket_scribe(caf::io::network::default_multiplexer& backend, int descriptor,
                             std::shared_ptr<socket_transport> below)
    : scribe(caf::io::network::conn_hdl_from_socket(descriptor)), transport_(std::move(below)),
      stream_(backend, descriptor, policy{this}) {}

void socket_scribe::configure_read(caf::io::receive_policy::config config) {
  stream_.configure_read(config);
  if (!launched_) {
    launched_ = true;
    add_to_loop();
  }
}

rw_state socket_scribe::read_some(std::size_t& done, void* to, std::size_t size) {
  if (transport_->is_open())
    return transport_->read_some(done, to, size);
  done = 0;
  const auto state = transport_->open();
  if (state == rw_state::failure || !transport_->is_open())
    return state;
  // The next read is configured by another broker, which does not exist yet.
  launched_ = false;
  remove_from_loop();
  caf::anon_send(caf::actor_cast<caf::actor>(parent()), connection_opened{hdl()});
  return rw_state::success;
}

bool socket_scribe::consume(caf::execution_unit* context, const void* bytes, std::size_t size) {
  return scribe::consume(context, bytes, size) && !halted_;
}

void socket_scribe::graceful_shutdown() {
  transport_->close(); // its last word goes before the end of the stream
  stream_.graceful_shutdown();
  detach(&stream_.backend(), false);
}

void socket_scribe::add_to_loop() {
  halted_ = false;
  stream_.activate(this);
  stream_.register_for_reading(); // activate() does nothing while a halt() awaits its round's end
  if (transport_->has_read_ahead())
    read_what_was_read_ahead();
}

// The socket may stay silent for ever, because its peer waits for an answer to just these bytes.
void socket_scribe::read_what_was_read_ahead() {
  stream_.backend().post([self = caf::intrusive_ptr<socket_scribe>{this}] {
    if (!self->halted_ && !self->closed_)
      self->stream_.handle_event(operation::read);
  });
}

void socket_scribe::remove_from_loop() {
  halted_ = true;
  stream_.passivate();
}

void socket_scribe::detach_from(caf::io::abstract_broker* broker) {
  closed_ = true;
  transport_->close();
  // A pending write now fails instead of waiting for a peer that does not read.
  ::shutdown(stream_.fd(), SHUT_RDWR);
  outlive_this_round(caf::intrusive_ptr<socket_scribe>{this}, stream_);
  scribe::detach_from(broker);
}

socket_doorman::socket_doorman(caf::io::network::default_multiplexer& backend, int descriptor,
                               transport_factory make_transport)
    : doorman(caf::io::network::accept_hdl_from_socket(descriptor)),
      acceptor_(backend, descriptor, accept_policy{this}),
      make_transport_(std::move(make_transport)) {}

bool socket_doorman::accept_policy::try_accept(int& accepted, int descriptor) {
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

bool socket_doorman::new_connection() {
  descriptor accepted{acceptor_.accepted_socket()};
  if (detached()) // the loop had this event in hand when the broker closed us
    return false;
  latest_ = make_transport_(accepted.get());
  if (!latest_)
    return true;
  auto& backend = acceptor_.backend();
  auto scribe = caf::make_counted<socket_scribe>(backend, accepted.get(), latest_);
  static_cast<void>(accepted.release());
  auto handle = scribe->hdl();
  parent()->add_scribe(std::move(scribe));
  return doorman::new_connection(&backend, handle);
}

void socket_doorman::pause() {
  if (detached())
    return;
  halt();
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(parent()), limits::accept_pause,
                         accept_again::value);
}

void socket_doorman::give_up() {
  if (detached())
    return;
  halt(); // the loop would call again and again
  caf::anon_send(caf::actor_cast<caf::actor>(parent()), listening_lost::value);
}

void socket_doorman::graceful_shutdown() {
  acceptor_.graceful_shutdown();
  detach(&acceptor_.backend(), false);
}

void socket_doorman::detach_from(caf::io::abstract_broker* broker) {
  outlive_this_round(caf::intrusive_ptr<socket_doorman>{this}, acceptor_);
  doorman::detach_from(broker);
}

} // namespace pawl::gateway
