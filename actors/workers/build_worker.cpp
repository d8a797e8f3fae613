#include "actors/workers/build_worker.hpp"

#include <caf/scoped_actor.hpp>

namespace pawl {

namespace {

using namespace std::chrono_literals;

// Gives the slot back however the build ends.
class held_slot {
public:
  explicit held_slot(build_slots& slots) : slots_(slots) {}
  ~held_slot() { slots_.release(); }
  held_slot(const held_slot&) = delete;
  held_slot& operator=(const held_slot&) = delete;

private:
  build_slots& slots_;
};

error stopped_while_waiting() {
  return {errc::cancelled, "the build was stopped while it waited for its turn", {}};
}

} // namespace

bool build_slots::acquire(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  if (!freed_.wait(lock, stop, [this] { return free_ > 0; }))
    return false;
  --free_;
  return true;
}

void build_slots::release() {
  {
    std::lock_guard lock{mutex_};
    ++free_;
  }
  freed_.notify_one();
}

journal_lines build_worker_state::lines_for(const std::string& deployment, std::string step) {
  auto store_batch = [this, deployment](std::vector<event> batch) {
    change wanted;
    wanted.journal.push_back({deployment, std::move(batch)});
    caf::scoped_actor asker{self->home_system()};
    // A batch that the store refuses (the deployment has ended, the disk is full) is lost, the
    // build is not.
    asker->request(parts.writer, limits::request_timeout, std::move(wanted))
        .receive([](const result<receipt>&) {}, [](const caf::error&) {});
  };
  return {std::move(step), parts.now, store_batch};
}

result<done> build_worker_state::build_into(const build_order& order, journal_lines& lines) {
  if (!parts.slots->acquire(order.stop))
    return stopped_while_waiting();
  held_slot slot{*parts.slots};
  auto built = parts.engine->build(
      order.job, [&](std::string_view stream, std::string_view line) { lines.add(stream, line); },
      order.stop);
  lines.finish();
  if (built)
    return done{};
  auto why = std::move(built).error();
  why.details.emplace("log", lines.last_lines());
  return why;
}

result<done> build_worker_state::build(const build_order& order) {
  auto lines = lines_for(order.job.deployment, "build");
  return build_into(order, lines);
}

result<artifact> build_worker_state::push(const push_order& order) {
  auto pushed = parts.engine->push(order.job, order.stop);
  if (pushed || pushed.error().code != errc::not_found)
    return pushed;
  // A power failure may have taken what was built, though the record says that it had been.
  auto lines = lines_for(order.job.deployment, "build");
  if (auto built = build_into({order.job, order.stop}, lines); !built)
    return std::move(built).error();
  return parts.engine->push(order.job, order.stop);
}

result<done> build_worker_state::run_release(const release_order& order) {
  auto lines = lines_for(order.spec.deployment, "release");
  auto ran = parts.engine->run_release(
      order.spec, [&](std::string_view stream, std::string_view line) { lines.add(stream, line); },
      order.stop);
  lines.finish();
  if (ran)
    return done{};
  auto why = std::move(ran).error();
  why.details.emplace("log", lines.last_lines());
  return why;
}

build_worker_actor::behavior_type
build_worker(blocking_pointer<build_worker_actor, build_worker_state> self,
             build_worker_parts parts) {
  self->state.self = self;
  self->state.parts = std::move(parts);
  return {
      [self](const build_order& order) { return self->state.build(order); },
      [self](const push_order& order) { return self->state.push(order); },
      [self](const release_order& order) { return self->state.run_release(order); },
  };
}

} // namespace pawl
