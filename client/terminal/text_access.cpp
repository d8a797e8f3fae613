#include "client/terminal/text_access.hpp"

#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl::client {

namespace {

std::string all_unless_named(const std::vector<std::string>& names) {
  return names.empty() ? "all" : printable(fmt::format("{}", fmt::join(names, ", ")));
}

std::string time_or_never(const std::optional<timestamp>& at) {
  return at ? format_time(*at) : "never";
}

std::string rows_of(const grant& given, const std::optional<timestamp>& expires_at) {
  return fmt::format("  role       {}\n  apps       {}\n  clusters   {}\n  expires    {}\n",
                     to_string(given.role), all_unless_named(given.apps),
                     all_unless_named(given.clusters), time_or_never(expires_at));
}

} // namespace

std::string login_command(std::string_view address, const std::optional<std::string>& fingerprint) {
  auto command = fmt::format("pawl login {}", address);
  if (fingerprint)
    command += fmt::format(" --fingerprint {}", *fingerprint);
  return command;
}

std::string token_created_text(const protocol::token_created& made, std::string_view login,
                               const look& how) {
  return fmt::format("token {}; keep it now, it is not shown again:\n{}\n{}"
                     "next, on another machine, where pawl asks for it:\n  {}\n"
                     "in CI: as PAWL_TOKEN\n",
                     how.strong(printable(made.name)), printable(made.token.reveal()),
                     rows_of(made.grant, made.expires_at), login);
}

std::string tokens_text(const protocol::token_list& list, timestamp now, const look& how) {
  if (list.tokens.empty())
    return "no tokens; to make one: pawl token create NAME --role deploy --app APP\n";
  constexpr std::size_t names_least = 8;
  table_rows all;
  for (const auto& token : list.tokens)
    all.push_back(
        {printable(token.name), std::string{to_string(token.grant.role)},
         all_unless_named(token.grant.apps), all_unless_named(token.grant.clusters),
         token.expires_at && *token.expires_at <= now ? "expired" : time_or_never(token.expires_at),
         token.last_used_at ? ago(*token.last_used_at, now) : "never", ago(token.created_at, now),
         printable(token.created_by)});
  return table({{"TOKEN"},
                {"ROLE"},
                {"APPS", 0, names_least},
                {"CLUSTERS", 0, names_least},
                {"EXPIRES", 1},
                {"LAST USED", 2},
                {"CREATED", 3},
                {"BY", 4}},
               all, how);
}

std::string token_revoked_text(const protocol::token_revoked& gone, const look& how) {
  return fmt::format("token {} is revoked: it opens nothing any more, and the connections that it "
                     "opened have ended\n",
                     how.strong(printable(gone.name)));
}

} // namespace pawl::client
