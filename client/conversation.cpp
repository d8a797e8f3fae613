#include "client/conversation.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace pawl::client {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto look_around = 1s; // how often a silent link is asked whether it still lives

error interrupted_error() {
  return {errc::cancelled, "interrupted", {}};
}

bool is_lost(const error& problem) {
  return problem.code == errc::unavailable || problem.code == errc::timed_out;
}

// What a viewer says that gave up.
error given_up(const error& why, const std::string& id, bool upload_complete,
               const std::string& request_id) {
  auto message = fmt::format("the server was lost and could not be found again: {}", why.message);
  std::map<std::string, std::string> details;
  if (!id.empty())
    details.emplace("deployment", id);
  if (!id.empty() && upload_complete)
    message += fmt::format("\ndeployment {} goes on without this viewer; to see it: pawl attach {}",
                           id, id);
  else if (!request_id.empty())
    message += fmt::format("\nthe source was not sent completely; to go on: the same command with "
                           "--request-id {}",
                           request_id);
  return {errc::unavailable, std::move(message), std::move(details)};
}

} // namespace

conversation::conversation(connector connect, audience& listener, int interrupts, patience limits)
    : connect_(std::move(connect)), audience_(listener), interrupts_(interrupts),
      patience_(limits) {}

result<void> conversation::connect() {
  auto link = connect_();
  if (!link)
    return std::move(link).error();
  link_ = std::move(*link);
  return {};
}

// Whether the person interrupts within that time; takes the interrupt off the descriptor.
bool conversation::interrupted(std::chrono::milliseconds wait) {
  pollfd watched{interrupts_, POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(wait.count())) <= 0 || (watched.revents & POLLIN) == 0)
    return false;
  std::array<char, 128> taken{}; // one signalfd_siginfo
  return ::read(interrupts_, taken.data(), taken.size()) > 0;
}

// The next message, or timed_out; cancelled if the person interrupts first.
result<protocol::envelope> conversation::next_message(std::chrono::milliseconds timeout) {
  constexpr auto short_look = 50ms; // for a link that cannot be waited on together with a terminal
  int ready = link_->ready_descriptor();
  if (ready < 0) {
    if (interrupted(0ms))
      return interrupted_error();
    return link_->receive(interrupts_ < 0 ? timeout : std::min(timeout, short_look + 0ms));
  }
  std::array<pollfd, 2> watched{{{ready, POLLIN, 0}, {interrupts_, POLLIN, 0}}};
  ::poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
  if ((watched[1].revents & POLLIN) != 0 && interrupted(0ms))
    return interrupted_error();
  return link_->receive(0ms);
}

result<protocol::message> conversation::exchange(const protocol::message& request,
                                                 std::chrono::milliseconds timeout,
                                                 std::uint64_t& ref) {
  auto sent = link_->send(request);
  link_lost_ = !sent && is_lost(sent.error());
  if (!sent)
    return std::move(sent).error();
  ref = *sent;
  auto deadline = clock::now() + timeout;
  while (clock::now() < deadline) {
    auto got = next_message(look_around);
    if (!got && got.error().code == errc::timed_out)
      continue;
    if (!got) {
      was_interrupted_ = got.error().code == errc::cancelled;
      link_lost_ = !was_interrupted_;
      return std::move(got).error();
    }
    if (got->ref != ref)
      continue;
    if (auto* refusal = std::get_if<protocol::refused>(&got->body))
      return std::move(refusal->error);
    return std::move(got->body);
  }
  return error{errc::timed_out,
               fmt::format("the server did not answer within {} s; ask again, and look at its log "
                           "if that does not help",
                           std::chrono::duration_cast<std::chrono::seconds>(timeout).count()),
               {}};
}

result<protocol::message> conversation::ask(const protocol::message& request,
                                            std::chrono::milliseconds timeout) {
  if (!link_)
    if (auto connected = connect(); !connected)
      return std::move(connected).error();
  auto since = clock::now();
  auto pause = patience_.first;
  while (true) {
    std::uint64_t ref = 0;
    auto answer = exchange(request, timeout, ref);
    if (answer || !link_lost_)
      return answer;
    link_.reset();
    if (!recover(answer.error(), since, pause))
      return given_up(answer.error(), "", true, "");
  }
}

// Looks for the server until it is found; false when that takes too long, when it speaks another
// version now, or when the person interrupts.
bool conversation::recover(const error& why, clock::time_point since,
                           std::chrono::milliseconds& pause) {
  audience_.lost(why);
  while (clock::now() - since < patience_.total) {
    if (interrupted(pause)) {
      was_interrupted_ = true;
      return false;
    }
    pause = std::min(pause * 2, patience_.longest);
    auto connected = connect();
    if (connected) {
      audience_.found_again();
      return true;
    }
    if (!is_lost(connected.error()))
      return false;
  }
  return false;
}

// --- one connection --------------------------------------------------------------------------

class conversation::leg {
public:
  leg(conversation& talk, journey& way) : talk_(talk), way_(way) {}

  // True when the journey is over, false when the connection is lost.
  bool run() {
    if (!open())
      return over_;
    while (!over_ && !lost_)
      advance();
    return over_;
  }

  bool progressed() const { return progressed_; }
  const error& why() const { return why_; }

private:
  server_link& link() { return *talk_.link_; }

  void lose(error why) {
    why_ = std::move(why);
    lost_ = true;
  }
  void finish(error problem) {
    way_.end.problem = std::move(problem);
    over_ = true;
  }
  void finish(deployment record) {
    way_.end.record = std::move(record);
    over_ = true;
  }
  void leave() {
    way_.end.detached = true;
    over_ = true;
  }
  template <class Sent>
  bool went(Sent sent) {
    if (sent)
      return true;
    if (is_lost(sent.error()))
      lose(std::move(sent).error());
    else
      finish(std::move(sent).error());
    return false;
  }

  bool open() {
    if (way_.opening && !ask_for_it())
      return false;
    return way_.detach || follow();
  }

  // A known request_id gives the same deployment again, and the offset to go on from.
  bool ask_for_it() {
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
    if (!way_.was_accepted) {
      progressed_ = true;
      talk_.audience_.accepted(accepted->deployment);
    }
    way_.was_accepted = true;
    way_.end.record = std::move(accepted->deployment);
    return true;
  }

  bool follow() {
    auto sent = link().send(protocol::follow_request{way_.id, way_.next, limits::event_credit});
    if (sent)
      follow_ref_ = *sent;
    return went(std::move(sent));
  }

  void advance() {
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
  bool fill_window() {
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

  bool send_cancel() {
    auto sent = link().send(protocol::cancel_request{way_.id, "", ""});
    if (sent)
      cancel_ref_ = *sent;
    return went(std::move(sent));
  }

  void person_interrupts() {
    auto wanted = talk_.audience_.interrupted(way_.end.upload_complete);
    if (wanted == wish::detach)
      return leave();
    if (wanted == wish::go_on)
      return;
    way_.cancel_wanted = true;
    if (std::exchange(way_.detach, false))
      follow();
  }

  void take(protocol::envelope got) {
    if (auto* refusal = std::get_if<protocol::refused>(&got.body))
      return take_refusal(got.ref, std::move(refusal->error));
    if (const auto* progress = std::get_if<protocol::upload_progress>(&got.body))
      return take_progress(progress->offset);
    if (auto* batch = std::get_if<protocol::events>(&got.body); batch && got.ref == follow_ref_)
      return take_events(*batch);
    if (auto* end = std::get_if<protocol::followed>(&got.body); end && got.ref == follow_ref_)
      return finish(std::move(end->deployment));
    if (auto* shown = std::get_if<protocol::shown>(&got.body); shown && got.ref == show_ref_) {
      bool settled = is_settled(shown->deployment.state);
      finish(std::move(shown->deployment));
      if (!settled)
        finish(*upload_refused_);
    }
  }

  // An upload is refused when its deployment has ended meanwhile: then the record says why.
  void take_refusal(std::uint64_t ref, error why) {
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

  void take_progress(std::uint64_t offset) {
    if (offset <= acknowledged_ || offset > sent_ || !way_.source)
      return;
    auto total = way_.source->request.source.bytes;
    acknowledged_ = offset;
    progressed_ = true;
    way_.end.upload_complete = offset == total;
    talk_.audience_.uploaded(offset, total);
  }

  void take_events(const protocol::events& batch) {
    way_.id = batch.deployment;
    for (const auto& each : batch.list) {
      if (each.seq < way_.next)
        continue;
      if (each.seq > way_.next)
        return lose({errc::unavailable,
                     fmt::format("event {} is missing from the journal", way_.next),
                     {}});
      talk_.audience_.seen(batch.deployment, each);
      ++way_.next;
      ++consumed_;
      progressed_ = true;
    }
    if (consumed_ < limits::event_credit / 2)
      return;
    if (went(link().send(follow_ref_, protocol::follow_credit{consumed_})))
      consumed_ = 0;
  }

  conversation& talk_;
  journey& way_;
  std::uint64_t opening_ref_ = 0;
  std::uint64_t follow_ref_ = 0;
  std::optional<std::uint64_t> show_ref_;
  std::optional<std::uint64_t> cancel_ref_;
  std::optional<error> upload_refused_;
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint32_t consumed_ = 0;
  bool progressed_ = false;
  bool over_ = false;
  bool lost_ = false;
  error why_;
};

departure conversation::travel(journey way) {
  if (auto connected = connect(); !connected) {
    way.end.problem = std::move(connected).error();
    return std::move(way.end);
  }
  auto since = clock::now();
  auto pause = patience_.first;
  while (true) {
    leg now{*this, way};
    if (now.run())
      return std::move(way.end);
    link_.reset();
    if (now.progressed()) {
      since = clock::now();
      pause = patience_.first;
    }
    if (recover(now.why(), since, pause))
      continue;
    way.end.detached = was_interrupted_;
    if (!was_interrupted_)
      way.end.problem = given_up(now.why(), way.id, way.end.upload_complete,
                                 way.source ? way.source->request.request_id : "");
    return std::move(way.end);
  }
}

departure conversation::deploy(const upload& what, bool detach) {
  journey way;
  way.source = what;
  way.opening = what.request;
  way.detach = detach;
  way.end.upload_complete = false;
  return travel(std::move(way));
}

departure conversation::start(const protocol::message& request, bool detach) {
  journey way;
  way.opening = request;
  way.detach = detach;
  return travel(std::move(way));
}

departure conversation::attach(const std::string& id, std::uint64_t from) {
  journey way;
  way.id = id;
  way.next = from;
  return travel(std::move(way));
}

} // namespace pawl::client
