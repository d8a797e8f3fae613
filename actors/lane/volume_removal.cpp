#include "actors/lane/volume_removal.hpp"

#include "actors/lane/refusals.hpp"

namespace pawl {

void volume_removal::begin(const remove_volume& what,
                           const reply<protocol::volume_removed>& answer) {
  const auto& facts = lane_.facts;
  if (lane_.with.unserved)
    return answer(*lane_.with.unserved);
  if (facts.busy())
    return answer(
        volume_may_be_needed(facts.in_flight() ? *facts.in_flight() : facts.queue().front()));
  if (const auto& served = facts.active(); served && served->internals.settings &&
                                           served->internals.settings->volumes.contains(what.name))
    return answer(volume_in_use(what.name, *served));
  if (!what.audit)
    return erase(what.name, answer);
  change told;
  told.audit.push_back(done_with(*what.audit, what.name, lane_.with.now()));
  lane_.commits.commit(
      std::move(told), [this, name = what.name, answer](receipt&) { erase(name, answer); },
      [answer](error why) { answer(std::move(why)); });
}

void volume_removal::erase(const std::string& name, const reply<protocol::volume_removed>& answer) {
  const bool some_end = !replaced_.is_empty();
  replaced_.give_up_all();
  auto caller = lane_.with.make_caller();
  lane_.self->link_to(caller);
  errands_.begin();
  auto finish = [this, caller, answer](result<protocol::volume_removed> how) {
    lane_.self->send_exit(caller, caf::exit_reason::user_shutdown);
    errands_.end();
    if (how)
      answer(*std::move(how));
    else
      answer(std::move(how).error());
    lane_.events.look_for_idleness();
  };
  lane_.self->request(caller, limits::destroy_patience, erase_volume{lane_.lane, name})
      .then(
          [this, name, finish, some_end](result<done>& erased) {
            if (!erased) {
              auto why = std::move(erased).error();
              if (some_end && why.code == errc::invalid_transition)
                why.message += ", which ends: try again when it has";
              return finish(std::move(why));
            }
            finish(protocol::volume_removed{lane_.lane.app, lane_.lane.cluster, name});
          },
          [name, finish](const caf::error&) {
            finish(error{errc::unavailable,
                         "the volume " + name + " is still being removed; see \"pawl volumes\"",
                         {{"volume", name}}});
          });
}

} // namespace pawl
