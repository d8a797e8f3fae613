#include "actors/session/lane_status.hpp"

#include "actors/lane/served_instance.hpp"
#include "actors/session/listing.hpp"

#include <algorithm>

namespace pawl {

struct lane_status::page {
  std::vector<lane_record> lanes;
  std::string within; // the last waiting deployment of the first lane that was told already
  bool more = false;  // lanes behind these
  std::vector<protocol::lane_view> views;
  std::size_t left = 0; // to be described by their actors

  // A lane without an actor that could describe it: all but its instances is in the store.
  struct stored_lane {
    std::size_t index = 0;
    service_at_rest rests = {};
    std::optional<error> damage = {};
  };
  std::vector<stored_lane> stored;
};

namespace {

// As many of the views as a frame takes, with the cursor of what is left: of further lanes, or of
// further deployments that wait in the last lane.
protocol::lane_list fitting(std::vector<protocol::lane_view> views, bool more) {
  std::string within;
  while (true) {
    auto& last = views.back();
    protocol::lane_list list{views, {}};
    if (more || !within.empty())
      list.next_cursor = listing::cursor_after({{last.app, last.cluster}, within});
    if (protocol::fits_a_frame(list) || (views.size() == 1 && last.queued.size() < 2))
      return list;
    if (views.size() > 1) {
      views.resize(views.size() / 2);
      more = true;
    } else {
      last.queued.resize(last.queued.size() / 2);
      within = last.queued.back().id;
    }
  }
}

// Leaves out what the page before has told of this lane already.
void leave_out_told(protocol::lane_view& view, const std::string& last_told) {
  auto told = std::find_if(view.queued.begin(), view.queued.end(),
                           [&](const deployment& one) { return one.id == last_told; });
  if (told != view.queued.end()) // else all that waits has come since
    view.queued.erase(view.queued.begin(), told + 1);
  view.active.reset();
  view.instances.clear();
  view.in_flight.reset();
  view.deadline.reset();
  view.warm.clear();
}

} // namespace

void lane_status::note_what_is_now(std::vector<protocol::lane_view>& views) const {
  const auto now = context_.parts->now();
  for (auto& view : views) {
    const auto* cluster = served_cluster(*context_.parts, view.cluster);
    view.frozen = context_.actors.freezes->find({view.app, view.cluster}, now,
                                                cluster == nullptr ? std::vector<freeze_window>{}
                                                                   : cluster->freeze);
    for (const auto& one : context_.actors.warm->of_lane({view.app, view.cluster}))
      view.warm.push_back({one.version, one.until});
  }
}

void lane_status::answer(std::uint64_t ref, std::vector<lane_record> lanes,
                         const std::optional<listing::status_place>& from, std::size_t busy) {
  if (!context_.may_work(ref, busy))
    return;
  auto shown = std::make_shared<page>();
  if (from && lanes.front().lane == from->lane)
    shown->within = from->within;
  shown->more = lanes.size() > limits::lanes_page;
  lanes.resize(std::min(lanes.size(), limits::lanes_page));
  shown->lanes = std::move(lanes);
  describe(ref, shown);
}

void lane_status::describe(std::uint64_t ref, const std::shared_ptr<page>& shown) {
  ++context_.in_work;
  shown->views.resize(shown->lanes.size());
  shown->left = shown->lanes.size();
  auto arrived = [this, ref, shown] {
    if (--shown->left == 0)
      describe_the_rest(ref, shown);
  };
  for (std::size_t i = 0; i < shown->lanes.size(); ++i)
    describe_lane_of(shown, i, arrived);
}

// Only a lane with something to decide has an actor. Of one at rest the supervisor has the
// instances; the store has all else, and all that is known of one that is being brought back.
void lane_status::describe_lane_of(const std::shared_ptr<page>& shown, std::size_t index,
                                   std::function<void()> then, bool again) {
  auto from_store = [shown, index, then](const service_at_rest& rests = {},
                                         std::optional<error> damage = {}) {
    shown->stored.push_back({index, rests, std::move(damage)});
    then();
  };
  context_.self
      ->request(context_.actors.supervisor, limits::request_timeout,
                look_at_lane{shown->lanes[index].lane})
      .then(
          [this, shown, index, then, again, from_store](const result<lane_presence>& found) {
            if (!found && found.error().code == errc::data_corruption)
              return from_store({}, found.error());
            if (!found)
              return from_store();
            if (!found->actor)
              return from_store(found->rests.value_or(service_at_rest{}));
            context_.self->request(found->actor, limits::request_timeout, describe_lane{})
                .then(
                    [shown, index, then](protocol::lane_view& view) {
                      shown->views[index] = std::move(view);
                      then();
                    },
                    [this, shown, index, then, again, from_store](const caf::error& why) {
                      if (again && why == caf::sec::request_receiver_down) // it may rest by now
                        return describe_lane_of(shown, index, then, false);
                      from_store();
                    });
          },
          [from_store](const caf::error&) { from_store(); });
}

// Those that no actor has described; and then the page is whole.
void lane_status::describe_the_rest(std::uint64_t ref, const std::shared_ptr<page>& shown) {
  auto answer_page = [this, ref, shown] {
    --context_.in_work;
    note_what_is_now(shown->views);
    if (!shown->within.empty())
      leave_out_told(shown->views.front(), shown->within);
    context_.answer(ref, fitting(std::move(shown->views), shown->more));
  };
  if (shown->stored.empty())
    return answer_page();
  describe_from_store wanted;
  for (const auto& one : shown->stored)
    wanted.lanes.push_back(shown->lanes[one.index]);
  auto give_up = [this, ref](error why) {
    --context_.in_work;
    context_.refuse(ref, std::move(why));
  };
  auto begun = reads_.read<std::vector<protocol::lane_view>>(
      std::move(wanted),
      [shown, answer_page, give_up](result<std::vector<protocol::lane_view>>& views) {
        if (!views)
          return give_up(std::move(views).error());
        for (std::size_t i = 0; i < shown->stored.size(); ++i) {
          auto& [index, rests, damage] = shown->stored[i];
          auto& view = shown->views[index];
          view = std::move((*views)[i]);
          if (damage)
            view.error = std::move(damage);
          // Else it has just come back, and moved.
          if (view.active && view.active->id == rests.deployment)
            view.instances = views_of(rests);
        }
        answer_page();
      });
  if (!begun)
    give_up(std::move(begun).error());
}

} // namespace pawl
