#include "gateway/http/http_connection.hpp"

#include "actors/session.hpp"

#include <caf/atom.hpp>

#include <utility>

namespace pawl::gateway {

namespace {

using request_due = caf::atom_constant<caf::atom("requestdue")>;
using http_close_due = caf::atom_constant<caf::atom("closedue")>;
using http_drop_due = caf::atom_constant<caf::atom("dropdue")>;

// Answers that wait for a peer that does not read. It may be anybody.
constexpr std::size_t unsent_answers = 16 * limits::kib;

} // namespace

caf::behavior http_connection_state::start(const carried_connection& carried,
                                           const connection_settings& settings,
                                           std::chrono::milliseconds first_request,
                                           std::optional<http_answer> refusal) {
  settings_ = settings;
  refusal_ = std::move(refusal);
  stream_.emplace(self_, carried.socket, carried.below, unsent_answers);
  self_->set_default_handler(caf::drop);
  stream_->read_at_most(limits::http_read_bytes);
  self_->delayed_send(self_, first_request, request_due::value);
  return {
      [this](caf::io::new_data_msg& data) { on_data(data.buf); },
      [this](const caf::io::data_transferred_msg& m) { on_written(m.remaining); },
      [this](const caf::io::connection_closed_msg&) { self_->quit(); },
      [this](const close_connection&) { close_when_sent(); },
      [this](request_due) { on_request_due(); },
      [this](http_close_due) {
        if (!dropping_)
          self_->quit();
      },
      [this](http_drop_due) { self_->quit(); },
  };
}

void http_connection_state::on_data(std::vector<char>& bytes) {
  if (dropping_)
    return drop(bytes.size());
  if (closing_)
    return;
  reader_.add(bytes);
  while (auto next = reader_.next()) {
    if (const auto* request = std::get_if<http_request>(&*next))
      on_request(*request);
    else
      refuse(std::get<bad_request>(*next).answer);
    if (closing_)
      return;
  }
}

void http_connection_state::on_request(const http_request& request) {
  answered_ = true;
  const bool keep_alive = request.keep_alive && !request.has_body && !refusal_;
  more_may_come_ = request.keep_alive || request.has_body;
  answer(refusal_ ? *refusal_ : answer_to(request), keep_alive, request.method != "HEAD");
}

void http_connection_state::refuse(const http_answer& why) {
  more_may_come_ = true;
  answer(why, false, true);
}

void http_connection_state::answer(const http_answer& what, bool keep_alive, bool with_body) {
  if (!stream_->write(written(what, keep_alive, with_body))) {
    closing_ = true;
    return self_->quit();
  }
  if (!keep_alive)
    close_when_sent();
}

void http_connection_state::on_written(std::uint64_t remaining) {
  stream_->on_transferred(remaining);
  if (remaining > 0 || !closing_ || dropping_)
    return;
  stream_->go_on_reading();
  end();
}

void http_connection_state::close_when_sent() {
  if (dropping_)
    return self_->quit();
  if (closing_)
    return;
  closing_ = true;
  if (stream_->unsent_bytes() == 0)
    return end();
  stream_->stop_reading();
  self_->delayed_send(self_, settings_.close_timeout, http_close_due::value);
}

void http_connection_state::end() {
  if (!more_may_come_)
    return self_->quit();
  dropping_ = true;
  stream_->end_sending();
  self_->delayed_send(self_, limits::http_drop_timeout, http_drop_due::value);
}

void http_connection_state::drop(std::size_t bytes) {
  dropped_ += bytes;
  if (dropped_ > limits::http_dropped_bytes)
    self_->quit();
}

void http_connection_state::on_request_due() {
  if (!std::exchange(answered_, false))
    return self_->quit();
  self_->delayed_send(self_, settings_.hello_timeout, request_due::value);
}

} // namespace pawl::gateway
