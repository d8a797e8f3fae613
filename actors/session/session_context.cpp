#include "actors/session/session_context.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl {

void session_context::answer(std::uint64_t ref, protocol::message body) const {
  self->send(connection, server_answer{{ref, std::move(body)}});
}

void session_context::refuse(std::uint64_t ref, error why) const {
  keep_within_limits(why);
  answer(ref, protocol::refused{std::move(why)});
}

void session_context::request_is_handled() const {
  self->send(connection, request_handled{});
}

result<std::string> session_context::cluster_or_only(const std::string& named) const {
  if (!named.empty())
    return named;
  if (parts->clusters.size() == 1)
    return parts->clusters.front().name;
  std::vector<std::string> names;
  for (const auto& one : parts->clusters)
    names.push_back(one.name);
  return error{errc::invalid_argument,
               fmt::format("this server has several clusters: say which with -C ({})",
                           fmt::join(names, ", ")),
               {}};
}

bool session_context::may_work(std::uint64_t ref, std::size_t busy) const {
  if (busy < limits::requests_in_work)
    return true;
  refuse(ref, {errc::resource_exhausted,
               fmt::format("this connection has {} requests that were not answered yet", busy),
               {}});
  return false;
}

} // namespace pawl
