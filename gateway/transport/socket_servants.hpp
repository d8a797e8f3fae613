// CAF's io on a socket of ours: what accepts, and what reads and writes.
//
// CAF 0.17.6's own servants do not serve here. Its doorman asks an AF_UNIX socket for its port,
// which aborts, and spins when no descriptor is left. Its scribe reads on after halt() until the
// socket is empty, loses a trigger() that comes in the same round of the loop as the halt(), and
// stays in the loop for ever, with its descriptor, when it is closed while the peer does not read.
//
// Everything here happens in the multiplexer's thread.
#pragma once

#include "gateway/transport/socket_transport.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/io/connection_handle.hpp>
#include <caf/io/doorman.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/rw_state.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

#include <cstdint>
#include <memory>

namespace pawl::gateway {

// Sent to the listener when no descriptor was left for a new connection: its doorman is halted, and
// is to be triggered again.
using accept_again = caf::atom_constant<caf::atom("acceptagn")>;

// Sent to the listener when its socket is none any more: its doorman is halted.
using listening_lost = caf::atom_constant<caf::atom("listenlost")>;

// Sent to the broker of a connection whose transport had to be opened first, and is open now.
// Nothing is read before it configures the next read.
struct connection_opened {
  caf::io::connection_handle socket;
};

// One connection. halt() takes effect after the chunk in hand; closing drops what is unsent.
class socket_scribe final : public caf::io::scribe {
public:
  // Takes the connected descriptor over, which the transport uses.
  socket_scribe(caf::io::network::default_multiplexer& backend, int descriptor,
                std::shared_ptr<socket_transport> below);

  void configure_read(caf::io::receive_policy::config config) override;
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(this); }
  bool consume(caf::execution_unit* context, const void* bytes, std::size_t size) override;
  void graceful_shutdown() override;
  void add_to_loop() override;
  void remove_from_loop() override;
  std::string addr() const override { return "socket"; }
  std::uint16_t port() const override { return 0; }

private:
  // Lets CAF's stream read and write through the scribe.
  struct policy {
    socket_scribe* owner;
    caf::io::network::rw_state read_some(std::size_t& done, int, void* to, std::size_t size) {
      return owner->read_some(done, to, size);
    }
    caf::io::network::rw_state write_some(std::size_t& done, int, const void* from,
                                          std::size_t size) {
      return owner->transport_->write_some(done, from, size);
    }
    bool must_read_more(int, std::size_t) { return owner->transport_->has_read_ahead(); }
  };

  // Makes CAF's protected ways of its stream usable here.
  struct stream : caf::io::network::stream_impl<policy> {
    using stream_impl::stream_impl;
    void register_for_reading() { caf::io::network::event_handler::activate(); }
  };

  caf::io::network::rw_state read_some(std::size_t& done, void* to, std::size_t size);
  void read_what_was_read_ahead();
  void detach_from(caf::io::abstract_broker* broker) override;

  std::shared_ptr<socket_transport> transport_;
  stream stream_;
  bool launched_ = false;
  bool halted_ = false;
  bool closed_ = false;
};

// Accepts; gives each connection a socket_scribe of the parent broker.
class socket_doorman final : public caf::io::doorman {
public:
  // Takes the listening descriptor over.
  socket_doorman(caf::io::network::default_multiplexer& backend, int descriptor,
                 transport_factory make_transport);

  // The transport of the connection that the present new_connection_msg is about.
  std::shared_ptr<socket_transport> latest() const { return latest_; }

  bool new_connection() override;
  void graceful_shutdown() override;
  void launch() override { acceptor_.start(this); }
  void add_to_loop() override { acceptor_.activate(this); }
  void remove_from_loop() override { acceptor_.passivate(); }
  std::string addr() const override { return "socket"; }
  std::uint16_t port() const override { return 0; }

private:
  struct accept_policy {
    socket_doorman* owner;
    bool try_accept(int& accepted, int descriptor);
  };

  void pause();
  void give_up();
  void detach_from(caf::io::abstract_broker* broker) override;

  caf::io::network::acceptor_impl<accept_policy> acceptor_;
  transport_factory make_transport_;
  std::shared_ptr<socket_transport> latest_;
};

} // namespace pawl::gateway

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::gateway::connection_opened)
