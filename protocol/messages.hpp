// Every message between a client and its session, and what holds for each of them. The messages are
// in families: connection, deploying, following, reading, access, auditing, configuring, serving,
// volumes. There
// each has its struct, its name, its field list and its check side by side.
//
// `ref` numbers a client's requests; every answer carries the number of its request. The first
// message from each side is `hello`; anything else first ends the connection. How a message becomes
// bytes is a listener's matter: protocol/msgpack/codec.hpp for frames.
#pragma once

#include "protocol/access.hpp"
#include "protocol/auditing.hpp"
#include "protocol/configuring.hpp"
#include "protocol/connection.hpp"
#include "protocol/deploying.hpp"
#include "protocol/following.hpp"
#include "protocol/reading.hpp"
#include "protocol/serving.hpp"
#include "protocol/volumes.hpp"

#include <array>
#include <variant>

namespace pawl::protocol {

// A message that is not in this list cannot be sent. Its name on the wire is its `kind`; the place
// in the list is nobody's business but this process's.
using message =
    std::variant<hello, ping, pong, deploy_request, upload_chunk, follow_request, follow_credit,
                 logs_request, cancel_request, rollback_request, promote_request, show_request,
                 status_request, history_request, versions_request, apps_request, clusters_request,
                 refused, accepted, upload_progress, events, followed, log_lines, logs_complete,
                 shown, planned, lane_list, history_list, version_list, app_list, cluster_list,
                 destroy_request, destroyed, whoami_request, whoami, token_create_request,
                 token_created, token_list_request, token_list, token_revoke_request, token_revoked,
                 freeze_request, unfreeze_request, audit_request, frozen, unfrozen, audit_list,
                 processes_request, scale_request, stop_request, start_request, restart_request,
                 process_list, volumes_request, volume_list, volume_remove_request, volume_removed,
                 configure_request, variables_request, configs_request, configured, variable_list,
                 config_list>;

struct envelope {
  std::uint64_t ref = 0;
  message body;
};

template <class Variant>
inline constexpr std::string_view kinds_of = {};

template <class... Messages>
inline constexpr auto kinds_of<std::variant<Messages...>> =
    std::array<std::string_view, sizeof...(Messages)>{Messages::kind...};

// The name of each message, in the order of the variant.
inline constexpr auto kinds = kinds_of<message>;

// The name of a message on the wire.
constexpr std::string_view kind(const message& body) {
  return kinds[body.index()];
}

// Judges what decoding alone cannot: names, lengths, ranges. invalid_argument or too_large. A
// listener calls it for what a client sent, a client before it sends. Of a server's answers it
// judges how many and how long, and that names and ids are words; not what else they say.
result<void> check(const message& body);

// Nothing if an answer can carry the record, alone or among others; too_large, naming the
// deployment, if its texts have more than limits::record_text_bytes, or it has too many members. No
// record is stored that is so; one that an older pawld stored may be.
result<void> check_fits_answers(const deployment& d);

// Whether the message is small enough to be sent: packed, it takes at most limits::frame_bytes.
// Only lists can be larger; who makes one (history, status) takes fewer members then, and tries
// again. It packs the message to find out.
bool fits_a_frame(const message& body);

} // namespace pawl::protocol
