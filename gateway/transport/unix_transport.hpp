// Plain reads and writes on a connected socket.
#pragma once

#include "gateway/transport/socket_transport.hpp"

namespace pawl::gateway {

class unix_transport final : public socket_transport {
public:
  explicit unix_transport(int descriptor) : descriptor_(descriptor) {}

  std::size_t send_now(std::span<const char> one, std::span<const char> other) override;
  rw_state read_some(std::size_t& done, void* to, std::size_t size) override;
  rw_state write_some(std::size_t& done, const void* from, std::size_t size) override;
  void end_sending() override;
  void close() override { descriptor_ = -1; }

private:
  int descriptor_; // -1 once it is closed
};

} // namespace pawl::gateway
