#include "actors/session/token_requests.hpp"

#include "persistence/token_digest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr unsigned revocation_tries = 3; // the last use of a token may be noted in between

error no_token(const std::string& name) {
  return {errc::not_found,
          fmt::format("there is no token {}; pawl token list shows what there is", name),
          {{"token", name}}};
}

error name_is_taken(std::string_view name, std::string_view fact, std::string_view remedy = {}) {
  return {errc::invalid_argument,
          fmt::format("{} {}: choose another name{}", name, fact, remedy),
          {{"token", std::string{name}}}};
}

protocol::token_view view_of(const token_record& token) {
  return {token.name,       token.grant,      token.created_at,
          token.created_by, token.expires_at, token.last_used_at};
}

std::string all_or(const std::vector<std::string>& names) {
  return names.empty() ? "all" : fmt::format("{}", fmt::join(names, ", "));
}

// Those that records have for what its machine's owner, and the server itself, have done.
bool is_servers_own_name(std::string_view name) {
  return name == "root" || name == "pawl";
}

// For the audit journal.
std::string text_of(const token_record& token) {
  return fmt::format("role {}, apps: {}, clusters: {}, expires {}", to_string(token.grant.role),
                     all_or(token.grant.apps), all_or(token.grant.clusters),
                     token.expires_at ? format_time(*token.expires_at) : "never");
}

} // namespace

void token_requests::create(std::uint64_t ref, const protocol::token_create_request& request,
                            audit_record asked) {
  if (auto why = refusal_of_name(request.name))
    return context_.refuse_and_tell(ref, std::move(asked), *std::move(why));
  const auto text = context_.parts->new_token();
  token_record token;
  token.name = request.name;
  token.digest = token_digest(text);
  token.grant = request.grant;
  token.created_at = context_.parts->now();
  token.created_by = context_.who.name;
  if (!request.never_expires)
    token.expires_at = token.created_at + request.expires_in.value_or(limits::token_expiry);
  asked.detail = text_of(token);
  store(ref, {.token = token}, asked, [this, ref, text, asked](result<receipt>& stored) {
    if (!stored)
      return context_.refuse_and_tell(ref, asked, std::move(stored).error());
    const auto& made = *stored->token;
    const auto& place = context_.parts->place_for_others;
    context_.answer(ref, protocol::token_created{made.name, text, made.grant, made.expires_at,
                                                 place ? place() : std::nullopt});
  });
}

// A name is one user's in all of the server, so that it has to be told that somebody has it. Whose
// it is, and whether that is a token at all, is told to those alone who may see it.
std::optional<error> token_requests::refusal_of_name(const std::string& name) const {
  const auto& seen = context_.who.grant;
  const auto token = context_.actors.tokens->find(name);
  if (token && is_within(token->grant, seen))
    return name_is_taken(name, "is the name of a token",
                         fmt::format(", or revoke it: pawl token revoke {}", name));
  const bool is_own = is_servers_own_name(name);
  if (!token && !is_own && !context_.parts->access.users.contains(name))
    return std::nullopt;
  if (!shows_all(seen))
    return name_is_taken(name, "is taken on this server");
  return name_is_taken(name, is_own ? "is the name of one of the server's own"
                                    : "is the name of a user in [access.users]");
}

void token_requests::list(std::uint64_t ref, const protocol::token_list_request& request) const {
  protocol::token_list page;
  for (const auto& token : context_.actors.tokens->list()) {
    if (!is_within(token.grant, context_.who.grant) ||
        (request.cursor && token.name <= *request.cursor))
      continue;
    if (page.tokens.size() == limits::tokens_page) {
      page.next_cursor = page.tokens.back().name;
      break;
    }
    page.tokens.push_back(view_of(token));
  }
  context_.answer(ref, std::move(page));
}

void token_requests::revoke(std::uint64_t ref, const protocol::token_revoke_request& request,
                            const audit_record& asked) {
  revoke(ref, request.name, asked, revocation_tries);
}

void token_requests::revoke(std::uint64_t ref, const std::string& name, const audit_record& asked,
                            unsigned tries) {
  auto token = context_.actors.tokens->find(name);
  if (!token || !is_within(token->grant, context_.who.grant))
    return context_.refuse_and_tell(ref, asked, no_token(name));
  store(ref, {.revoked_token = *token}, asked,
        [this, ref, name, asked, tries](result<receipt>& stored) {
          if (stored)
            return context_.answer(ref, protocol::token_revoked{name});
          if (stored.error().code == errc::invalid_transition && tries > 1)
            return revoke(ref, name, asked, tries - 1);
          context_.refuse_and_tell(ref, asked, std::move(stored).error());
        });
}

void token_requests::note_use(token_record token) const {
  const auto now = context_.parts->now();
  if (token.last_used_at && now - *token.last_used_at < limits::token_use_noted)
    return;
  token.last_used_at = now;
  context_.self
      ->request(context_.actors.writer, limits::request_timeout, change{.token = std::move(token)})
      .then([](const result<receipt>&) {}, [](const caf::error&) {});
}

void token_requests::store(std::uint64_t ref, change what, const audit_record& asked,
                           std::function<void(result<receipt>&)> then) {
  if (!context_.may_work(ref))
    return;
  ++context_.in_work;
  what.audit.push_back(done_with(asked, asked.target, context_.parts->now()));
  context_.self->request(context_.actors.writer, limits::request_timeout, std::move(what))
      .then(
          [this, then = std::move(then)](result<receipt>& stored) {
            --context_.in_work;
            then(stored);
          },
          [this, ref](const caf::error&) {
            --context_.in_work;
            context_.refuse(ref, {errc::unavailable,
                                  "the store did not answer in time; look with pawl token list, "
                                  "and try again",
                                  {}});
          });
}

} // namespace pawl
