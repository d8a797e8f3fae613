#include "actors/session/session_core.hpp"

namespace pawl {

namespace {

constexpr std::string_view our_side = "pawld " PAWL_VERSION;

listing::artifact_check artifact_check_of(const server_parts& parts) {
  return [engines = parts.engines](const version_record& version) {
    auto kind = engines.find(version.engine);
    return kind != engines.end() && kind->second->has_artifact(version.app, version.artifact);
  };
}

// The socket is its owner's and root's: its mode is 0600.
principal principal_of(peer known) {
  return {.name = std::move(known.name),
          .grant = {role::admin, {}, {}},
          .credential = credential::socket,
          .expires_at = {},
          .address = "unix"};
}

} // namespace

session_core::session_core(caf::event_based_actor* self, std::shared_ptr<const server_parts> parts,
                           server_actors actors, caf::actor connection, peer who)
    : context_{self, std::move(parts), std::move(actors), std::move(connection),
               principal_of(std::move(who))},
      reads_(self, context_.parts->records, artifact_check_of(*context_.parts)),
      lane_requests_(context_), lane_status_(context_, reads_), uploads_(context_),
      follows_(context_) {}

void session_core::receive(protocol::envelope& message) {
  if (scanning_)
    waiting_.push_back(std::move(message)); // no more than frames_in_work: none is handled yet
  else
    take(message);
}

void session_core::take(protocol::envelope& message) {
  if (!greeted_)
    return greet(message);
  // A part of an upload is handled when its bytes are in its file, a scan when it is answered: that
  // bounds what a fast client can pile up.
  bool later = std::holds_alternative<protocol::upload_chunk>(message.body);
  handle(message);
  if (!later && !scanning_)
    context_.request_is_handled();
}

void session_core::take_waiting() {
  while (!scanning_ && !waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    take(next);
  }
  if (!scanning_ && unreadable_)
    end_with(*std::exchange(unreadable_, std::nullopt));
}

void session_core::greet(const protocol::envelope& first) {
  const auto* theirs = std::get_if<protocol::hello>(&first.body);
  if (theirs == nullptr)
    return end_with({errc::invalid_argument, "the first frame of a connection is hello", {}});
  if (auto speaks = protocol::check_version(*theirs, our_side); !speaks)
    return end_with(std::move(speaks).error());
  greeted_ = true;
  context_.answer(first.ref, protocol::hello{protocol::version, std::string{our_side}, {}});
  context_.request_is_handled();
}

void session_core::end_unreadable(error why) {
  if (scanning_)
    unreadable_ = std::move(why);
  else
    end_with(std::move(why));
}

void session_core::end_with(error why) {
  waiting_.clear();
  unreadable_.reset();
  context_.refuse(0, std::move(why));
  context_.self->send(context_.connection, close_connection{});
  quit();
}

// With a reason: a link takes no notice of an end without one, and the viewers would live on.
void session_core::quit() {
  reads_.end();
  context_.self->quit(caf::exit_reason::user_shutdown);
}

} // namespace pawl
