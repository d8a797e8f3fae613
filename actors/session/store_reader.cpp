#include "actors/session/store_reader.hpp"

#include "actors/session/config_listing.hpp"

namespace pawl {

store_reader_actor::behavior_type
store_reader(blocking_pointer<store_reader_actor, store_reader_state>,
             std::shared_ptr<const store> records, listing::engine_looks look) {
  return {
      [records](const protocol::history_request& asked) {
        return listing::history(*records, asked);
      },
      [records, readiness = look.readiness](const protocol::versions_request& asked) {
        return listing::versions(*records, asked, readiness);
      },
      [records, volumes = look.volumes](const protocol::volumes_request& asked) {
        return listing::volumes(*records, asked, volumes);
      },
      [records](const protocol::apps_request&) { return listing::apps(*records); },
      [records](const protocol::audit_request& asked) { return listing::audit(*records, asked); },
      [records](const protocol::variables_request& asked) {
        return listing::variables(*records, asked);
      },
      [records](const protocol::configs_request& asked) {
        return listing::configs(*records, asked);
      },
      [records](const scan_lanes& asked) {
        return listing::lanes_from(*records, asked.request, asked.place);
      },
      [records](const describe_from_store& asked) {
        std::vector<protocol::lane_view> views;
        for (const auto& lane : asked.lanes)
          views.push_back(listing::lane_from_store(*records, lane));
        return result<std::vector<protocol::lane_view>>{std::move(views)};
      },
  };
}

} // namespace pawl
