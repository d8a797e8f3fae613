#include "client/conversation/conversation.hpp"

#include "client/conversation/conversation_attempt.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace pawl::client {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

error interrupted_error() {
  return {errc::cancelled, "interrupted", {}};
}

// The error of a viewer that gave up looking for the server.
error given_up(error why) {
  why.message = fmt::format(
      "the connection to the server was lost, and connecting again failed: {}", why.message);
  if (is_lost(why))
    why.code = errc::unavailable;
  return why;
}

} // namespace

error with_what_goes_on(error why, const std::string& id, bool upload_complete,
                        const std::string& request_id) {
  if (!id.empty())
    why.details.emplace("deployment", id);
  if (!id.empty() && upload_complete)
    why.message += fmt::format("\ndeployment {} goes on; to watch it: pawl attach {}", id, id);
  else if (!request_id.empty())
    why.message += fmt::format("\nthe source was not sent completely; to go on: the same command "
                               "with --request-id {}",
                               request_id);
  return why;
}

error unexpected_answer() {
  return {
      errc::internal,
      "the answer of the server does not fit the request; use pawl and pawld of the same version",
      {}};
}

conversation::conversation(connector connect, observer& listener, int interrupts, patience limits)
    : connect_(std::move(connect)), observer_(listener), interrupts_(interrupts),
      patience_(limits) {}

result<void> conversation::connect() {
  auto link = connect_();
  if (!link)
    return std::move(link).error();
  link_ = std::move(*link);
  return {};
}

// Whether the user interrupts within that time; takes the interrupt off the descriptor.
bool conversation::interrupted(std::chrono::milliseconds wait) {
  pollfd watched{interrupts_, POLLIN, 0};
  for (auto left = wait; left > 0ms && watched.revents == 0; left -= observer_.tick_interval()) {
    observer_.tick();
    ::poll(&watched, 1, static_cast<int>(std::min(left, observer_.tick_interval()).count()));
  }
  if (wait == 0ms)
    ::poll(&watched, 1, 0);
  if ((watched.revents & POLLIN) == 0)
    return false;
  signalfd_siginfo taken{};
  auto got = ::read(interrupts_, &taken, sizeof taken);
  was_told_to_end_ =
      got == sizeof taken && (taken.ssi_signo == SIGTERM || taken.ssi_signo == SIGHUP);
  return got > 0;
}

// The next message, or timed_out; cancelled if the user interrupts first.
result<protocol::envelope> conversation::next_message(std::chrono::milliseconds timeout) {
  constexpr auto short_look = 50ms; // for a link that cannot be waited on together with a terminal
  observer_.tick();
  timeout = std::min(timeout, observer_.tick_interval());
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

result<std::optional<protocol::message>> conversation::look_for_answer(std::uint64_t ref) {
  auto got = next_message(look_around);
  if (!got && got.error().code == errc::timed_out)
    return std::optional<protocol::message>{};
  if (!got) {
    was_interrupted_ = got.error().code == errc::cancelled;
    link_lost_ = is_lost(got.error());
    return std::move(got).error();
  }
  if (got->ref != ref)
    return std::optional<protocol::message>{};
  if (auto* refusal = std::get_if<protocol::refused>(&got->body))
    return std::move(refusal->error);
  return std::optional{std::move(got->body)};
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
    auto got = look_for_answer(ref);
    if (!got)
      return std::move(got).error();
    if (*got)
      return **std::move(got);
  }
  return error{errc::timed_out,
               fmt::format("the server did not answer within {} s; try again, and read its log if "
                           "that does not help",
                           std::chrono::duration_cast<std::chrono::seconds>(timeout).count()),
               {}};
}

result<protocol::message> conversation::ask(const protocol::message& request,
                                            std::chrono::milliseconds timeout) {
  if (!link_)
    if (auto connected = connect(); !connected)
      return std::move(connected).error();
  search looking{patience_};
  while (true) {
    std::uint64_t ref = 0;
    auto answer = exchange(request, timeout, ref);
    if (answer || !link_lost_)
      return answer;
    link_.reset();
    if (auto reason = recover(answer.error(), looking))
      return given_up(*reason);
  }
}

void conversation::search::lose(bool progressed, const patience& limits) {
  const auto now = clock::now();
  if (!progressed && now - connected_at <= limits.longest)
    return;
  since = now;
  pause = limits.first;
}

// Looks for the server until it is found. Gives the reason to tell if it is not: that takes too
// long, the user interrupts, or the server refuses the connection, as of a token that was revoked.
std::optional<error> conversation::recover(const error& why, search& looking) {
  observer_.lost(why);
  while (clock::now() - looking.since < patience_.total) {
    if (interrupted(looking.pause)) {
      was_interrupted_ = true;
      return why;
    }
    looking.pause = std::min(looking.pause * 2, patience_.longest);
    auto connected = connect();
    if (connected) {
      looking.connected_at = clock::now();
      observer_.found_again();
      return std::nullopt;
    }
    const auto& refusal = connected.error();
    const bool is_full = refusal.code == errc::resource_exhausted; // or others of the address are
    if (!is_lost(refusal) && !is_full)
      return refusal;
  }
  return why;
}

// A connection that a request was answered on is gone on with: if the server has died since, it is
// looked for.
follow_end conversation::carry_out(task what) {
  if (!link_)
    if (auto connected = connect(); !connected) {
      what.end.problem = std::move(connected).error();
      return std::move(what.end);
    }
  search looking{patience_};
  while (true) {
    attempt now{*this, what};
    if (now.run())
      return std::move(what.end);
    link_.reset();
    looking.lose(now.progressed(), patience_);
    const auto reason = recover(now.why(), looking);
    if (!reason)
      continue;
    what.end.detached = was_interrupted_;
    if (!was_interrupted_)
      what.end.problem = with_what_goes_on(given_up(*reason), what.id, what.end.upload_complete,
                                           what.source ? what.source->request.request_id : "");
    return std::move(what.end);
  }
}

follow_end conversation::deploy(const upload& what, bool detach) {
  task work;
  work.source = what;
  work.opening = what.request;
  work.detach = detach;
  work.end.upload_complete = false;
  return carry_out(std::move(work));
}

follow_end conversation::start(const protocol::message& request, bool detach) {
  task work;
  work.opening = request;
  work.detach = detach;
  return carry_out(std::move(work));
}

follow_end conversation::attach(const std::string& id, std::uint64_t from) {
  task work;
  work.id = id;
  work.next = from;
  return carry_out(std::move(work));
}

} // namespace pawl::client
