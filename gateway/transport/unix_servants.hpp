// CAF's io on a unix socket: what accepts, and what reads and writes.
//
// CAF 0.17.6's own servants do not serve here. Its doorman asks an AF_UNIX socket for its port,
// which aborts, and spins when no descriptor is left. Its scribe reads on after halt() until the
// socket is empty, loses a trigger() that comes in the same round of the loop as the halt(), and
// stays in the loop for ever, with its descriptor, when it is closed while the peer does not read.
//
// Everything here happens in the multiplexer's thread.
#pragma once

#include "gateway/transport/transport.hpp"

#include <caf/atom.hpp>
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

// A connected socket without encryption. Its scribe owns the descriptor.
class unix_transport final : public transport {
public:
  explicit unix_transport(int descriptor) : descriptor_(descriptor) {}

  std::size_t send_now(std::span<const char> one, std::span<const char> other) override;

  void note_received(std::size_t bytes) noexcept { count_received(bytes); }
  void note_closed() noexcept { descriptor_ = -1; }

private:
  int descriptor_; // -1 once it is closed
};

// Plain reads and writes on a connected socket.
class socket_policy {
public:
  explicit socket_policy(std::shared_ptr<unix_transport> owner) : owner_(std::move(owner)) {}

  caf::io::network::rw_state read_some(std::size_t& done, int descriptor, void* to,
                                       std::size_t size);
  caf::io::network::rw_state write_some(std::size_t& done, int descriptor, const void* from,
                                        std::size_t size);
  bool must_read_more(int, std::size_t) { return false; }

private:
  std::shared_ptr<unix_transport> owner_;
};

// One connection. halt() takes effect after the chunk in hand; closing drops what is unsent.
class unix_scribe final : public caf::io::scribe {
public:
  unix_scribe(caf::io::network::default_multiplexer& backend, int descriptor);

  std::shared_ptr<transport> connection_transport() const { return transport_; }

  void configure_read(caf::io::receive_policy::config config) override;
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(this); }
  bool consume(caf::execution_unit* context, const void* bytes, std::size_t size) override;
  void graceful_shutdown() override;
  void add_to_loop() override;
  void remove_from_loop() override;
  std::string addr() const override { return "unix"; }
  std::uint16_t port() const override { return 0; }

private:
  // Makes CAF's protected ways of its stream usable here.
  struct stream : caf::io::network::stream_impl<socket_policy> {
    using stream_impl::stream_impl;
    void register_for_reading() { caf::io::network::event_handler::activate(); }
  };

  void detach_from(caf::io::abstract_broker* broker) override;

  std::shared_ptr<unix_transport> transport_;
  stream stream_;
  bool launched_ = false;
  bool halted_ = false;
};

// Accepts; gives each connection a unix_scribe of the parent broker.
class unix_doorman final : public caf::io::doorman {
public:
  // Takes the listening descriptor over.
  unix_doorman(caf::io::network::default_multiplexer& backend, int descriptor);

  // The transport of the connection that the present new_connection_msg is about.
  std::shared_ptr<transport> latest() const { return latest_; }

  bool new_connection() override;
  void graceful_shutdown() override;
  void launch() override { acceptor_.start(this); }
  void add_to_loop() override { acceptor_.activate(this); }
  void remove_from_loop() override { acceptor_.passivate(); }
  std::string addr() const override { return "unix"; }
  std::uint16_t port() const override { return 0; }

private:
  struct accept_policy {
    unix_doorman* owner;
    bool try_accept(int& accepted, int descriptor);
  };

  void pause();
  void give_up();
  void detach_from(caf::io::abstract_broker* broker) override;

  caf::io::network::acceptor_impl<accept_policy> acceptor_;
  std::shared_ptr<transport> latest_;
};

} // namespace pawl::gateway
