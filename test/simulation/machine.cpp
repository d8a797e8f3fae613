#include "test/simulation/machine.hpp"

#include <caf/actor_registry.hpp>
#include <caf/local_actor.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include <boost/core/demangle.hpp>

namespace pawl::test {

machine::machine(std::uint64_t seed, tracing how)
    : random(seed), system_(std::make_unique<caf::actor_system>(config_)),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler())),
      began_(scheduler_.clock().now()), tracing_(how) {}

machine::~machine() {
  // ~actor_system waits for every actor for ever: with one left, the life has failed already.
  if (system_->registry().running() > 0)
    static_cast<void>(system_.release());
}

duration machine::now() const {
  return std::chrono::duration_cast<duration>(scheduler_.clock().current_time - began_);
}

void machine::after(duration wait, std::function<void()> what) {
  agenda_.emplace(scheduler_.clock().current_time + wait, std::move(what));
}

bool machine::step() {
  auto ready = scheduler_.jobs.size() + ready_.size();
  if (ready == 0 || random.chance(sky.stall))
    return pass_to_next_timer() || ready > 0;
  if (server_runs_ && random.chance(sky.crash)) {
    crash("between two steps");
    return true;
  }
  maybe_kill();
  auto chosen = random.below(ready);
  if (chosen < scheduler_.jobs.size()) {
    run_job(chosen);
    return true;
  }
  auto at = ready_.begin() + static_cast<std::ptrdiff_t>(chosen - scheduler_.jobs.size());
  auto over = *at;
  ready_.erase(at);
  end_wait(over);
  return true;
}

void machine::end_wait(std::uint64_t which) {
  auto waiting = waiting_.extract(which);
  stacks_.resume(waiting.mapped());
}

void machine::run_job(std::size_t index) {
  auto& jobs = scheduler_.jobs;
  auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(index);
  std::rotate(jobs.begin(), chosen, chosen + 1);
  if (const auto* actor = dynamic_cast<caf::local_actor*>(jobs.front()))
    note_job(*actor);
  stacks_.run([this] { scheduler_.run_once(); });
}

void machine::note_job(const caf::local_actor& who) {
  mix(who.name());
  if (tracing_ == tracing::digest)
    return;
  auto line = fmt::format("{} {} takes", who.name(), who.id());
  if (const auto* actor = dynamic_cast<const caf::scheduled_actor*>(&who)) {
    // Peeking moves messages within the mailbox, and changes nothing of their order.
    auto* next = const_cast<caf::scheduled_actor*>(actor)->mailbox().peek();
    for (std::size_t i = 0; next != nullptr && i < next->content().size(); ++i)
      if (const auto* type = next->content().type(i).second)
        line += " " + boost::core::demangle(type->name()).substr(0, 60);
  }
  text_ += fmt::format("{:>9} {}\n", now().count(), line);
}

bool machine::pass_to_next_timer() {
  auto& clock = scheduler_.clock();
  const auto& timers = clock.schedule();
  bool own =
      !agenda_.empty() && (timers.empty() || agenda_.begin()->first <= timers.begin()->first);
  if (!own)
    return clock.trigger_timeout();
  auto next = agenda_.extract(agenda_.begin());
  clock.current_time = std::max(clock.current_time, next.key());
  next.mapped()();
  return true;
}

void machine::maybe_kill() {
  if (!server_runs_ || scheduler_.jobs.empty() || !random.chance(sky.kill))
    return;
  auto* job = scheduler_.jobs[random.below(scheduler_.jobs.size())];
  auto* actor = dynamic_cast<caf::local_actor*>(job);
  if (actor == nullptr || spared_.contains(actor->id()))
    return;
  note(fmt::format("kill {}", actor->name()));
  count(fmt::format("kills of {}", actor->name()));
  caf::anon_send_exit(actor->address(), caf::exit_reason::kill);
}

void machine::drain() {
  draining_ = true;
  auto& jobs = scheduler_.jobs;
  while (!jobs.empty() || !waiting_.empty()) {
    if (jobs.empty())
      end_wait(waiting_.begin()->first);
    else
      run_job(0);
  }
  ready_.clear();
  draining_ = false;
}

void machine::crash(std::string_view why) {
  if (!std::exchange(server_runs_, false))
    return;
  note(fmt::format("crash {}", why));
  count("crashes");
}

void machine::pass(duration time) {
  auto* mine = stacks_.current();
  if (mine == nullptr || draining_)
    return;
  auto wait = ++waits_;
  waiting_.emplace(wait, mine);
  after(time, [this, wait] {
    if (waiting_.contains(wait)) // drain() may have ended it
      ready_.push_back(wait);
  });
  stacks_.wait();
}

void machine::note(std::string_view what) {
  mix(what);
  if (tracing_ == tracing::text)
    text_ += fmt::format("{:>9} {}\n", now().count(), what);
}

void machine::mix(std::string_view what) {
  for (char c : what)
    digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  digest_ = (digest_ ^ static_cast<std::uint64_t>(now().count())) * 0x100000001b3U;
}

void machine::violate(std::string what) {
  note("VIOLATION " + what);
  violations_.push_back(std::move(what));
}

} // namespace pawl::test
