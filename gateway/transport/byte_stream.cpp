#include "gateway/transport/byte_stream.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pawl::gateway {

byte_stream::byte_stream(caf::io::broker* owner, caf::io::connection_handle socket,
                         std::shared_ptr<transport> below, std::size_t unsent_most)
    : owner_(owner), socket_(socket), below_(std::move(below)), unsent_most_(unsent_most) {
  owner_->ack_writes(socket_, true);
}

void byte_stream::read_exactly(std::size_t bytes) {
  owner_->configure_read(socket_, caf::io::receive_policy::exactly(bytes));
}

void byte_stream::read_at_most(std::size_t bytes) {
  owner_->configure_read(socket_, caf::io::receive_policy::at_most(bytes));
}

void byte_stream::stop_reading() {
  owner_->halt(socket_);
}

void byte_stream::go_on_reading() {
  owner_->trigger(socket_);
}

// Bytes that go at once cost no copy, no memory, and no round of the multiplexer's loop: those are
// nearly all, to a peer that reads.
bool byte_stream::write(std::span<const char> one, std::span<const char> other) {
  const auto gone = unsent_ == 0 ? below_->send_now(one, other) : 0;
  const auto gone_of_one = std::min(gone, one.size());
  one = one.subspan(gone_of_one);
  other = other.subspan(gone - gone_of_one);
  if (one.empty() && other.empty())
    return true;
  unsent_ += one.size() + other.size();
  if (unsent_ > unsent_most_)
    return false;
  auto& buffer = owner_->wr_buf(socket_);
  buffer.insert(buffer.end(), one.begin(), one.end());
  buffer.insert(buffer.end(), other.begin(), other.end());
  owner_->flush(socket_);
  return true;
}

void byte_stream::on_transferred(std::uint64_t remaining) {
  unsent_ = remaining;
  if (remaining == 0) // CAF would keep it as large as it ever was
    std::vector<char>{}.swap(owner_->wr_buf(socket_));
}

} // namespace pawl::gateway
