#include "actors/session/session_context.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

void session_context::refuse_and_tell(std::uint64_t ref, audit_record asked, error why) {
  if (!may_work(ref))
    return;
  ++in_work;
  tell_refusal told{refused_with(std::move(asked), why, parts->now())};
  const auto answer = [this, ref, why = std::move(why)] {
    --in_work;
    refuse(ref, why);
  };
  self->request(actors.auditor, limits::request_timeout, std::move(told))
      .then([answer](const refusal_told&) { answer(); }, [answer](const caf::error&) { answer(); });
}

result<std::string> session_context::cluster_for(const std::string& named,
                                                 const std::string& app) const {
  if (!named.empty())
    return named;
  std::vector<std::string> all;
  for (const auto& one : parts->clusters)
    if (covers({role::view, {}, who.grant.clusters}, {}, one.name))
      all.push_back(one.name);
  if (all.size() == 1)
    return all.front();
  if (all.empty())
    return error{errc::not_found,
                 fmt::format("there is no cluster that {} may use; ask an admin", who.name),
                 {}};
  auto lanes = records().lanes(app, {});
  if (!lanes)
    return std::move(lanes).error();
  std::vector<std::string> with_app;
  for (const auto& one : all) {
    if (std::any_of(lanes->begin(), lanes->end(), [&](const lane_record& lane) {
          return lane.lane.cluster == one && !lane.destroyed_at;
        }))
      with_app.push_back(one);
  }
  if (with_app.size() == 1)
    return with_app.front();
  for (const auto& one : parts->clusters)
    if (one.is_default && std::find(all.begin(), all.end(), one.name) != all.end())
      return one.name;
  auto message =
      with_app.empty()
          ? fmt::format("this server has several clusters, and {} is in none of them", app)
          : fmt::format("{} is in several clusters", app);
  return error{errc::invalid_argument,
               fmt::format("{}: say which with -C ({})", message,
                           fmt::join(with_app.empty() ? all : with_app, ", ")),
               {{"app", app}}};
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
