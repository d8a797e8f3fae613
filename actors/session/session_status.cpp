// The answer to `status`: a page of lanes, each described by its own actor, or from the store.
#include "actors/lane/served_instance.hpp"
#include "actors/session/listing.hpp"
#include "actors/session/session.hpp"

#include <algorithm>

namespace pawl {

struct session_state::status_page {
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
}

} // namespace

void session_state::handle(std::uint64_t ref, const protocol::status_request& request) {
  auto place = listing::place_of(request);
  if (!place)
    return refuse(ref, std::move(place).error());
  // Whether it may be worked on is judged as it comes: while it is read, others may be answered.
  scan<std::vector<lane_record>>(
      ref, scan_lanes{request, *place},
      [this, ref, from = *place, busy = in_work](std::vector<lane_record>& known) {
        if (known.empty())
          return answer(ref, protocol::lane_list{});
        if (!may_work(ref, busy))
          return;
        auto page = std::make_shared<status_page>();
        if (from && known.front().lane == from->lane)
          page->within = from->within;
        page->more = known.size() > limits::lanes_page;
        known.resize(std::min(known.size(), limits::lanes_page));
        page->lanes = std::move(known);
        describe_lanes(ref, page);
      });
}

void session_state::describe_lanes(std::uint64_t ref, const std::shared_ptr<status_page>& page) {
  ++in_work;
  page->views.resize(page->lanes.size());
  page->left = page->lanes.size();
  auto arrived = [this, ref, page] {
    if (--page->left == 0)
      describe_the_rest(ref, page);
  };
  for (std::size_t i = 0; i < page->lanes.size(); ++i)
    describe_lane_of(page, i, arrived);
}

// Only a lane with something to decide has an actor. Of one at rest the supervisor has the
// instances; the store has all else, and all that is known of one that is being brought back.
void session_state::describe_lane_of(const std::shared_ptr<status_page>& page, std::size_t index,
                                     std::function<void()> then, bool again) {
  auto from_store = [page, index, then](const service_at_rest& rests = {},
                                        std::optional<error> damage = {}) {
    page->stored.push_back({index, rests, std::move(damage)});
    then();
  };
  self->request(actors.supervisor, limits::request_timeout, look_at_lane{page->lanes[index].lane})
      .then(
          [this, page, index, then, again, from_store](const result<lane_presence>& found) {
            if (!found && found.error().code == errc::data_corruption)
              return from_store({}, found.error());
            if (!found)
              return from_store();
            if (!found->actor)
              return from_store(found->rests.value_or(service_at_rest{}));
            self->request(found->actor, limits::request_timeout, describe_lane{})
                .then(
                    [page, index, then](protocol::lane_view& view) {
                      page->views[index] = std::move(view);
                      then();
                    },
                    [this, page, index, then, again, from_store](const caf::error& why) {
                      if (again && why == caf::sec::request_receiver_down) // it may rest by now
                        return describe_lane_of(page, index, then, false);
                      from_store();
                    });
          },
          [from_store](const caf::error&) { from_store(); });
}

// Those that no actor has described; and then the page is whole.
void session_state::describe_the_rest(std::uint64_t ref, const std::shared_ptr<status_page>& page) {
  auto answer_page = [this, ref, page] {
    --in_work;
    if (!page->within.empty())
      leave_out_told(page->views.front(), page->within);
    answer(ref, fitting(std::move(page->views), page->more));
  };
  if (page->stored.empty())
    return answer_page();
  describe_from_store wanted;
  for (const auto& one : page->stored)
    wanted.lanes.push_back(page->lanes[one.index]);
  auto give_up = [this, ref](error why) {
    --in_work;
    refuse(ref, std::move(why));
  };
  auto begun = reads->read<std::vector<protocol::lane_view>>(
      std::move(wanted),
      [page, answer_page, give_up](result<std::vector<protocol::lane_view>>& views) {
        if (!views)
          return give_up(std::move(views).error());
        for (std::size_t i = 0; i < page->stored.size(); ++i) {
          auto& [index, rests, damage] = page->stored[i];
          auto& view = page->views[index];
          view = std::move((*views)[i]);
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
