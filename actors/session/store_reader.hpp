// Reads the store for one session, where that takes more than a record or two:
// such a read may wait for a disk, and one day for another machine, and no
// thread of the scheduler waits with it.
#pragma once

#include "actors/runtime/asking.hpp"
#include "actors/session/listing.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace pawl {

// The lanes that a status asks for, from its place on.
struct scan_lanes {
  protocol::status_request request;
  std::optional<listing::status_place> place = {};
};

// These lanes, as far as the store knows them; in their order.
struct describe_from_store {
  std::vector<lane_record> lanes;
};

using store_reader_actor = caf::typed_actor<
    caf::replies_to<protocol::history_request>::with<result<protocol::history_list>>,
    caf::replies_to<protocol::versions_request>::with<result<protocol::version_list>>,
    caf::replies_to<protocol::volumes_request>::with<result<protocol::volume_list>>,
    caf::replies_to<protocol::apps_request>::with<result<protocol::app_list>>,
    caf::replies_to<protocol::audit_request>::with<result<protocol::audit_list>>,
    caf::replies_to<protocol::variables_request>::with<result<protocol::variable_list>>,
    caf::replies_to<protocol::configs_request>::with<result<protocol::config_list>>,
    caf::replies_to<scan_lanes>::with<result<std::vector<lane_record>>>,
    caf::replies_to<describe_from_store>::with<result<std::vector<protocol::lane_view>>>>;

struct store_reader_state {
  static inline const char* name = "store_reader";
};

// Blocks; the actor that spawned it ends it.
store_reader_actor::behavior_type
store_reader(blocking_pointer<store_reader_actor, store_reader_state> self,
             std::shared_ptr<const store> records, listing::engine_looks look);

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::history_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::versions_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::apps_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::volumes_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::volume_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::scan_lanes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::describe_from_store)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::history_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::version_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::app_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::audit_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::variables_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::protocol::configs_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::variable_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::config_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::protocol::audit_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<std::vector<pawl::lane_record>>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<std::vector<pawl::protocol::lane_view>>)
