#include "gateway/frames/connection.hpp"

#include "protocol/msgpack/codec.hpp"

#include <caf/atom.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace pawl::gateway {

namespace {

using hello_due = caf::atom_constant<caf::atom("hellodue")>;
using ping_due = caf::atom_constant<caf::atom("pingdue")>;
using close_due = caf::atom_constant<caf::atom("closedue")>;

constexpr std::size_t header_bytes = 4;

const std::vector<char>& ping_frame() {
  static const auto frame = *protocol::encode({0, protocol::ping{}});
  return frame;
}

} // namespace

caf::behavior connection_state::start(caf::io::connection_handle socket, const peer& who,
                                      const session_factory& make_session,
                                      const connection_settings& settings,
                                      std::shared_ptr<const traffic> counts) {
  socket_ = socket;
  settings_ = settings;
  counts_ = std::move(counts);
  try {
    session_ = make_session(caf::actor_cast<caf::actor>(self_), who);
  } catch (const std::exception&) { // no memory, no thread: this client is turned away
  }
  if (!session_) {
    self_->quit();
    return {};
  }
  self_->monitor(session_);
  self_->set_down_handler([this](const caf::down_msg&) { close_when_sent(); });
  self_->set_default_handler(caf::drop);
  self_->ack_writes(socket_, true);
  self_->configure_read(socket_, caf::io::receive_policy::exactly(header_bytes));
  self_->delayed_send(self_, settings_.hello_timeout, hello_due::value);
  self_->delayed_send(self_, settings_.ping_interval, ping_due::value);
  return {
      [this](caf::io::new_data_msg& data) { on_data(data.buf); },
      [this](const caf::io::data_transferred_msg& m) { on_written(m.remaining); },
      [this](const caf::io::connection_closed_msg&) { self_->quit(); },
      [this](const frame_handled&) { on_frame_handled(); },
      [this](const outbound_frame& frame) { on_frame_to_write(frame); },
      [this](const close_connection&) { close_when_sent(); },
      [this](hello_due) { on_hello_due(); },
      [this](ping_due) { on_ping_due(); },
      [this](close_due) { self_->quit(); },
  };
}

void connection_state::on_data(std::vector<char>& bytes) {
  if (closing_)
    return;
  if (in_body_)
    on_body(bytes);
  else
    on_header(bytes);
}

void connection_state::on_header(const std::vector<char>& bytes) {
  auto length =
      protocol::body_length(std::span<const char, header_bytes>{bytes.data(), bytes.size()});
  if (length) {
    in_body_ = true;
    self_->configure_read(socket_, caf::io::receive_policy::exactly(*length));
    return;
  }
  // Whoever has said hello is told why; a stranger is not spoken to.
  if (first_frame_sent_)
    if (auto frame = protocol::encode({0, protocol::refused{length.error()}}))
      write(*frame);
  close_when_sent();
}

void connection_state::on_body(std::vector<char>& bytes) {
  in_body_ = false;
  first_frame_came_ = true;
  self_->configure_read(socket_, caf::io::receive_policy::exactly(header_bytes));
  ++in_work_;
  self_->send(session_, inbound_frame{std::move(bytes)});
  if (in_work_ >= settings_.frames_in_work)
    pause();
}

void connection_state::pause() {
  paused_ = true;
  self_->halt(socket_);
}

void connection_state::on_frame_handled() {
  if (in_work_ > 0)
    --in_work_;
  if (!paused_ || closing_ || in_work_ >= settings_.frames_in_work)
    return;
  paused_ = false;
  self_->trigger(socket_);
}

void connection_state::on_frame_to_write(const outbound_frame& frame) {
  if (closing_)
    return;
  first_frame_sent_ = true;
  if (frame.sent)
    when_sent_.push_back(frame.sent);
  write(frame.bytes, frame.rest ? *frame.rest : std::span<const char>{});
  if (unsent_ == 0)
    tell_sent();
}

// What the kernel takes at once costs no copy, no memory, and no round of the multiplexer's loop:
// that is nearly all, to a peer that reads. Only the rest is copied, and waits in CAF's buffer.
void connection_state::write(std::span<const char> frame, std::span<const char> rest) {
  sent_since_ping_ = true;
  const auto gone = unsent_ == 0 ? send_now(*counts_, frame, rest) : 0;
  const auto gone_of_frame = std::min(gone, frame.size());
  frame = frame.subspan(gone_of_frame);
  rest = rest.subspan(gone - gone_of_frame);
  if (frame.empty() && rest.empty())
    return;
  unsent_ += frame.size() + rest.size();
  if (unsent_ > settings_.unsent_bytes) {
    self_->quit(); // its peer does not read, and would not read a reason either
    return;
  }
  auto& buffer = self_->wr_buf(socket_);
  buffer.insert(buffer.end(), frame.begin(), frame.end());
  buffer.insert(buffer.end(), rest.begin(), rest.end());
  self_->flush(socket_);
}

void connection_state::tell_sent() {
  for (const auto& tell : std::exchange(when_sent_, {}))
    tell();
}

void connection_state::on_written(std::uint64_t remaining) {
  unsent_ = remaining;
  if (remaining > 0)
    return;
  std::vector<char>{}.swap(self_->wr_buf(socket_)); // CAF would keep it as large as it ever was
  tell_sent();
  if (closing_)
    self_->quit();
}

void connection_state::close_when_sent() {
  if (closing_)
    return;
  closing_ = true;
  if (unsent_ == 0) {
    self_->quit();
    return;
  }
  pause();
  self_->delayed_send(self_, settings_.close_timeout, close_due::value);
}

void connection_state::on_hello_due() {
  if (!first_frame_came_)
    self_->quit();
}

// A ping goes out when one of the directions was idle: it shows the peer that the server lives, and
// its pong shows the server the same. While reading is paused, silence says nothing. Silence is
// counted in pings, not by a clock: a server that was stopped for a while gives nobody up for it.
void connection_state::on_ping_due() {
  bool heard = counts_->received_bytes != counted_bytes_;
  counted_bytes_ = counts_->received_bytes;
  silence_ = heard || paused_ ? std::chrono::milliseconds{0} : silence_ + settings_.ping_interval;
  if (silence_ >= settings_.silence_timeout) {
    self_->quit();
    return;
  }
  bool idle = !heard || !sent_since_ping_;
  if (idle && first_frame_sent_ && !closing_)
    write(ping_frame());
  sent_since_ping_ = false;
  self_->delayed_send(self_, settings_.ping_interval, ping_due::value);
}

} // namespace pawl::gateway
