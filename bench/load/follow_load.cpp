#include "bench/load/follow_load.hpp"

#include "bench/load/poller.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

std::uint64_t delay_of(const event& what) {
  const auto delay = std::chrono::system_clock::now() - what.at;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(delay).count(), 0));
}

} // namespace

viewers::viewers(const std::string& socket, std::size_t count) {
  for (std::size_t first = 0; first < count; first += limits::follows_per_session) {
    auto link = client::server_link::connect({{socket}}, limits::connect_timeout);
    if (!link)
      throw std::runtime_error(link.error().message);
    connection made;
    made.link = std::move(*link);
    made.views.resize(std::min(limits::follows_per_session, count - first));
    connections_.push_back(std::move(made));
  }
}

void viewers::begin(connection& one, const std::string& deployment) {
  for (std::size_t i = 0; i < one.views.size(); ++i) {
    const auto ref = one.link->send(protocol::follow_request{deployment, 1, limits::event_credit});
    if (!ref)
      throw std::runtime_error(ref.error().message);
    if (i == 0)
      one.first_ref = *ref;
    one.views[i] = {};
  }
}

void viewers::take_events(connection& one, viewer& view, std::uint64_t ref,
                          const protocol::events& batch, follow_tally& tally) {
  for (const auto& what : batch.list) {
    tally.gaps += what.seq == view.next ? 0 : 1;
    view.next = what.seq + 1;
    tally.delays.add(delay_of(what));
  }
  tally.deliveries += batch.list.size();
  view.consumed += static_cast<std::uint32_t>(batch.list.size());
  if (view.consumed >= client::renew_credit_after)
    if (auto sent = one.link->send(ref, protocol::follow_credit{std::exchange(view.consumed, 0)});
        !sent)
      throw std::runtime_error(sent.error().message);
}

void viewers::take(connection& one, const protocol::envelope& got, follow_tally& tally) {
  if (got.ref < one.first_ref || got.ref >= one.first_ref + one.views.size())
    return;
  auto& view = one.views[got.ref - one.first_ref];
  if (const auto* batch = std::get_if<protocol::events>(&got.body)) {
    take_events(one, view, got.ref, *batch, tally);
  } else if (std::holds_alternative<protocol::followed>(got.body)) {
    tally.ended += view.ended ? 0 : 1;
    view.ended = true;
  } else if (const auto* refusal = std::get_if<protocol::refused>(&got.body)) {
    throw std::runtime_error(refusal->error.message);
  }
}

follow_tally viewers::follow(const std::string& deployment, std::chrono::milliseconds time) {
  follow_tally tally;
  const poller waiting;
  std::size_t count = 0;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    waiting.add(connections_[i].link->ready_descriptor(), i);
    begin(connections_[i], deployment);
    count += connections_[i].views.size();
  }
  const auto end = clock::now() + time;
  constexpr std::chrono::milliseconds patience{50};
  while (tally.ended < count && clock::now() < end)
    waiting.wait(patience, [&](std::size_t index) {
      auto& one = connections_[index];
      auto got = one.link->receive(std::chrono::milliseconds{0});
      for (; got; got = one.link->receive(std::chrono::milliseconds{0}))
        take(one, *got, tally);
      if (got.error().code != errc::timed_out)
        throw std::runtime_error(got.error().message);
    });
  return tally;
}

} // namespace pawl::bench
