#include "actors/runtime/own_thread.hpp"

#include <caf/event_based_actor.hpp>

namespace pawl {

namespace {

constexpr auto refusal_category = caf::atom("pawl");

caf::behavior absent_worker(caf::event_based_actor* self, const error& why) {
  self->set_default_handler(
      [why](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
        return caf::error{static_cast<std::uint8_t>(why.code), refusal_category,
                          caf::make_message(why.message)};
      });
  // An actor without a behaviour would end before its first request.
  return {[](const caf::open_stream_msg&) {}};
}

} // namespace

caf::actor spawn_absent_worker(caf::actor_system& system, error why) {
  return system.spawn(absent_worker, std::move(why));
}

std::optional<error> refusal_in(const caf::error& why) {
  if (why.category() != refusal_category)
    return std::nullopt;
  error refused{static_cast<errc>(why.code()), {}, {}};
  if (why.context().match_elements<std::string>())
    refused.message = why.context().get_as<std::string>(0);
  return refused;
}

} // namespace pawl
