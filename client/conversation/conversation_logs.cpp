#include "client/conversation/conversation_attempt.hpp"

#include <map>

namespace pawl::client {

struct conversation::log_reading {
  protocol::logs_request wanted;
  std::map<std::string, std::uint64_t> places = {};
  bool begun = false;      // the server has said where it reads
  bool progressed = false; // over this connection
};

namespace {

// The request that goes on where this client is.
protocol::logs_request next_request(const protocol::logs_request& wanted, bool begun,
                                    const std::map<std::string, std::uint64_t>& places) {
  auto request = wanted;
  request.credit = limits::event_credit;
  request.resumed = begun;
  for (const auto& [instance, offset] : places)
    if (request.places.size() < limits::log_places)
      request.places.push_back({instance, offset});
  return request;
}

bool is_of_deployment(const protocol::logs_request& wanted) {
  return !wanted.deployment.empty();
}

std::string again(const protocol::logs_request& wanted) {
  auto of = is_of_deployment(wanted) ? " " + wanted.deployment : " -a " + wanted.app;
  return "pawl logs" + of + (wanted.follow ? " -f" : "");
}

std::map<std::string, std::string> about(const protocol::logs_request& wanted) {
  if (is_of_deployment(wanted))
    return {{"deployment", wanted.deployment}};
  return {{"app", wanted.app}};
}

} // namespace

// Success at the end, also when the sink wants no more; unavailable when the connection is lost.
result<void> conversation::read_logs_here(log_reading& reading, const log_sink& sink) {
  link_lost_ = false;
  auto ref = link_->send(next_request(reading.wanted, reading.begun, reading.places));
  std::uint32_t consumed = 0;
  while (ref) {
    auto got = look_for_answer(*ref);
    if (!got)
      return std::move(got).error();
    if (!*got)
      continue;
    if (std::holds_alternative<protocol::logs_complete>(**got))
      return {};
    auto* page = std::get_if<protocol::log_lines>(&**got);
    if (page == nullptr)
      continue;
    reading.begun = reading.progressed = true;
    if (page->ended)
      reading.places.erase(page->instance);
    else
      reading.places[page->instance] = page->next;
    if (!sink(*page))
      return {};
    consumed += static_cast<std::uint32_t>(page->lines.size());
    if (consumed < renew_credit_after)
      continue;
    auto renewed = link_->send(*ref, protocol::follow_credit{std::exchange(consumed, 0U)});
    if (!renewed)
      ref = std::move(renewed).error();
  }
  link_lost_ = is_lost(ref.error());
  return std::move(ref).error();
}

result<void> conversation::read_logs(protocol::logs_request wanted, const log_sink& sink) {
  if (!link_)
    if (auto connected = connect(); !connected)
      return connected;
  log_reading reading{std::move(wanted)};
  search looking{patience_};
  while (true) {
    auto end = read_logs_here(reading, sink);
    if (end || !link_lost_)
      return end;
    link_.reset();
    looking.lose(std::exchange(reading.progressed, false), patience_);
    const auto reason = recover(end.error(), looking);
    if (!reason)
      continue;
    if (was_interrupted_)
      return error{errc::cancelled, "interrupted", {}};
    return error{
        is_lost(*reason) ? errc::unavailable : reason->code,
        "the connection to the server was lost, and connecting again failed: " + reason->message +
            "\nthe app goes on; to read its log again: " + again(reading.wanted),
        about(reading.wanted)};
  }
}

} // namespace pawl::client
