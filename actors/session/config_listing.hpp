// Answers about the variables of lanes: from the store to the messages of the protocol. Each reads
// and keeps nothing.
#pragma once

#include "actors/interfaces.hpp"
#include "persistence/store.hpp"
#include "protocol/messages.hpp"

namespace pawl {

// The names that a request changes, for the audit journal: never a value.
std::string names_in(const protocol::configure_request& request);

// The lane's answer to such a request.
protocol::configured configured_answer(const admitted& how);

namespace listing {

// The variables that hold. not_found for a lane that nobody ever used.
result<protocol::variable_list> variables(const store& records,
                                          const protocol::variables_request& request);

// Fewer than limits::config_page, and where to go on, where the page would not fit a frame.
result<protocol::config_list> configs(const store& records,
                                      const protocol::configs_request& request);

} // namespace listing

} // namespace pawl
