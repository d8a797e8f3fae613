#include "actors/session/session_core.hpp"

#include "persistence/visible_store.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace pawl {

namespace {

constexpr std::string_view our_program = "pawld " PAWL_VERSION;
// Nobody who is not known yet is told which version runs here.
constexpr std::string_view our_side = "pawld";

listing::readiness_look readiness_look_of(const server_parts& parts,
                                          std::shared_ptr<const warm_places> warm) {
  return [engines = parts.engines, warm = std::move(warm)](const version_record& version) {
    // Without it no instance that ends can be started again, so warm ones are no help.
    auto kind = engines.find(version.engine);
    if (kind == engines.end() || !kind->second->has_artifact(version.app, version.artifact))
      return readiness::gone;
    return warm->has(version.app, version.number) ? readiness::warm : readiness::cold;
  };
}

// An engine that cannot say fails the whole: a list without its volumes would say that they are
// gone. One engine may be that of several clusters.
listing::volumes_look volumes_look_of(const server_parts& parts) {
  return [engines = parts.engines]() -> result<std::vector<volume>> {
    std::vector<volume> all;
    for (const auto& [kind, one] : engines) {
      auto found = one->volumes();
      if (!found)
        return std::move(found).error();
      std::move(found->begin(), found->end(), std::back_inserter(all));
    }
    return all;
  };
}

} // namespace

session_core::session_core(caf::event_based_actor* self, std::shared_ptr<const server_parts> parts,
                           server_actors actors, caf::actor connection, peer who)
    : from_(std::move(who)), context_{self, std::move(parts), std::move(actors),
                                      std::move(connection), principal{}},
      reads_(self, nullptr,
             {readiness_look_of(*context_.parts, context_.actors.warm),
              volumes_look_of(*context_.parts)}),
      lane_requests_(context_), lane_status_(context_, reads_), uploads_(context_),
      follows_(context_), token_requests_(context_), freezing_(context_) {}

void session_core::receive(protocol::envelope& message) {
  if (busy_)
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
  if (!later && !busy_)
    context_.request_is_handled();
}

void session_core::take_waiting() {
  while (!busy_ && !waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    take(next);
  }
  if (!busy_ && unreadable_)
    end_with(*std::exchange(unreadable_, std::nullopt));
}

void session_core::greet(const protocol::envelope& first) {
  const auto* theirs = std::get_if<protocol::hello>(&first.body);
  if (theirs == nullptr)
    return end_with({errc::invalid_argument, "the first frame of a connection is hello", {}});
  if (auto speaks = protocol::check_version(*theirs, our_side); !speaks)
    return end_with(std::move(speaks).error());
  const auto& shown = theirs->token;
  if (is_signed_token(shown.reveal()))
    return ask_for_holder(first.ref, shown);
  const auto& parts = *context_.parts;
  welcome(first.ref,
          authenticate(parts.access, *context_.actors.tokens, from_, shown, parts.now()));
}

void session_core::ask_for_holder(std::uint64_t ref, const secret& shown) {
  const auto& keeper = context_.actors.keys;
  if (!keeper)
    return refuse_login(no_valid_credential());
  busy_ = true;
  context_.self->request(keeper, limits::request_timeout, check_token{shown, address_of(from_)})
      .then(
          [this, ref](result<principal>& known) {
            busy_ = false;
            if (!known)
              return refuse_login(std::move(known).error());
            welcome(ref, authenticated{*std::move(known)});
            take_waiting();
          },
          [this](const caf::error&) {
            refuse_login({errc::unavailable, "the token could not be checked now: try again", {}});
          });
}

void session_core::refuse_login(error reason) {
  if (reason.code == errc::unauthenticated) // not if its issuer could not be asked
    context_.self->send(context_.actors.auditor, login_failed{address_of(from_)});
  end_with(std::move(reason));
}

void session_core::welcome(std::uint64_t ref, result<authenticated> known) {
  if (!known)
    return refuse_login(std::move(known).error());
  if (auto begun = speak_for(*std::move(known)); !begun)
    return refuse_login(std::move(begun).error());
  greeted_ = true;
  context_.answer(ref, protocol::hello{protocol::version, std::string{our_program}, {}});
  context_.request_is_handled();
  look_at_credential();
}

result<void> session_core::speak_for(authenticated known) {
  const auto& parts = *context_.parts;
  if (auto counted = count_connection(known); !counted)
    return counted;
  if (known.token) {
    // By its address: what waits in the table for a revocation must not keep the session alive.
    token_watch_ = context_.actors.tokens->watch(
        *known.token, [to = caf::actor_cast<caf::actor_addr>(context_.self)] {
          caf::anon_send(caf::actor_cast<caf::actor>(to), credential_revoked_now{});
        });
    if (!token_watch_)
      return credential_revoked();
    token_requests_.note_use(*std::move(known.token));
  }
  context_.who = std::move(known.who);
  context_.seen = parts.records;
  if (!shows_all(context_.who.grant))
    context_.seen = std::make_shared<const visible_store>(parts.records, context_.who.grant);
  reads_.read_from(context_.seen);
  return {};
}

// Root with a token is whom the token names, and finds a way in without it.
result<void> session_core::count_connection(const authenticated& known) {
  auto& all = *context_.actors.connections;
  if (!known.token && is_owner(context_.parts->access, from_)) {
    counted_ = all.open_for_owner(known.who.name);
    return {};
  }
  auto counted = all.open(known.who.name);
  if (!counted)
    return std::move(counted).error();
  counted_ = *std::move(counted);
  return {};
}

// By the clock of the wall, which may be set while a client is connected.
void session_core::look_at_credential() {
  const auto& ends = context_.who.expires_at;
  if (!ends)
    return;
  const auto left = *ends - context_.parts->now();
  if (left <= duration::zero())
    return end_with(credential_expired(context_.who));
  context_.self->delayed_send(context_.self, std::min<duration>(left, limits::credential_look),
                              credential_due{});
}

void session_core::end_unreadable(error why) {
  if (busy_)
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
