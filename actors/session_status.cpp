// What `status` asks: a page of lanes, each described by its own actor, or from the store.
#include "actors/listing.hpp"
#include "actors/session.hpp"
#include "protocol/codec.hpp"

namespace pawl {

struct session_state::status_page {
  std::vector<lane_record> lanes;
  bool more = false; // lanes behind these
  std::vector<protocol::lane_view> views;
  std::size_t left = 0; // to be described
};

namespace {

// As many of the views as a frame takes, with the cursor of those that are left.
protocol::lane_list fitting(std::vector<protocol::lane_view> views, bool more) {
  while (true) {
    protocol::lane_list list{views, {}};
    if (more)
      list.next_cursor = listing::cursor_after({views.back().app, views.back().cluster});
    if (views.size() == 1 || protocol::encode({0, list}))
      return list;
    views.resize(views.size() / 2);
    more = true;
  }
}

} // namespace

void session_state::handle(std::uint64_t ref, const protocol::status_request& request) {
  auto known = listing::lanes_after(*parts->records, request);
  if (!known)
    return refuse(ref, std::move(known).error());
  if (known->empty())
    return answer(ref, protocol::lane_list{});
  if (!may_work(ref))
    return;
  auto page = std::make_shared<status_page>();
  page->more = known->size() > limits::lanes_page;
  known->resize(std::min(known->size(), limits::lanes_page));
  page->lanes = std::move(*known);
  describe_lanes(ref, page);
}

void session_state::describe_lanes(std::uint64_t ref, const std::shared_ptr<status_page>& page) {
  ++in_work;
  page->views.resize(page->lanes.size());
  page->left = page->lanes.size();
  auto arrived = [this, ref, page] {
    if (--page->left > 0)
      return;
    --in_work;
    answer(ref, fitting(std::move(page->views), page->more));
  };
  for (std::size_t i = 0; i < page->lanes.size(); ++i)
    describe_lane_of(page, i, arrived);
}

// Only a lane with something to keep up or to do has an actor; of the others, and of one that is
// being brought back, the store has all that is known.
void session_state::describe_lane_of(const std::shared_ptr<status_page>& page, std::size_t index,
                                     std::function<void()> then) {
  auto from_store = [this, page, index, then] {
    page->views[index] = listing::lane_from_store(*parts->records, page->lanes[index]);
    then();
  };
  self->request(actors.supervisor, limits::request_timeout,
                find_lane{page->lanes[index].lane, lane_search::running})
      .then(
          [this, page, index, then, from_store](const result<deployment_actor>& found) {
            if (!found)
              return from_store();
            self->request(*found, limits::request_timeout, describe_lane{})
                .then(
                    [page, index, then](protocol::lane_view& view) {
                      page->views[index] = std::move(view);
                      then();
                    },
                    [from_store](const caf::error&) { from_store(); });
          },
          [from_store](const caf::error&) { from_store(); });
}

} // namespace pawl
