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

caf::behavior connection_state::start(const carried_connection& carried, const peer& who,
                                      const session_factory& make_session,
                                      const connection_settings& settings) {
  settings_ = settings;
  listener_ = carried.listener;
  stream_.emplace(self_, carried.socket, carried.below, settings.unsent_bytes);
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
  stream_->read_exactly(header_bytes);
  self_->delayed_send(self_, settings_.hello_timeout, hello_due::value);
  self_->delayed_send(self_, settings_.ping_interval, ping_due::value);
  return {
      [this](caf::io::new_data_msg& data) { on_data(data.buf); },
      [this](const caf::io::data_transferred_msg& m) { on_written(m.remaining); },
      [this](const caf::io::connection_closed_msg&) { self_->quit(); },
      [this](const request_handled&) { on_request_handled(); },
      [this](const server_answer& answer) { on_answer(answer); },
      [this](const server_events& what) { on_events(what); },
      [this](const close_connection&) { close_when_sent(); },
      [this](hello_due) { on_hello_due(); },
      [this](ping_due) { on_ping_due(); },
      [this](close_due) { self_->quit(); },
  };
}

void connection_state::on_data(std::vector<char>& bytes) {
  if (closing_ || unreadable_)
    return;
  if (in_body_)
    on_body(bytes);
  else
    on_header(bytes);
}

void connection_state::on_header(const std::vector<char>& bytes) {
  const auto most = first_frame_sent_ ? limits::frame_bytes : limits::hello_frame_bytes;
  auto length =
      protocol::body_length(std::span<const char, header_bytes>{bytes.data(), bytes.size()}, most);
  if (length) {
    in_body_ = true;
    stream_->read_exactly(*length);
    return;
  }
  // A peer that has said hello is told why; a stranger is not spoken to.
  if (first_frame_sent_)
    refuse(0, std::move(length).error());
  close_when_sent();
}

void connection_state::on_body(std::vector<char>& bytes) {
  in_body_ = false;
  first_frame_came_ = true;
  stream_->read_exactly(header_bytes);
  const auto body = std::exchange(bytes, {}); // CAF would keep it as large as it ever was
  auto message = protocol::decode(body);
  if (!message) {
    // By way of the session: what was asked before is answered before.
    unreadable_ = true;
    self_->send(session_, unreadable_input{std::move(message).error()});
    return pause();
  }
  ++in_work_;
  self_->send(session_, client_request{std::move(*message)});
  if (!may_read_on())
    pause();
}

bool connection_state::may_read_on() const {
  return in_work_ < (first_frame_sent_ ? settings_.frames_in_work : 1);
}

void connection_state::pause() {
  paused_ = true;
  stream_->stop_reading();
}

void connection_state::on_request_handled() {
  if (in_work_ > 0)
    --in_work_;
  if (!paused_ || closing_ || unreadable_ || !may_read_on())
    return;
  paused_ = false;
  stream_->go_on_reading();
}

void connection_state::on_answer(const server_answer& answer) {
  if (closing_)
    return;
  if (!first_frame_sent_)
    tell_listener(answer.message.body);
  if (auto frame = protocol::encode(answer.message))
    send(*frame, {}, answer.sent);
  else
    refuse(answer.message.ref, std::move(frame).error(), answer.sent);
}

void connection_state::tell_listener(const protocol::message& first_answer) {
  if (!listener_)
    return;
  const auto* refusal = std::get_if<protocol::refused>(&first_answer);
  if (refusal == nullptr)
    self_->send(listener_, client_admitted::value);
  else if (refusal->error.code == errc::unauthenticated)
    self_->send(listener_, login_refused::value);
}

// A frame is its own beginning, and bytes that all clients that are sent these events have in
// common.
void connection_state::on_events(const server_events& what) {
  if (closing_)
    return;
  if (auto begin = protocol::begin_events_frame(what.ref, *what.deployment, *what.list))
    send(*begin, what.list->bytes(), what.sent);
  else
    refuse(what.ref, std::move(begin).error(), what.sent);
}

void connection_state::refuse(std::uint64_t ref, error why, const std::function<void()>& sent) {
  if (auto frame = protocol::encode({ref, protocol::refused{std::move(why)}}))
    send(*frame, {}, sent);
}

void connection_state::send(std::span<const char> frame, std::span<const char> rest,
                            const std::function<void()>& sent) {
  first_frame_sent_ = true;
  if (sent)
    when_sent_.push_back(sent);
  write(frame, rest);
  if (stream_->unsent_bytes() == 0)
    tell_sent();
}

void connection_state::write(std::span<const char> frame, std::span<const char> rest) {
  sent_since_ping_ = true;
  if (!stream_->write(frame, rest))
    self_->quit(); // its peer does not read, and would not read a reason either
}

void connection_state::tell_sent() {
  for (const auto& tell : std::exchange(when_sent_, {}))
    tell();
}

void connection_state::on_written(std::uint64_t remaining) {
  stream_->on_transferred(remaining);
  if (remaining > 0)
    return;
  tell_sent();
  if (closing_)
    self_->quit();
}

void connection_state::close_when_sent() {
  if (closing_)
    return;
  closing_ = true;
  if (stream_->unsent_bytes() == 0) {
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
  bool heard = stream_->received_bytes() != counted_bytes_;
  counted_bytes_ = stream_->received_bytes();
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
