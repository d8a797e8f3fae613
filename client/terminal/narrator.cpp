#include "client/terminal/narrator.hpp"

#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::client {

namespace {

constexpr auto live_interval = std::chrono::milliseconds{100}; // a person sees no more

std::string_view done_word(state s) {
  switch (s) {
  case state::queued:
    return "waited in the queue";
  case state::preparing:
    return "source received and verified";
  case state::building:
    return "built";
  case state::pushing:
    return "version stored";
  case state::releasing:
    return "release command ran";
  case state::activating:
    return "healthy, traffic switched";
  default:
    return "stopped";
  }
}

std::string settled_words(state s) {
  return was_active(s) ? "went live" : fmt::format("ended as {}", to_string(s));
}

} // namespace

narrator::narrator(writer out, look how, measure size, keep_lines keep)
    : screen_(std::move(out), std::move(size)), look_(how), keep_(keep) {}

void narrator::draw() {
  if (!look_.live)
    return;
  constexpr std::size_t rows_left = 4; // of what stays, so that it is not pushed out of sight
  auto now = std::chrono::steady_clock::now();
  auto size = screen_.size();
  drawn_at_ = now;
  screen_.show(
      step_.lines(now, size.columns, size.rows - std::min(size.rows, rows_left) + 1, look_),
      look_.ellipsis());
}

void narrator::tick() {
  if (look_.live && std::chrono::steady_clock::now() - drawn_at_ >= live_interval)
    draw();
}

void narrator::searching(bool lost) {
  step_.searching(lost);
  draw();
}

void narrator::note(std::string_view text) {
  line(look_.faint(printable(text)));
}

void narrator::warning(std::string_view text) {
  auto told = prose(text, "  ", look_);
  told.pop_back(); // line() ends it
  line(fmt::format("{}{}", look_.warned("!"), std::string_view{told}.substr(1)));
}

void narrator::accepted(const deployment& d) {
  if (is_settled(d.state)) // no new one is: the request was made before
    warning(fmt::format("request id {} belongs to deployment {}, which {} already: nothing new is "
                        "made. For another deployment use another --request-id",
                        d.request_id, d.id, settled_words(d.state)));
  line(fmt::format("{} {} to {}, deployment {}{}",
                   d.operation == operation::deploy     ? "deploying"
                   : d.operation == operation::rollback ? "rolling back"
                   : d.operation == operation::promote  ? "promoting"
                                                        : "starting again",
                   look_.strong(printable(d.app)), look_.strong(printable(d.cluster)), d.id,
                   d.version ? ", " + to_string(*d.version) : ""));
}

void narrator::uploaded(std::uint64_t bytes, std::uint64_t total) {
  sends_ = true;
  step_.progressed({"upload", bytes, total, "bytes"}, std::chrono::steady_clock::now());
  if (bytes < total)
    return tick();
  line(fmt::format("{} uploaded {}", look_.good(look_.done_mark()), human_bytes(total)));
  draw();
}

void narrator::seen(const event& what) {
  if (const auto* moved = std::get_if<state_event>(&what.body))
    tell(what, *moved);
  else if (const auto* progress = std::get_if<progress_event>(&what.body))
    tell(*progress);
  else if (const auto* log = std::get_if<log_event>(&what.body))
    tell(*log);
  else if (const auto* health = std::get_if<health_event>(&what.body))
    tell(*health);
  else
    warning(std::get<warning_event>(what.body).message);
}

// A step has ended well when the next one begins.
void narrator::step_ended(state next, duration took) {
  bool went_on = next != state::cancelling && next != state::failed && next != state::superseded &&
                 next != state::cancelled && next != state::retired && next != state::rolled_back;
  if (went_on)
    return line(fmt::format("{} {} {}", look_.good(look_.done_mark()), done_word(*state_),
                            look_.faint(elapsed(took))));
  if (next != state::failed)
    return;
  line(fmt::format("{} {} failed {}", look_.bad(look_.failed_mark()), to_string(*state_),
                   look_.faint(elapsed(took))));
  if (keeps_all())
    return;
  for (const auto& each : step_.health(look_))
    line(each);
  for (const auto& each : step_.log())
    line(fmt::format("  {} {}", look_.faint("|"), each));
}

void narrator::tell(const event& what, const state_event& moved) {
  if (state_)
    step_ended(moved.state, what.at - since_);
  if (moved.state == state::queued && !look_.live)
    line("  queued: another deployment of the lane is in flight");
  if (moved.state == state::cancelling)
    line("  cancelling: stopping its build and its instances");
  told_log_ = told_log_ && moved.state == state::failed;
  state_ = moved.state;
  since_ = what.at;
  if (!is_in_flight(moved.state) && moved.state != state::queued)
    return;
  step_.begin(moved.state, wall_time() - what.at, std::chrono::steady_clock::now());
  draw();
}

void narrator::tell(const progress_event& p) {
  if (p.step != "upload" || !sends_)
    step_.progressed(p, std::chrono::steady_clock::now());
}

void narrator::tell(const log_event& log) {
  constexpr auto burst =
      std::chrono::milliseconds{30}; // a flood of lines is not drawn line by line
  told_log_ = true;
  if (!keeps_all() && log.step != "detect") // choices that were made stay to be read
    return step_.printed(log);
  line(fmt::format("{} {}", look_.faint(fmt::format("  {} |", printable(log.step))),
                   printable_output(log.line)));
  if (std::chrono::steady_clock::now() - drawn_at_ >= burst)
    draw();
}

// Probes repeat; what they say is told when it changes.
void narrator::tell(const health_event& health) {
  if (!keeps_all())
    return step_.checked(health);
  auto said = fmt::format("{}{}", health.ok ? '+' : '-', health.detail);
  auto& before = health_said_[health.instance];
  if (said == before)
    return;
  before = std::move(said);
  line(fmt::format("  {} {}: {}", printable(health.instance),
                   health.ok ? look_.good("healthy") : look_.warned("not healthy yet"),
                   printable(health.detail)));
}

} // namespace pawl::client
