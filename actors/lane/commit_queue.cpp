#include "actors/lane/commit_queue.hpp"

#include "lifecycle/bounded_text.hpp"

#include <algorithm>
#include <utility>

namespace pawl {

void commit_queue::enqueue(decision what) {
  waiting_.push_back(std::move(what));
  run_waiting();
}

void commit_queue::run_waiting() {
  while (is_free() && !waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next();
  }
  host_.decided();
}

void commit_queue::commit(change wanted, on_stored then, on_refused otherwise) {
  committing_ = true;
  host_.store(std::move(wanted), [this, then = std::move(then),
                                  otherwise = std::move(otherwise)](result<receipt>& answer) {
    committing_ = false;
    if (answer) {
      facts_.apply(*answer);
      then(*answer);
    } else {
      otherwise(std::move(answer).error());
    }
    host_.committed();
    run_waiting();
  });
}

void commit_queue::commit(change wanted, on_stored then) {
  add_notes(wanted);
  commit(std::move(wanted), std::move(then), [this](const error&) { cannot_go_on(); });
}

void commit_queue::move(result<deployment> advanced, on_stored then,
                        std::optional<version_record> version, std::vector<audit_record> audit) {
  if (!advanced)
    return cannot_go_on();
  change wanted;
  wanted.journal.push_back(
      {advanced->id, {{0, host_.now(), state_event{advanced->state, advanced->error}}}});
  wanted.deployments.push_back(std::move(*advanced));
  wanted.version = std::move(version);
  wanted.audit = std::move(audit);
  commit(std::move(wanted), std::move(then));
}

// Notes ask for no decision, and each change costs the writer as much as a move: most of them go
// with the deployment's next move, which comes soon.
void commit_queue::note(const std::string& deployment, event_body body) {
  const auto& in_flight = facts_.in_flight();
  if (!in_flight || in_flight->id != deployment)
    return;
  if (notes_.deployment != deployment)
    notes_ = {deployment, {}};
  keep_within_limits(body);
  notes_.events.push_back({0, host_.now(), std::move(body)});
  if (notes_.events.size() == 1)
    host_.call_for_notes();
}

void commit_queue::store_notes() {
  if (!has_notes())
    return;
  change wanted;
  wanted.journal.push_back(std::exchange(notes_, {}));
  host_.store_notes(std::move(wanted));
}

void commit_queue::cannot_go_on() {
  waiting_.clear();
  open_ = false;
  host_.quit();
}

// Those that came after the deployment's last move are told to nobody.
bool commit_queue::has_notes() const {
  const auto& in_flight = facts_.in_flight();
  return in_flight && in_flight->id == notes_.deployment && !notes_.events.empty();
}

void commit_queue::add_notes(change& to) {
  const bool moves = std::any_of(to.deployments.begin(), to.deployments.end(),
                                 [this](const auto& one) { return one.id == notes_.deployment; });
  if (moves && has_notes())
    to.journal.insert(to.journal.begin(), std::exchange(notes_, {}));
}

} // namespace pawl
