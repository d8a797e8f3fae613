#include "client/conversation/conversation_attempt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pawl::client {

// True when the task is done, false when the connection is lost.
bool conversation::attempt::run() {
  if (!open())
    return over_;
  while (!over_ && !lost_)
    advance();
  return over_;
}

void conversation::attempt::lose(error why) {
  why_ = std::move(why);
  lost_ = true;
}

void conversation::attempt::finish(error problem) {
  task_.end.problem = std::move(problem);
  over_ = true;
}

void conversation::attempt::finish(deployment record) {
  task_.end.record = std::move(record);
  over_ = true;
}

void conversation::attempt::leave() {
  task_.end.detached = true;
  over_ = true;
}

bool conversation::attempt::open() {
  if (task_.opening && !ask_for_it())
    return false;
  return task_.detach || follow();
}

// A known request_id gives the same deployment again, and the offset to go on from.
bool conversation::attempt::ask_for_it() {
  auto answer = talk_.exchange(*task_.opening, limits::request_timeout, opening_ref_);
  if (!answer) {
    if (talk_.was_interrupted_)
      leave();
    else if (talk_.link_lost_ || (task_.was_accepted && is_lost(answer.error())))
      lose(std::move(answer).error());
    else
      finish(std::move(answer).error());
    return false;
  }
  auto* accepted = std::get_if<protocol::accepted>(&*answer);
  if (accepted == nullptr) {
    finish(unexpected_answer());
    return false;
  }
  task_.id = accepted->deployment.id;
  if (task_.source) {
    sent_ = acknowledged_ = std::min(accepted->upload_offset, task_.source->request.source.bytes);
    task_.end.upload_complete = sent_ == task_.source->request.source.bytes;
  }
  progressed_ = true;
  if (!std::exchange(task_.was_accepted, true))
    talk_.observer_.accepted(accepted->deployment);
  task_.end.record = std::move(accepted->deployment);
  return true;
}

bool conversation::attempt::follow() {
  auto sent = link().send(protocol::follow_request{task_.id, task_.next, limits::event_credit});
  if (sent)
    follow_ref_ = *sent;
  return went(std::move(sent));
}

void conversation::attempt::advance() {
  if (!task_.end.upload_complete && !upload_refused_ && !fill_window())
    return;
  if (task_.cancel_wanted && !cancel_ref_ && !send_cancel())
    return;
  if (task_.detach && task_.end.upload_complete)
    return leave();
  auto got = talk_.next_message(look_around);
  if (got)
    return take(std::move(*got));
  if (got.error().code == errc::cancelled)
    return user_interrupts();
  if (got.error().code == errc::timed_out)
    return;
  if (is_lost(got.error()))
    return lose(std::move(got).error());
  // The server has ended the connection, and the deployment goes on.
  finish(with_what_goes_on(std::move(got).error(), task_.id, task_.end.upload_complete,
                           task_.source ? task_.source->request.request_id : ""));
}

// Keeps limits::upload_window chunks on their way.
bool conversation::attempt::fill_window() {
  auto total = task_.source->request.source.bytes;
  while (sent_ < total && sent_ - acknowledged_ < limits::upload_window * limits::chunk_bytes) {
    protocol::upload_chunk chunk{task_.id, sent_, {}};
    chunk.bytes.resize(std::min<std::uint64_t>(limits::chunk_bytes, total - sent_));
    auto got = ::pread(task_.source->file, chunk.bytes.data(), chunk.bytes.size(),
                       static_cast<off_t>(sent_));
    if (got <= 0) {
      finish(error{
          errc::internal,
          fmt::format("the packed source cannot be read: {}; deploy again", std::strerror(errno)),
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

bool conversation::attempt::send_cancel() {
  auto sent = link().send(protocol::cancel_request{task_.id, "", ""});
  if (sent)
    cancel_ref_ = *sent;
  return went(std::move(sent));
}

void conversation::attempt::user_interrupts() {
  auto wanted = talk_.was_told_to_end_ ? interrupt_choice::detach
                                       : talk_.observer_.interrupted(task_.end.upload_complete);
  if (wanted == interrupt_choice::detach)
    return leave();
  if (wanted == interrupt_choice::go_on)
    return;
  task_.cancel_wanted = true;
  if (std::exchange(task_.detach, false))
    follow();
}

void conversation::attempt::take(protocol::envelope got) {
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
void conversation::attempt::take_state_after_refusal(deployment now) {
  if (is_settled(now.state))
    return finish(std::move(now));
  if (now.state == state::queued || now.state == state::preparing) {
    // The source worker has ended. The same request, sent again, leads to the one that goes on.
    if (upload_refused_->code == errc::unavailable)
      return lose(*upload_refused_);
    finish(std::move(now));
    return finish(*upload_refused_);
  }
  task_.end.upload_complete = true;
}

void conversation::attempt::take_refusal(std::uint64_t ref, error why) {
  if (ref == cancel_ref_) {
    task_.cancel_wanted = false;
    cancel_ref_.reset();
    return talk_.observer_.cancel_refused(why);
  }
  if (ref == opening_ref_ && task_.source && !upload_refused_) {
    upload_refused_ = std::move(why);
    auto sent = link().send(protocol::show_request{task_.id});
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

void conversation::attempt::take_progress(std::uint64_t offset) {
  if (offset <= acknowledged_ || offset > sent_ || !task_.source)
    return;
  auto total = task_.source->request.source.bytes;
  acknowledged_ = offset;
  progressed_ = true;
  task_.end.upload_complete = offset == total;
  talk_.observer_.uploaded(offset, total);
}

void conversation::attempt::take_events(const protocol::events& batch) {
  task_.id = batch.deployment;
  for (const auto& each : batch.list) {
    if (each.seq < task_.next)
      continue;
    if (each.seq > task_.next)
      return lose({errc::unavailable,
                   fmt::format("the server left out event {} of the journal", task_.next),
                   {}});
    talk_.observer_.seen(batch.deployment, each);
    ++task_.next;
    ++consumed_;
    progressed_ = true;
  }
  if (consumed_ < renew_credit_after)
    return;
  if (went(link().send(follow_ref_, protocol::follow_credit{consumed_})))
    consumed_ = 0;
}

} // namespace pawl::client
