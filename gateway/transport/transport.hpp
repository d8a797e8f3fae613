// The contract of what carries one connection's bytes: a socket, or TLS over one.
//
// A transport goes with a scribe, CAF's object that reads and writes the socket in the
// multiplexer's loop (socket_servants.hpp). The scribe gives a broker what was read, and takes what
// the broker puts into its buffer; the transport has what CAF has no place for. All in the
// multiplexer's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pawl::gateway {

class transport {
public:
  virtual ~transport() = default;

  // Bytes that came from the peer so far; of frames that are not complete too.
  std::uint64_t received_bytes() const noexcept { return received_bytes_; }

  // Sends of `one` and then of `other` as much as can go now, from where it is, and says how many
  // bytes went. Zero also where the connection is broken: the next read or write tells. Called only
  // while nothing waits in the scribe's buffer, so that bytes keep their order.
  virtual std::size_t send_now(std::span<const char> one, std::span<const char> other) = 0;

  // Tells the peer that nothing comes after what was sent; it may go on sending, and what it sends
  // is read. Called while nothing waits in the scribe's buffer, and nothing is sent after it.
  virtual void end_sending() = 0;

protected:
  void count_received(std::size_t bytes) noexcept { received_bytes_ += bytes; }

private:
  std::uint64_t received_bytes_ = 0;
};

} // namespace pawl::gateway
