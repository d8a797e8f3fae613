// Records and lists as people read them: tables with relative times, ending in the next command to
// type where there is an obvious one. Each function gives whole lines.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/messages.hpp"

namespace pawl::client {

std::string lanes_text(const protocol::lane_list& list, timestamp now, const look& how);
std::string history_text(const protocol::history_list& list, timestamp now, const look& how);
std::string versions_text(const protocol::version_list& list, timestamp now, const look& how);
std::string apps_text(const protocol::app_list& list, const look& how);
std::string clusters_text(const protocol::cluster_list& list, const look& how);
std::string destroyed_text(const protocol::destroyed& gone, const look& how);

// One record with its transitions and, if it failed, why, and what to do.
std::string deployment_text(const deployment& record, timestamp now, const look& how);

// The result of a settled deployment, and the next command to type. `log_told`: the last lines of a
// failed command can be read above, and are not said again. `lane`: how its lane is now, if that is
// known.
std::string verdict_text(const deployment& record, const look& how, bool log_told = false,
                         const protocol::lane_view* lane = nullptr);

// "error: …", with the lines of its details.
std::string error_text(const error& problem, const look& how);

} // namespace pawl::client
