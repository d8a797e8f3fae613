// The answer to `status`: a page of lanes, each described by its own actor, or from the store.
#pragma once

#include "actors/session/listing.hpp"
#include "actors/session/session_context.hpp"
#include "actors/session/store_reads.hpp"

#include <functional>
#include <vector>

namespace pawl {

class lane_status {
public:
  // Both outlive this.
  lane_status(session_context& context, store_reads& reads) : context_(context), reads_(reads) {}

  // Describes these lanes, at least one, and answers: as many as a page and a frame take. `from`:
  // where the page before ended. `busy`: how many requests worked when this one came.
  void answer(std::uint64_t ref, std::vector<lane_record> lanes,
              const std::optional<listing::status_place>& from, std::size_t busy);

private:
  struct page;
  void describe(std::uint64_t ref, const std::shared_ptr<page>& shown);
  void describe_lane_of(const std::shared_ptr<page>& shown, std::size_t index,
                        std::function<void()> then, bool again = true);
  void describe_the_rest(std::uint64_t ref, const std::shared_ptr<page>& shown);

  void note_what_is_now(std::vector<protocol::lane_view>& views) const;

  session_context& context_;
  store_reads& reads_;
};

} // namespace pawl
