#include "client/narrator.hpp"

#include "client/time.hpp"
#include "client/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

constexpr auto live_interval = std::chrono::milliseconds{100}; // a person sees no more

std::string_view done_word(state s) {
  switch (s) {
  case state::queued:
    return "waited its turn";
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

} // namespace

narrator::narrator(writer out, look how) : out_(std::move(out)), look_(how) {}

void narrator::clear_live() {
  if (live_shown_)
    out_("\r\x1b[K");
  live_shown_ = false;
}

void narrator::line(std::string_view text) {
  clear_live();
  out_(fmt::format("{}\n", text));
}

void narrator::live(const std::string& text) {
  auto now = std::chrono::steady_clock::now();
  if (!look_.live || now - live_at_ < live_interval)
    return;
  live_at_ = now;
  live_shown_ = true;
  out_(fmt::format("\r\x1b[K{}", text));
}

void narrator::note(std::string_view text) {
  line(look_.faint(printable(text)));
}

void narrator::warning(std::string_view text) {
  line(fmt::format("{} {}", look_.warned("!"), printable(text)));
}

void narrator::accepted(const deployment& d) {
  line(fmt::format("{} {} to {}, deployment {}{}",
                   d.operation == operation::deploy     ? "deploying"
                   : d.operation == operation::rollback ? "rolling back"
                                                        : "promoting",
                   look_.strong(printable(d.app)), look_.strong(printable(d.cluster)), d.id,
                   d.version ? ", " + to_string(*d.version) : ""));
}

void narrator::uploaded(std::uint64_t bytes, std::uint64_t total) {
  auto now = std::chrono::steady_clock::now();
  if (upload_began_ == std::chrono::steady_clock::time_point{})
    upload_began_ = now;
  if (bytes < total)
    return live(fmt::format("  uploading {:>3} %  {} of {}", bytes * 100 / total,
                            human_bytes(bytes), human_bytes(total)));
  line(fmt::format("{} uploaded {}", look_.good("✓"), human_bytes(total)));
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

// A step has ended well when the next one begins; how the last one ended is the verdict's to say.
void narrator::tell(const event& what, const state_event& moved) {
  bool went_on = moved.state != state::cancelling && moved.state != state::failed &&
                 moved.state != state::superseded && moved.state != state::retired &&
                 moved.state != state::rolled_back;
  if (state_ && went_on)
    line(fmt::format("{} {} {}", look_.good("✓"), done_word(*state_),
                     look_.faint(elapsed(what.at - since_))));
  if (moved.state == state::queued)
    line("  queued: another deployment of the lane is in flight");
  if (moved.state == state::cancelling)
    line("  cancelling: stopping what runs for it");
  if (is_in_flight(moved.state))
    live(fmt::format("  {} …", to_string(moved.state)));
  state_ = moved.state;
  since_ = what.at;
}

void narrator::tell(const progress_event& p) {
  if (p.total > 0)
    live(
        fmt::format("  {}: {} of {} {}", printable(p.step), p.current, p.total, printable(p.unit)));
}

void narrator::tell(const log_event& log) {
  line(fmt::format("{} {}", look_.faint(fmt::format("  {} |", printable(log.step))),
                   printable(log.line)));
}

// Probes repeat; what they say is told when it changes.
void narrator::tell(const health_event& health) {
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
