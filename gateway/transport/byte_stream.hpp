// One connection as a stream of bytes, for the broker that serves it: what is to be read next, what
// is written, and how much of that was not sent yet. The broker's messages from CAF stay as they
// are: new_data_msg for what was read, data_transferred_msg for what was sent,
// connection_closed_msg when the peer has hung up. Ending the broker hangs up (ending_broker.hpp),
// and drops what is unsent. All in the multiplexer's thread.
#pragma once

#include "gateway/transport/transport.hpp"

#include <caf/io/broker.hpp>

#include <memory>

namespace pawl::gateway {

class byte_stream {
public:
  // For this connection of the broker. Nothing is read before read_exactly() or
  // read_at_most(). More than
  // `unsent_most` bytes do not wait to be sent.
  byte_stream(caf::io::broker* owner, caf::io::connection_handle socket,
              std::shared_ptr<transport> below, std::size_t unsent_most);

  // From now on, each new_data_msg has so many bytes; or one at least, and so many at most.
  void read_exactly(std::size_t bytes);
  void read_at_most(std::size_t bytes);
  void stop_reading(); // after what is being given out now
  void go_on_reading();

  // Sends both, one after the other. The kernel takes nearly always all of it at once, from where
  // it is; only the rest is copied, and waits. False if more would wait than may.
  bool write(std::span<const char> one, std::span<const char> other = {});

  // The peer sees the end of what it is sent, and may send on. Only while nothing is unsent.
  void end_sending() { below_->end_sending(); }

  // Told by the owner when it has got a data_transferred_msg.
  void on_transferred(std::uint64_t remaining);

  std::uint64_t unsent_bytes() const noexcept { return unsent_; }
  std::uint64_t received_bytes() const noexcept { return below_->received_bytes(); }

private:
  caf::io::broker* owner_;
  caf::io::connection_handle socket_;
  std::shared_ptr<transport> below_;
  std::size_t unsent_most_;
  std::uint64_t unsent_ = 0;
};

} // namespace pawl::gateway
