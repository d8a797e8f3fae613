// A listener's socket and the connections that it has accepted: the part that every listener has,
// whatever its clients speak. All in the multiplexer's thread.
#pragma once

#include "gateway/listener.hpp"
#include "gateway/transport/socket_servants.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/io/broker.hpp>

#include <map>

namespace pawl::gateway {

// Sent to a listener by its owner.
using stop_accepting_now = caf::atom_constant<caf::atom("stopaccept")>;
using close_all_now = caf::atom_constant<caf::atom("closeall")>;

// Has settings.on_death called when the listener ends by an error.
void tell_of_death(const caf::actor& listener, const listener_settings& settings);

class open_connections {
public:
  // `self` is the listener's broker, and outlives this.
  open_connections(caf::io::broker* self, const listener_settings& settings);

  // Begins to accept at the listening descriptor, which it takes over.
  void listen(int descriptor, transport_factory make_transport);
  bool listens() const { return doorman_ != nullptr; }

  // The transport of the connection that the present new_connection_msg is about.
  std::shared_ptr<socket_transport> latest() const { return doorman_->latest(); }

  // Whether another connection may be had beside those of all listeners.
  bool has_room() const { return *in_all_ < most_; }
  std::size_t in_all() const { return *in_all_; } // of all listeners
  // A connection counts that no actor serves yet, and does so no more.
  void count_one() { ++*in_all_; }
  void discount_one() { --*in_all_; }

  void add(const caf::actor& connection); // it is monitored
  void remove(const caf::actor_addr& connection);

  void accept_again_now();
  void stop_accepting();
  // Also tells each connection to close. The broker quits when the last one is gone.
  void close_all();
  // The socket is lost: the broker quits with that reason, unless it has closed it itself.
  void on_socket_lost();

private:
  void quit_if_done();

  caf::io::broker* self_;
  std::size_t most_;
  std::shared_ptr<std::size_t> in_all_;
  caf::intrusive_ptr<socket_doorman> doorman_;
  std::map<caf::actor_addr, caf::actor> connections_;
  bool closing_ = false;
};

} // namespace pawl::gateway
