// The rights that each message needs, and whether they are granted. The
// session asks here once for each request, before it does anything for it.
#pragma once

#include "actors/session/session_context.hpp"
#include "lifecycle/access.hpp"
#include "lifecycle/audit.hpp"

#include <algorithm>

namespace pawl {

// How a message says what it is about.
enum class message_subject : std::uint8_t {
  none,       // the connection itself, or what was granted on it before
  lists,      // some lanes, or all: what is not covered is left out
  lane,       // one lane, by its names, of which the cluster may be left out
  deployment, // one deployment, by its id; a message may name its lane instead
  scope,      // all lanes of an app, of a cluster, of both, or all
  tokens,     // tokens: a new one by its grant
  answer,     // it is for clients, and no request
};

struct message_right {
  std::string_view kind;
  message_subject subject = message_subject::answer;
  pawl::permission permission = pawl::permission::read;
  std::string_view action = {}; // in the audit journal; empty: the name of the permission
};

inline constexpr auto message_rights = std::to_array<message_right>({
    {"hello", message_subject::none},
    {"ping", message_subject::none},
    {"pong", message_subject::none},
    {"whoami_request", message_subject::none},
    {"upload_chunk", message_subject::none},  // of an upload that was opened on this connection
    {"follow_credit", message_subject::none}, // of a journal that it follows
    {"status_request", message_subject::lists, permission::read},
    {"history_request", message_subject::lists, permission::read},
    {"versions_request", message_subject::lists, permission::read},
    {"apps_request", message_subject::lists, permission::read},
    {"clusters_request", message_subject::lists, permission::read},
    {"show_request", message_subject::deployment, permission::read},
    {"follow_request", message_subject::deployment, permission::read},
    {"logs_request", message_subject::deployment, permission::read},
    {"cancel_request", message_subject::deployment, permission::cancel},
    {"deploy_request", message_subject::lane, permission::deploy},
    {"rollback_request", message_subject::lane, permission::rollback},
    {"promote_request", message_subject::lane, permission::promote},
    {"destroy_request", message_subject::lane, permission::destroy},
    {"token_create_request", message_subject::tokens, permission::manage_tokens, "create_token"},
    {"token_list_request", message_subject::tokens, permission::manage_tokens, "list_tokens"},
    {"token_revoke_request", message_subject::tokens, permission::manage_tokens, "revoke_token"},
    {"freeze_request", message_subject::scope, permission::freeze},
    {"unfreeze_request", message_subject::scope, permission::freeze, "unfreeze"},
    {"audit_request", message_subject::lists, permission::read_audit},
    {"volumes_request", message_subject::lists, permission::read},
    {"volume_remove_request", message_subject::lane, permission::destroy, "remove_volume"},
    {"processes_request", message_subject::lane, permission::read},
    {"scale_request", message_subject::lane, permission::scale},
    {"stop_request", message_subject::lane, permission::restart, "stop"},
    {"start_request", message_subject::lane, permission::restart, "start"},
    {"restart_request", message_subject::lane, permission::restart},
    {"configure_request", message_subject::lane, permission::configure},
    {"variables_request", message_subject::lane, permission::read},
    {"configs_request", message_subject::lane, permission::read},
    {"refused"},
    {"accepted"},
    {"upload_progress"},
    {"events"},
    {"followed"},
    {"log_lines"},
    {"logs_complete"},
    {"shown"},
    {"planned"},
    {"lane_list"},
    {"history_list"},
    {"version_list"},
    {"app_list"},
    {"cluster_list"},
    {"destroyed"},
    {"whoami"},
    {"token_created"},
    {"token_list"},
    {"token_revoked"},
    {"frozen"},
    {"unfrozen"},
    {"audit_list"},
    {"volume_list"},
    {"volume_removed"},
    {"process_list"},
    {"configured"},
    {"variable_list"},
    {"config_list"},
});

constexpr const message_right* right_of(std::string_view kind) {
  const auto* row = std::find_if(message_rights.begin(), message_rights.end(),
                                 [&](const message_right& one) { return one.kind == kind; });
  return row == message_rights.end() ? nullptr : row;
}

static_assert(std::all_of(protocol::kinds.begin(), protocol::kinds.end(),
                          [](std::string_view kind) { return right_of(kind) != nullptr; }),
              "each message has a row");

// Nothing if the request is granted. The names that it leaves to the server are in it then: the
// whole id of its deployment, its cluster.
//
// not_found, and the same bytes as for a name that nobody ever used, for an app, a cluster or a
// deployment that the one who asks may not see; permission_denied for what they see and may not do.
// One that overrides a freeze needs the right to that too.
result<void> authorize_request(const session_context& context, protocol::message& request);

// The request as the audit journal is told of it, with the names that are in it; nothing for one
// that needs no right of its own.
std::optional<audit_record> audit_of_request(const session_context& context,
                                             const protocol::message& request);

// Puts the lane of the deployment that the request names into its record, if it may be seen.
void name_lane(const session_context& context, const protocol::message& request,
               audit_record& told);

// Whether the audit journal is told that authorize_request() has refused this: a request that would
// have changed something, or one for want of rights. To somebody who does not see all, not_found
// may be that.
bool is_told(const session_context& context, const protocol::message& request, const error& why);

// A refusal of a lane, as the client may know it: without what it tells of lanes that the client
// may not see.
error concealed(const session_context& context, error why);

} // namespace pawl
