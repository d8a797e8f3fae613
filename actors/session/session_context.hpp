// The things that every part of a session needs: the server around it, and the way to answer.
#pragma once

#include "actors/session.hpp"
#include "actors/supervision/server.hpp"
#include "lifecycle/access.hpp"
#include "lifecycle/audit.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>

namespace pawl {

struct session_context {
  caf::event_based_actor* self = nullptr; // the session
  std::shared_ptr<const server_parts> parts;
  server_actors actors;
  caf::actor connection;
  principal who;                          // from the greeting on
  std::size_t in_work = 0;                // requests that other actors work on, not answered yet
  std::shared_ptr<const store> seen = {}; // the store, as far as `who` may see it

  const store& records() const { return *seen; }

  // `ref` is that of the request that is answered; 0 for what answers none.
  void answer(std::uint64_t ref, protocol::message body) const;
  void refuse(std::uint64_t ref, error why) const;
  void request_is_handled() const;

  // Tells the audit journal that the request is refused; refuses it when that is on disk, or cannot
  // be, or at once if its user had limits::audited_refusals in this minute. Counts as work until
  // then.
  void refuse_and_tell(std::uint64_t ref, audit_record asked, error why);

  // If no cluster is named: the only one that `who` may see, or the only one of these to which the
  // app was deployed. Otherwise invalid_argument, which names those that it can be.
  result<std::string> cluster_for(const std::string& named, const std::string& app) const;

  // False, and the request is refused, if limits::requests_in_work others are in work. `busy`: how
  // many were when the request came, if that was earlier.
  bool may_work(std::uint64_t ref) const { return may_work(ref, in_work); }
  bool may_work(std::uint64_t ref, std::size_t busy) const;
};

} // namespace pawl
