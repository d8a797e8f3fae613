#include "client/conversation/conversation_leg.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pawl::client {

// True when the journey is over, false when the connection is lost.
bool conversation::leg::run() {
  if (!open())
    return over_;
  while (!over_ && !lost_)
    advance();
  return over_;
}

void conversation::leg::lose(error why) {
  why_ = std::move(why);
  lost_ = true;
}

void conversation::leg::finish(error problem) {
  way_.end.problem = std::move(problem);
  over_ = true;
}

void conversation::leg::finish(deployment record) {
  way_.end.record = std::move(record);
  over_ = true;
}

void conversation::leg::leave() {
  way_.end.detached = true;
  over_ = true;
}

bool conversation::leg::open() {
  if (way_.opening && !ask_for_it())
    return false;
  return way_.detach || follow();
}

// A known request_id gives the same deployment again, and the offset to go on from.
bool conversation::leg::ask_for_it() {
  auto answer = talk_.exchange(*way_.opening, limits::request_timeout, opening_ref_);
  if (!answer) {
    if (talk_.was_interrupted_)
      leave();
    else if (talk_.link_lost_ || (way_.was_accepted && is_lost(answer.error())))
      lose(std::move(answer).error());
    else
      finish(std::move(answer).error());
    return false;
  }
  auto* accepted = std::get_if<protocol::accepted>(&*answer);
  if (accepted == nullptr) {
    finish(error{errc::internal, "the server answered something else than was asked for", {}});
    return false;
  }
  way_.id = accepted->deployment.id;
  if (way_.source) {
    sent_ = acknowledged_ = std::min(accepted->upload_offset, way_.source->request.source.bytes);
    way_.end.upload_complete = sent_ == way_.source->request.source.bytes;
  }
  progressed_ = true;
  if (!std::exchange(way_.was_accepted, true))
    talk_.audience_.accepted(accepted->deployment);
  way_.end.record = std::move(accepted->deployment);
  return true;
}

bool conversation::leg::follow() {
  auto sent = link().send(protocol::follow_request{way_.id, way_.next, limits::event_credit});
  if (sent)
    follow_ref_ = *sent;
  return went(std::move(sent));
}

void conversation::leg::advance() {
  if (!way_.end.upload_complete && !upload_refused_ && !fill_window())
    return;
  if (way_.cancel_wanted && !cancel_ref_ && !send_cancel())
    return;
  if (way_.detach && way_.end.upload_complete)
    return leave();
  auto got = talk_.next_message(look_around);
  if (got)
    return take(std::move(*got));
  if (got.error().code == errc::cancelled)
    return person_interrupts();
  if (got.error().code != errc::timed_out)
    lose(std::move(got).error());
}

// Keeps limits::upload_window chunks on their way.
bool conversation::leg::fill_window() {
  auto total = way_.source->request.source.bytes;
  while (sent_ < total && sent_ - acknowledged_ < limits::upload_window * limits::chunk_bytes) {
    protocol::upload_chunk chunk{way_.id, sent_, {}};
    chunk.bytes.resize(std::min<std::uint64_t>(limits::chunk_bytes, total - sent_));
    auto got = ::pread(way_.source->file, chunk.bytes.data(), chunk.bytes.size(),
                       static_cast<off_t>(sent_));
    if (got <= 0) {
      finish(error{errc::internal,
                   fmt::format("the packed source cannot be read: {}", std::strerror(errno)),
                   {}});
      return false;
    }
    chunk.bytes.resize(static_cast<std::size_t>(got));
    sent_ += static_cast<std::uint64_t>(got);
    if (!went(link().send(opening_ref_, std::move(chunk))))
      return false;
  }
  return true;
}

bool conversation::leg::send_cancel() {
  auto sent = link().send(protocol::cancel_request{way_.id, "", ""});
  if (sent)
    cancel_ref_ = *sent;
  return went(std::move(sent));
}

void conversation::leg::person_interrupts() {
  auto wanted = talk_.audience_.interrupted(way_.end.upload_complete);
  if (wanted == wish::detach)
    return leave();
  if (wanted == wish::go_on)
    return;
  way_.cancel_wanted = true;
  if (std::exchange(way_.detach, false))
    follow();
}

void conversation::leg::take(protocol::envelope got) {
  if (auto* refusal = std::get_if<protocol::refused>(&got.body))
    return take_refusal(got.ref, std::move(refusal->error));
  if (const auto* progress = std::get_if<protocol::upload_progress>(&got.body))
    return take_progress(progress->offset);
  if (auto* batch = std::get_if<protocol::events>(&got.body); batch && got.ref == follow_ref_)
    return take_events(*batch);
  if (auto* end = std::get_if<protocol::followed>(&got.body); end && got.ref == follow_ref_)
    return finish(std::move(end->deployment));
  if (auto* shown = std::get_if<protocol::shown>(&got.body); shown && got.ref == show_ref_) {
    take_state_after_refusal(std::move(shown->deployment));
  }
}

// An upload is refused when its deployment has ended meanwhile: then the record says why. Or it has
// its source from elsewhere, and goes on.
void conversation::leg::take_state_after_refusal(deployment now) {
  if (is_settled(now.state))
    return finish(std::move(now));
  if (now.state == state::queued || now.state == state::preparing) {
    // What took the source has ended, and the same request again finds what goes on with it.
    if (upload_refused_->code == errc::unavailable)
      return lose(*upload_refused_);
    finish(std::move(now));
    return finish(*upload_refused_);
  }
  way_.end.upload_complete = true;
}

void conversation::leg::take_refusal(std::uint64_t ref, error why) {
  if (ref == cancel_ref_) {
    way_.cancel_wanted = false;
    cancel_ref_.reset();
    return talk_.audience_.cancel_refused(why);
  }
  if (ref == opening_ref_ && way_.source && !upload_refused_) {
    upload_refused_ = std::move(why);
    auto sent = link().send(protocol::show_request{way_.id});
    if (sent)
      show_ref_ = *sent;
    went(std::move(sent));
    return;
  }
  if (ref != follow_ref_ && ref != show_ref_)
    return;
  if (is_lost(why))
    lose(std::move(why));
  else
    finish(std::move(why));
}

void conversation::leg::take_progress(std::uint64_t offset) {
  if (offset <= acknowledged_ || offset > sent_ || !way_.source)
    return;
  auto total = way_.source->request.source.bytes;
  acknowledged_ = offset;
  progressed_ = true;
  way_.end.upload_complete = offset == total;
  talk_.audience_.uploaded(offset, total);
}

void conversation::leg::take_events(const protocol::events& batch) {
  way_.id = batch.deployment;
  for (const auto& each : batch.list) {
    if (each.seq < way_.next)
      continue;
    if (each.seq > way_.next)
      return lose(
          {errc::unavailable, fmt::format("event {} is missing from the journal", way_.next), {}});
    talk_.audience_.seen(batch.deployment, each);
    ++way_.next;
    ++consumed_;
    progressed_ = true;
  }
  if (consumed_ < renew_credit_after)
    return;
  if (went(link().send(follow_ref_, protocol::follow_credit{consumed_})))
    consumed_ = 0;
}

} // namespace pawl::client
