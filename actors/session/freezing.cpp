#include "actors/session/freezing.hpp"

#include "actors/supervision/unserved_lanes.hpp"
#include "persistence/storable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

void freezing::set(std::uint64_t ref, const protocol::freeze_request& request, audit_record asked) {
  asked.detail = request.reason;
  if (request.until)
    asked.detail += fmt::format(" (until {})", format_time(*request.until));
  if (auto good = check(request); !good)
    return context_.refuse_and_tell(ref, std::move(asked), std::move(good).error());
  change wanted;
  wanted.freeze = freeze_record{request.app,       request.cluster,       request.reason,
                                context_.who.name, context_.parts->now(), request.until};
  commit(ref, std::move(wanted), asked);
}

void freezing::lift(std::uint64_t ref, const protocol::unfreeze_request& request,
                    const audit_record& asked) {
  change wanted;
  wanted.unfrozen = freeze_scope{request.app, request.cluster};
  commit(ref, std::move(wanted), asked);
}

result<void> freezing::check(const protocol::freeze_request& request) const {
  const auto now = context_.parts->now();
  if (request.until && *request.until <= now)
    return error{errc::invalid_argument,
                 fmt::format("the freeze would end at {}, and it is {} already: give --until a "
                             "later time, or a duration from now such as 2h",
                             format_time(*request.until), format_time(now)),
                 {}};
  const auto& known = context_.parts->clusters;
  const bool is_known =
      !request.cluster || std::any_of(known.begin(), known.end(), [&](const cluster_settings& one) {
        return one.name == *request.cluster;
      });
  return is_known ? result<void>{} : no_cluster(*request.cluster);
}

// The store names the freezes that there are; here those that the client may see.
error freezing::seen_of(const audit_record& asked, const error& why) const {
  if (why.code != errc::not_found)
    return why;
  auto known = context_.records().freezes();
  return known ? not_frozen({asked.app, asked.cluster}, *known) : std::move(known).error();
}

void freezing::commit(std::uint64_t ref, change wanted, const audit_record& asked) {
  if (!context_.may_work(ref))
    return;
  ++context_.in_work;
  wanted.audit.push_back(done_with(asked, {}, context_.parts->now()));
  context_.self->request(context_.actors.writer, limits::request_timeout, std::move(wanted))
      .then(
          [this, ref, asked](result<receipt>& stored) {
            --context_.in_work;
            if (!stored)
              return context_.refuse_and_tell(ref, asked, seen_of(asked, stored.error()));
            if (stored->freeze)
              context_.answer(ref, protocol::frozen{std::move(*stored->freeze)});
            else
              context_.answer(ref, protocol::unfrozen{std::move(*stored->lifted)});
          },
          [this, ref](const caf::error&) {
            --context_.in_work;
            context_.refuse(ref, {errc::unavailable,
                                  "the store did not answer in time; look with pawl status, and "
                                  "try again",
                                  {}});
          });
}

} // namespace pawl
