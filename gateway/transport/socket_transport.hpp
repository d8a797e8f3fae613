// The contract between a scribe and a transport over a connected socket.
#pragma once

#include "gateway/transport/transport.hpp"

#include <caf/io/network/rw_state.hpp>

#include <functional>
#include <memory>

namespace pawl::gateway {

// A scribe owns the descriptor; it lives until close() is called. Each function returns at once:
// `success` with nothing done means that the socket has to become ready first, `failure` that the
// connection is over.
class socket_transport : public transport {
public:
  using rw_state = caf::io::network::rw_state;

  // Whether it carries bytes. One that does not is told to open() whenever something has come, and
  // nothing is read or written before it is open.
  virtual bool is_open() const { return true; }
  virtual rw_state open() { return rw_state::success; }

  virtual rw_state read_some(std::size_t& done, void* to, std::size_t size) = 0;
  virtual rw_state write_some(std::size_t& done, const void* from, std::size_t size) = 0;

  // Whether bytes were taken from the socket that were not read yet: no event tells of them.
  virtual bool has_read_ahead() const { return false; }

  // The descriptor is closed after it: reads and writes fail from then on. May be called again.
  virtual void close() = 0;
};

// Makes the transport of an accepted socket; an empty one turns the client away.
using transport_factory = std::function<std::shared_ptr<socket_transport>(int descriptor)>;

} // namespace pawl::gateway
