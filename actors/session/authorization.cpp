#include "actors/session/authorization.hpp"

#include "actors/session/listing.hpp"
#include "actors/supervision/unserved_lanes.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

// The names in a message, and where they stand in it.
struct named_place {
  std::string app;
  std::string cluster;
  std::string deployment;
  std::string token;
};

const std::string& text_in(const std::string& text) {
  return text;
}

std::string text_in(const std::optional<std::string>& text) {
  return text.value_or(std::string{});
}

named_place place_in(const protocol::message& request) {
  return std::visit(
      [](const auto& body) {
        named_place named;
        if constexpr (requires { body.app; })
          named.app = text_in(body.app);
        if constexpr (requires { body.cluster; })
          named.cluster = text_in(body.cluster);
        if constexpr (
            requires { body.deployment.size(); } || requires { body.deployment->size(); })
          named.deployment = text_in(body.deployment);
        if constexpr (requires { body.name.size(); })
          named.token = body.name;
        return named;
      },
      request);
}

void put_cluster(protocol::message& request, const std::string& cluster) {
  std::visit(
      [&](auto& body) {
        if constexpr (requires { body.cluster = cluster; })
          body.cluster = cluster;
      },
      request);
}

void put_deployment(protocol::message& request, const std::string& id) {
  std::visit(
      [&](auto& body) {
        if constexpr (requires { body.deployment = id; })
          body.deployment = id;
      },
      request);
}

template <class Text = std::string_view>
std::optional<Text> unless_empty(const std::string& name) {
  return name.empty() ? std::nullopt : std::optional<Text>{name};
}

// The roles are ordered: one who may override a freeze may also do what they override it for.
static_assert(info(permission::override_freeze).least >= info(permission::deploy).least &&
              info(permission::override_freeze).least >= info(permission::promote).least);

permission needed_for(const message_right& right, const protocol::message& request) {
  return std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.override_freeze; })
          if (body.override_freeze)
            return permission::override_freeze;
        return right.permission;
      },
      request);
}

error forbidden(const principal& who, permission what, const named_place& where) {
  std::string place;
  if (!where.app.empty())
    place = fmt::format(" of {}", where.app);
  if (!where.cluster.empty())
    place += fmt::format(" in {}", where.cluster);
  return {errc::permission_denied,
          fmt::format("{} has the role {}, which does not allow this ({}{}): ask an admin for the "
                      "role {}; pawl whoami shows what you may do",
                      who.name, to_string(who.grant.role), info(what).name, place,
                      to_string(info(what).least)),
          {{"permission", std::string{info(what).name}}}};
}

// As for a name that nobody ever used.
error hidden(const session_context& context, const named_place& where) {
  if (!where.app.empty() && !covers({role::view, context.who.grant.apps, {}}, where.app, {}))
    return listing::no_app(where.app);
  return no_cluster(where.cluster);
}

result<void> judge(const session_context& context, permission what, const named_place& where) {
  switch (authorize(context.who, what, unless_empty(where.app), unless_empty(where.cluster))) {
  case verdict::granted:
    return {};
  case verdict::forbidden:
    return forbidden(context.who, what, where);
  case verdict::hidden:
    return hidden(context, where);
  }
  return {};
}

result<void> judge_lane(const session_context& context, permission what, named_place where,
                        protocol::message& request) {
  // Whether the names are seen, before the lane is looked for among those that are.
  if (auto seen = judge(context, permission::read, where); !seen)
    return seen;
  if (context.who.grant.role < info(what).least)
    return forbidden(context.who, what, where);
  auto cluster = context.cluster_for(where.cluster, where.app);
  if (!cluster)
    return std::move(cluster).error();
  where.cluster = *cluster;
  put_cluster(request, *cluster);
  return judge(context, what, where);
}

result<void> judge_deployment(const session_context& context, permission what,
                              const named_place& where, protocol::message& request) {
  auto known = listing::show(context.records(), where.deployment);
  if (!known)
    return std::move(known).error();
  put_deployment(request, known->id);
  return judge(context, what, {known->app, known->cluster, known->id, {}});
}

// An admin of some apps makes tokens for these, and sees and revokes no others.
result<void> judge_tokens(const session_context& context, permission what,
                          const protocol::message& request) {
  const auto& own = context.who.grant;
  if (own.role < info(what).least)
    return forbidden(context.who, what, {});
  const auto* asked = std::get_if<protocol::token_create_request>(&request);
  if (asked == nullptr || is_within(asked->grant, own))
    return {};
  return error{errc::permission_denied,
               fmt::format("{} cannot make a token that may do more than {} itself: name apps and "
                           "clusters that pawl whoami shows",
                           context.who.name, context.who.name),
               {{"permission", std::string{info(what).name}}}};
}

} // namespace

result<void> authorize_request(const session_context& context, protocol::message& request) {
  const auto& right = *right_of(protocol::kind(request));
  const auto needed = needed_for(right, request);
  const auto where = place_in(request);
  switch (right.subject) {
  case message_subject::none:
  case message_subject::answer:
    return {};
  case message_subject::lists:
  case message_subject::scope:
    return judge(context, needed, where);
  case message_subject::tokens:
    return judge_tokens(context, needed, request);
  case message_subject::lane:
    return judge_lane(context, needed, where, request);
  case message_subject::deployment:
    return where.deployment.empty() ? judge_lane(context, needed, where, request)
                                    : judge_deployment(context, needed, where, request);
  }
  return {};
}

std::optional<audit_record> audit_of_request(const session_context& context,
                                             const protocol::message& request) {
  const auto& right = *right_of(protocol::kind(request));
  if (right.subject == message_subject::none || right.subject == message_subject::answer)
    return std::nullopt;
  const auto where = place_in(request);
  auto told =
      audit_of(context.who, right.action.empty() ? info(right.permission).name : right.action,
               unless_empty<std::string>(where.app), unless_empty<std::string>(where.cluster));
  if (!where.deployment.empty()) { // what the client says beside its id counts for nothing
    told.app.reset();
    told.cluster.reset();
  }
  told.target =
      unless_empty<std::string>(where.deployment.empty() ? where.token : where.deployment);
  return told;
}

void name_lane(const session_context& context, const protocol::message& request,
               audit_record& told) {
  const auto where = place_in(request);
  if (where.deployment.empty())
    return;
  if (const auto known = listing::show(context.records(), where.deployment)) {
    told.app = known->app;
    told.cluster = known->cluster;
  }
}

bool is_told(const session_context& context, const protocol::message& request, const error& why) {
  const auto what = right_of(protocol::kind(request))->permission;
  const bool changes = what != permission::read && what != permission::read_audit;
  return changes || why.code == errc::permission_denied ||
         (why.code == errc::not_found && !shows_all(context.who.grant));
}

error concealed(const session_context& context, error why) {
  const auto& seen = context.who.grant;
  if (shows_all(seen))
    return why;
  const auto detail = [&](const char* key) -> std::optional<std::string> {
    auto found = why.details.find(key);
    return found == why.details.end() ? std::nullopt : std::optional{found->second};
  };
  const auto app = detail("app");
  const auto cluster = detail("cluster");
  const auto deployment = detail("deployment");
  const bool is_seen = (!app || covers({role::view, seen.apps, {}}, *app, {})) &&
                       (!cluster || covers({role::view, {}, seen.clusters}, {}, *cluster)) &&
                       (!deployment || context.records().find(*deployment));
  if (is_seen)
    return why;
  return {why.code,
          "something else on this server has the host name of this app, or the id of this request: "
          "choose another name for the app, or another --request-id",
          {}};
}

} // namespace pawl
