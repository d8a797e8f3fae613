#include "test/simulation/simulated_client.hpp"

#include <caf/send.hpp>

namespace pawl::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t refusals_max = 8; // then it gives up, as people do

bool may_pass(errc code) {
  return code == errc::unavailable || code == errc::timed_out || code == errc::resource_exhausted;
}

} // namespace

simulated_client::simulated_client(clients_world& world, errand wanted)
    : world_(world), wanted_(std::move(wanted)) {
  if (const auto* deploy = std::get_if<protocol::deploy_request>(&wanted_.what))
    bytes_ = deploy->source.bytes;
}

void simulated_client::begin() {
  ++world_.busy;
  connect();
}

void simulated_client::connect() {
  if (done_)
    return;
  auto number = ++connection_;
  following_ = 0;
  auto mine = weak_from_this();
  session_ = world_.connect(
      [mine, number](const result<protocol::envelope>& said) {
        if (auto self = mine.lock(); self && self->connection_ == number)
          self->hear(said);
      },
      [mine, number] {
        if (auto self = mine.lock(); self && self->connection_ == number)
          self->reconnect_later();
      });
  if (!session_)
    return reconnect_later();
  say(protocol::hello{protocol::version, "pawl 0.1.0", {}});
}

void simulated_client::reconnect_later() {
  ++connection_;
  session_ = {};
  world_.on.after(world_.on.random.between(100ms, 3s), [mine = weak_from_this()] {
    if (auto self = mine.lock())
      self->connect();
  });
}

void simulated_client::leave() {
  if (done_)
    return;
  world_.on.count("clients that left");
  finish();
}

void simulated_client::lose_connection() {
  if (done_ || !session_)
    return;
  caf::anon_send_exit(session_, caf::exit_reason::user_shutdown);
  reconnect_later();
}

void simulated_client::finish() {
  done_ = true;
  ++connection_;
  caf::anon_send_exit(session_, caf::exit_reason::user_shutdown);
  session_ = {};
  --world_.busy;
}

void simulated_client::say(protocol::message body) {
  caf::anon_send(session_, client_request{*over_the_wire({++ref_, std::move(body)})});
}

void simulated_client::hear(const result<protocol::envelope>& said) {
  if (!said)
    return world_.on.violate("a client was sent what is no message: " + said.error().message);
  std::visit([this](const auto& body) { take(body); }, said->body);
}

void simulated_client::take(const protocol::hello&) {
  ask();
}

void simulated_client::ask() {
  if (std::holds_alternative<protocol::unfreeze_request>(wanted_.what))
    world_.freezes.lifted.insert(wanted_.lane);
  std::visit(
      [this](const auto& what) {
        if constexpr (requires { what.request_id; })
          world_.freezes.asked.try_emplace(what.request_id, world_.on.now());
      },
      wanted_.what);
  std::visit([this](const auto& what) { say(what); }, wanted_.what);
}

void simulated_client::take(const protocol::accepted& answer) {
  const auto& d = answer.deployment;
  std::visit(
      [&](const auto& what) {
        if constexpr (requires { what.request_id; })
          world_.checker.accepted(what.request_id, d);
      },
      wanted_.what);
  check_may_begin(d);
  if (!accepted_)
    world_.deployments.push_back(d.id);
  accepted_ = d;
  follow();
  if (answer.upload_offset < bytes_)
    send_chunk(answer.upload_offset);
}

// Nothing begins in a frozen lane but rollbacks, and what an admin wants all the same.
void simulated_client::check_may_begin(const deployment& d) {
  const auto& known = world_.freezes;
  const auto* deploy = std::get_if<protocol::deploy_request>(&wanted_.what);
  const auto frozen = known.since.find(wanted_.lane);
  if (d.operation == operation::rollback || frozen == known.since.end() ||
      known.lifted.contains(wanted_.lane) || (deploy != nullptr && deploy->override_freeze))
    return;
  if (known.asked.at(d.request_id) > frozen->second)
    world_.on.violate(fmt::format("{} of {}/{} was accepted in a lane frozen since {}", d.id, d.app,
                                  d.cluster, frozen->second.count()));
}

void simulated_client::take(const protocol::frozen&) {
  if (!world_.freezes.lifted.contains(wanted_.lane))
    world_.freezes.since.try_emplace(wanted_.lane, world_.on.now());
  world_.on.count("freezes answered");
  finish();
}

void simulated_client::take(const protocol::unfrozen&) {
  world_.on.count("freezes lifted");
  finish();
}

// A request makes one revision, however often it is sent.
void simulated_client::take(const protocol::configured& answer) {
  const auto& id = std::get<protocol::configure_request>(wanted_.what).request_id;
  const auto known = world_.configs.try_emplace(id, answer.config).first->second;
  if (known != answer.config)
    world_.on.violate(
        fmt::format("I6: request {} has made the revisions {} and {}", id, known, answer.config));
  if (answer.deployment)
    return take(protocol::accepted{*answer.deployment, 0});
  world_.on.count("configurations staged");
  finish();
}

void simulated_client::send_chunk(std::uint64_t offset) {
  auto size = std::min<std::uint64_t>(chunk, bytes_ - offset);
  say(protocol::upload_chunk{accepted_->id, offset,
                             std::vector<char>(static_cast<std::size_t>(size), 'x')});
}

void simulated_client::take(const protocol::upload_progress& answer) {
  if (answer.offset < bytes_)
    return send_chunk(answer.offset);
  world_.uploaded.insert(answer.deployment);
}

void simulated_client::follow() {
  if (following_ != 0)
    return;
  say(protocol::follow_request{accepted_->id, seen_ + 1, limits::event_credit});
  following_ = ref_;
}

void simulated_client::take(const protocol::events& answer) {
  for (const auto& event : answer.list) {
    if (event.seq != seen_ + 1)
      world_.on.violate(fmt::format("I8: a follower of {} saw event {} after {}", answer.deployment,
                                    event.seq, seen_));
    seen_ = event.seq;
    world_.checker.shown(answer.deployment, event);
  }
}

void simulated_client::take(const protocol::followed& answer) {
  world_.checker.shown(answer.deployment);
  if (!is_settled(answer.deployment.state))
    world_.on.violate("a follower was told of an end that is none: " + answer.deployment.id);
  world_.on.count("followed to the end");
  finish();
}

void simulated_client::take(const protocol::shown& answer) {
  world_.checker.shown(answer.deployment);
  if (answer.deployment.state != state::cancelled)
    world_.on.violate("I7: a cancel was answered with a deployment that is not cancelled: " +
                      answer.deployment.id);
  world_.on.count("cancels answered");
  finish();
}

void simulated_client::take(const protocol::destroyed& answer) {
  if (answer.deployment)
    world_.checker.destroyed(*answer.deployment);
  world_.on.count("destructions answered");
  finish();
}

void simulated_client::take(const protocol::process_list& answer) {
  world_.checker.told_of(answer);
  world_.on.count(std::holds_alternative<protocol::scale_request>(wanted_.what)
                      ? "scales answered"
                      : "stops and starts answered");
  finish();
}

// A refusal of a chunk says that no more of the source is needed, or that another connection has
// gone on with it: what becomes of the deployment, the journal tells.
void simulated_client::take(const protocol::refused& answer) {
  const auto& why = answer.error;
  world_.on.note(fmt::format("refused: {}: {}", to_string(why.code), why.message));
  world_.on.count(fmt::format("refused {}", to_string(why.code)));
  if (why.code == errc::internal || why.code == errc::data_corruption)
    world_.on.violate("a client was refused with a bug: " + why.message);
  bool again = accepted_ || may_pass(why.code);
  if (!again || ++refusals_ > refusals_max)
    return finish();
  lose_connection();
}

} // namespace pawl::test
