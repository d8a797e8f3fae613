// Texts that a client, a build or an app brings about become part of records, and records of
// answers to everybody. So they are cut where they are made: a text that is too long is never
// stored, and no reader has to give a list up because of one record in it.
#pragma once

#include "lifecycle/event.hpp"

#include <string>
#include <vector>

namespace pawl {

// The text if it has at most so many bytes; else its beginning, never half of a character, and how
// many bytes were left out. `most` is at least 64.
std::string shortened(std::string text, std::size_t most);

// The last of these lines, joined by line feeds, for the details of a failure: at most
// limits::failure_log_lines, and limits::failure_log_bytes.
std::string failure_log(const std::vector<std::string>& lines);

// Cuts the message and the details to limits::error_message_bytes and limits::error_details_bytes.
void keep_within_limits(error& x);
void keep_within_limits(failure& x);

// The same of the texts of an event; a log line to limits::log_line_bytes.
void keep_within_limits(event_body& x);

} // namespace pawl
