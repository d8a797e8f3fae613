// pawl token create, list, revoke: credentials for people and machines that have no user on the
// server.

#include "bin/pawl/listing.hpp"
#include "client/conversation/pages.hpp"
#include "client/link/address.hpp"
#include "client/terminal/text_access.hpp"
#include "client/terminal/time.hpp"
#include "config/values.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::cli {

namespace {

struct token_options {
  std::string name;
  std::string role;
  std::vector<std::string> apps;
  std::vector<std::string> clusters;
  std::string expires;
};

result<void> read_expiry(const std::string& text, protocol::token_create_request& into) {
  if (text == "never") {
    into.never_expires = true;
    return {};
  }
  if (text.empty())
    return {};
  into.expires_in = config::parse_duration(text);
  if (into.expires_in)
    return {};
  return error{errc::invalid_argument,
               fmt::format("--expires \"{}\" is neither a duration, such as 90d or 12h, nor never",
                           printable(text)),
               {}};
}

result<protocol::token_create_request> creation_of(const token_options& wanted) {
  protocol::token_create_request request;
  request.name = wanted.name;
  auto role = parse_role(wanted.role);
  if (!role)
    return error{errc::invalid_argument,
                 fmt::format("--role \"{}\" does not exist: use view, deploy or admin",
                             printable(wanted.role)),
                 {}};
  request.grant = {*role, wanted.apps, wanted.clusters};
  if (auto expiry = read_expiry(wanted.expires, request); !expiry)
    return std::move(expiry).error();
  if (auto good = protocol::check(request); !good)
    return std::move(good).error();
  return request;
}

// For other machines: they reach the server as this one does, if that is over the network; else as
// the server says.
std::string login_for(const options& given, const protocol::token_created& made) {
  const auto here = client::find_server(given.server, config::own_surroundings());
  if (here && here->address.over_tls())
    return client::login_command(client::to_string(here->address), here->fingerprint);
  if (made.server)
    return client::login_command(made.server->address, made.server->fingerprint);
  return client::login_command("HOST:PORT", std::nullopt);
}

int create(const options& given, const token_options& wanted) {
  auto request = creation_of(wanted);
  if (!request)
    return fail(given, request.error());
  return list<protocol::token_created>(
      given, *std::move(request),
      [&](const protocol::token_created& made, const client::look& how) {
        return client::token_created_text(made, login_for(given, made), how);
      });
}

int list_tokens(const options& given) {
  return show(given, client::ask_tokens, [](const auto& tokens, const client::look& how) {
    return client::tokens_text(tokens, client::wall_time(), how);
  });
}

int revoke(const options& given, const std::string& name) {
  if (auto good = check_name("token", name); !good)
    return fail(given, good.error());
  return list<protocol::token_revoked>(given, protocol::token_revoke_request{name},
                                       client::token_revoked_text);
}

void add_create(CLI::App& tokens, options& given, runner& chosen) {
  auto wanted = std::make_shared<token_options>();
  auto* command = add_command(
      tokens, given,
      {"create", "Commands", "Make a token",
       "Prints it once, and the command that logs another machine in with it; the server keeps "
       "only "
       "its digest. Who has it may do what its role allows, with the apps and in the clusters that "
       "are named, or with all. It expires after 90 days.",
       "  pawl token create ci --role deploy --app shop --cluster staging\n"
       "  pawl token create laptop --role admin --expires never"});
  command->add_option("name", wanted->name, "The user in whose name the token speaks")
      ->required()
      ->type_name("NAME");
  command->add_option("--role", wanted->role, "view, deploy or admin")
      ->required()
      ->type_name("ROLE");
  command->add_option("--app", wanted->apps, "An app (more than once; default: all)")
      ->type_name("APP")
      ->allow_extra_args(false);
  command->add_option("--cluster", wanted->clusters, "A cluster (more than once; default: all)")
      ->type_name("CLUSTER")
      ->allow_extra_args(false);
  command->add_option("--expires", wanted->expires, "A duration, such as 30d, or never")
      ->type_name("DURATION");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return create(given, *wanted); }; });
}

} // namespace

void add_tokens(CLI::App& program, options& given, runner& chosen) {
  auto* tokens = add_command_group(
      program, {"token", "Access", "Make, list and revoke tokens",
                "Credentials for people and machines that have no user on the server.",
                "  pawl token create ci --role deploy --app shop"});
  add_create(*tokens, given, chosen);
  auto* command = add_command(*tokens, given,
                              {"list", "Commands", "List the tokens",
                               "Names, rights and times of all tokens that you may revoke.",
                               "  pawl token list --json"});
  command->callback([&given, &chosen] { chosen = [&given] { return list_tokens(given); }; });
  auto name = std::make_shared<std::string>();
  command = add_command(*tokens, given,
                        {"revoke", "Commands", "Revoke a token",
                         "The token opens nothing any more, and connections that it opened end.",
                         "  pawl token revoke ci"});
  command->add_option("name", *name, "The token")->required()->type_name("NAME");
  command->callback(
      [&given, &chosen, name] { chosen = [&given, name] { return revoke(given, *name); }; });
}

} // namespace pawl::cli
