// pawl login, logout, servers and whoami: the servers that a person knows, and who they are there.

#include "bin/pawl/following.hpp"
#include "bin/pawl/secret_input.hpp"
#include "client/exit_status.hpp"
#include "client/link/address.hpp"
#include "client/link/server_file.hpp"
#include "client/terminal/server_texts.hpp"
#include "lifecycle/concealment.hpp"
#include "lifecycle/names.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace pawl::cli {

namespace {

struct login_options {
  std::string address;
  std::optional<std::string> fingerprint;
  secret token = {};
  bool token_from_stdin = false;
  std::string name;
};

result<std::filesystem::path> servers_file() {
  if (auto path = config::client_config_file(config::own_surroundings()))
    return *path;
  return error{errc::invalid_argument,
               "neither XDG_CONFIG_HOME nor HOME is set, so the file of the servers is not known: "
               "set one of them",
               {}};
}

std::optional<std::string> own_variable(const char* name) {
  return config::own_surroundings().variable(name);
}

// --- login

result<secret> token_of(const login_options& wanted, const secret& of_environment) {
  if (!wanted.token.empty())
    return wanted.token;
  if (wanted.token_from_stdin)
    return read_secret_from_stdin();
  if (!of_environment.empty())
    return of_environment;
  if (can_ask())
    return ask_secret(fmt::format("Token for {}: ", printable(wanted.address)));
  return error{errc::invalid_argument,
               "no token is given, and there is no terminal to ask at: use --token-stdin, or set "
               "PAWL_TOKEN, and PAWL_SERVER to the same server",
               {}};
}

result<client::known_server> server_of(const login_options& wanted) {
  auto server = client::new_server(wanted.address, config::own_surroundings());
  if (!server)
    return server;
  if (!server->address.over_tls())
    return error{errc::invalid_argument,
                 fmt::format("nobody logs in at a socket, where the kernel says who connects: pawl "
                             "--server {} COMMAND",
                             client::to_string(server->address)),
                 {}};
  if (wanted.fingerprint) // an empty one too: somebody's variable is not set
    server->fingerprint = wanted.fingerprint;
  if (server->fingerprint && !is_digest(*server->fingerprint))
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" is no fingerprint: it has the form sha256: and 64 hexadecimal "
                             "digits, as `pawld --init` prints it",
                             printable(*server->fingerprint)),
                 {}};
  auto token = token_of(wanted, server->token);
  if (!token)
    return std::move(token).error();
  server->token = *std::move(token);
  return server;
}

result<protocol::whoami> ask_whoami(const options& given, client::connector connect) {
  viewer shows{given, -1};
  auto answer = client::conversation{std::move(connect), shows}.ask(protocol::whoami_request{});
  if (!answer)
    return std::move(answer).error();
  auto* who = std::get_if<protocol::whoami>(&*answer);
  if (who == nullptr)
    return client::unexpected_answer();
  return std::move(*who);
}

// Its host, where that is free; else with its port.
std::string usual_name(const client::server_address& address, const config::client_config& all) {
  auto name = address.host;
  std::replace(name.begin(), name.end(), ':', '-');
  if (!config::is_server_name(name))
    name = "ip6" + name;
  const auto* other = all.find(name);
  if (other != nullptr && other->address != client::to_string(address))
    name += fmt::format("-{}", address.port);
  return name;
}

// Adds the server, or renews it, and makes it the current one. Gives its name.
result<std::string> store(config::client_config& all, const client::known_server& server,
                          const std::string& wanted_name) {
  const auto address = client::to_string(server.address);
  auto same = std::find_if(all.servers.begin(), all.servers.end(),
                           [&](const auto& each) { return each.address == address; });
  if (same == all.servers.end())
    same = all.servers.insert(same, {"", address});
  auto name = !wanted_name.empty()  ? wanted_name
              : !same->name.empty() ? same->name
                                    : usual_name(server.address, all);
  if (const auto* other = all.find(name); other != nullptr && other != &*same)
    return error{errc::invalid_argument,
                 fmt::format("{} is the name of the server at {}: choose another with --name, or "
                             "forget that one with pawl logout {}",
                             name, other->address, name),
                 {{"server", name}}};
  *same = {name, address, server.fingerprint, server.token};
  all.server = name;
  return name;
}

// Its name is shown, and stored, as no token may be.
result<void> check_login_name(const std::string& name) {
  if (name.empty() || (config::is_server_name(name) && concealed(name) == name))
    return {};
  return error{errc::invalid_argument,
               fmt::format("\"{}\" is no name for a server: use 1 to 100 letters, digits, dots, "
                           "hyphens and underscores, beginning with a letter or a digit",
                           printable(name)),
               {}};
}

result<json::logged_in> log_in(const options& given, const login_options& wanted) {
  if (auto good = check_login_name(wanted.name); !good)
    return std::move(good).error();
  auto file = servers_file();
  if (!file)
    return std::move(file).error();
  auto server = server_of(wanted);
  if (!server)
    return std::move(server).error();
  auto who = ask_whoami(
      given, [&] { return client::server_link::connect(*server, limits::connect_timeout); });
  if (!who)
    return std::move(who).error();
  json::logged_in done{{"", client::to_string(server->address), server->fingerprint, true},
                       *std::move(who)};
  auto changed = client::change_server_file(*file, [&](config::client_config& all) -> result<void> {
    auto name = store(all, *server, wanted.name);
    if (!name)
      return std::move(name).error();
    done.server.name = *std::move(name);
    return {};
  });
  if (!changed)
    return std::move(changed).error();
  return done;
}

int login(const options& given, const login_options& wanted) {
  auto done = log_in(given, wanted);
  if (!done) {
    const auto status = fail(given, done.error());
    return done.error().code == errc::cancelled ? client::exit_interrupted : status;
  }
  if (given.json) {
    write_to(STDOUT_FILENO, json::document(*done) + "\n");
    return 0;
  }
  const auto& who = done->who;
  auto text = fmt::format("logged in to {} as {}; the server's name is {} from now on\n",
                          done->server.address, client::short_whoami_text(who), done->server.name);
  if (who.expires_at)
    text += fmt::format("the token expires at {}\n", format_time(*who.expires_at));
  if (auto other = own_variable("PAWL_SERVER");
      other && *other != done->server.address && *other != done->server.name)
    text += fmt::format("PAWL_SERVER is set, and names {}: commands go there until it is unset\n",
                        concealed(printable(*other)));
  text += who.grant.role == role::view ? "next: pawl status\n"
                                       : "next, in the directory of an app: pawl deploy\n";
  write_to(STDOUT_FILENO, client::prose(text, "", look_of(STDOUT_FILENO)));
  return 0;
}

// --- logout

// The one that is named, or the current one; by name or address.
result<std::string> name_to_forget(const config::client_config& all, const std::string& wanted) {
  if (wanted.empty() && !all.server)
    return error{errc::invalid_argument,
                 "no server is the current one: pawl logout NAME; `pawl servers` lists the names",
                 {}};
  const auto& name = wanted.empty() ? *all.server : wanted;
  for (const auto& each : all.servers)
    if (each.name == name || each.address == name)
      return each.name;
  return error{errc::invalid_argument,
               fmt::format("you are not logged in to a server {}: `pawl servers` lists those that "
                           "you are",
                           printable(name)),
               {}};
}

result<std::string> log_out(const std::string& wanted) {
  auto file = servers_file();
  if (!file)
    return std::move(file).error();
  auto stored = client::read_server_file(*file);
  if (!stored)
    return std::move(stored).error();
  auto name = name_to_forget(*stored, wanted);
  if (!name)
    return name;
  auto changed = client::change_server_file(*file, [&](config::client_config& all) -> result<void> {
    const auto* gone = all.find(*name);
    if (gone != nullptr && (all.server == gone->name || all.server == gone->address))
      all.server.reset();
    std::erase_if(all.servers, [&](const auto& each) { return each.name == *name; });
    return {};
  });
  if (!changed)
    return std::move(changed).error();
  return name;
}

int logout(const options& given, const std::string& named) {
  auto name = log_out(named.empty() ? given.server : named);
  if (!name)
    return fail(given, name.error());
  if (given.json)
    write_to(STDOUT_FILENO, json::logged_out_document(*name) + "\n");
  write_to(prose_descriptor(given),
           client::prose(fmt::format("{} and its token are forgotten here. The token stays valid "
                                     "until it expires; an admin ends it with pawl token revoke",
                                     *name),
                         "", look_of(prose_descriptor(given))));
  return 0;
}

// --- servers and whoami

int servers(const options& given) {
  auto file = servers_file();
  if (!file)
    return fail(given, file.error());
  auto stored = client::read_server_file(*file);
  if (!stored)
    return fail(given, stored.error());
  const auto current = client::find_server(given.server, config::own_surroundings());
  std::vector<json::listed_server> all;
  for (const auto& each : stored->servers) {
    auto address = client::parse_address(each.address);
    all.push_back({each.name, each.address, each.fingerprint,
                   current && address && current->address == *address});
  }
  write_to(STDOUT_FILENO, given.json ? json::document(all) + "\n"
                                     : client::servers_text(all, look_of(STDOUT_FILENO)));
  return 0;
}

int whoami(const options& given) {
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto who = ask_whoami(given, *std::move(connect));
  if (!who)
    return fail(given, who.error());
  write_to(STDOUT_FILENO, given.json ? json::document(*who) + "\n"
                                     : client::whoami_text(*who, look_of(STDOUT_FILENO)));
  return 0;
}

void add_login(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<login_options>();
  auto* command = add_command(
      program, given,
      {"login", "Servers", "Connect to a server, and remember it",
       "Checks that it is the right server and that it takes the token, and makes it the one that "
       "all commands use. Without --fingerprint an authority that this machine trusts has to vouch "
       "for the host's name. Asks for the token on a terminal. The servers and tokens are in "
       "$XDG_CONFIG_HOME/pawl/config.toml, which nobody else can read.",
       "  pawl login deploy.example.org:7420\n"
       "  pawl login 10.0.0.5:7420 --fingerprint sha256:... --token-stdin <token"});
  command->add_option("address", wanted->address, "The server")->required()->type_name("HOST:PORT");
  command
      ->add_option("--fingerprint", wanted->fingerprint,
                   "Of the server's key, as its owner tells it: this key counts, and no name, "
                   "authority or date of a certificate")
      ->type_name("F");
  auto* token =
      command
          ->add_option_function<std::string>(
              "--token", [wanted](const std::string& text) { wanted->token = secret{text}; },
              "Your token. Others on this machine may see it in the list of processes as "
              "pawl starts, and your shell keeps it: --token-stdin is better")
          ->type_name("T");
  command->add_flag("--token-stdin", wanted->token_from_stdin, "Read the token from stdin")
      ->excludes(token);
  command
      ->add_option("--name", wanted->name, "The server's name on this machine (default: its host)")
      ->type_name("NAME");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return login(given, *wanted); }; });
}

} // namespace

void add_servers(CLI::App& program, options& given, runner& chosen) {
  add_login(program, given, chosen);

  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, given,
                              {"logout", "Servers", "Forget a server and its token",
                               "The token stays valid at the server: `pawl token revoke` ends it.",
                               "  pawl logout\n"
                               "  pawl logout lab"});
  command->add_option("name", *name, "The server (default: the current one)")->type_name("SERVER");
  command->callback(
      [&given, &chosen, name] { chosen = [&given, name] { return logout(given, *name); }; });

  command = add_command(program, given,
                        {"servers", "Servers", "List the servers that you are logged in to",
                         "Marks the one that commands use where none is named.",
                         "  pawl servers --json"});
  command->callback([&given, &chosen] { chosen = [&given] { return servers(given); }; });

  command = add_command(program, given,
                        {"whoami", "Servers", "Show who you are to the server",
                         "Your user, role, apps and clusters there, how the server knows you, and "
                         "when your token expires.",
                         "  pawl whoami"});
  command->callback([&given, &chosen] { chosen = [&given] { return whoami(given); }; });
}

} // namespace pawl::cli
