#include "config/client_config.hpp"

#include "config/table_reader.hpp"
#include "config/values.hpp"
#include "lifecycle/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

constexpr std::string_view file_head =
    "# The servers that pawl knows. `pawl login` and `pawl logout` "
    "write this file anew.\n";

void check_server(const toml_entry& entry, table_reader& reader, const stored_server& server,
                  problem_list& problems) {
  if (!is_server_name(entry.key))
    problems.add(entry.line, "the name of a server has 1 to 100 letters, digits, dots, hyphens "
                             "and underscores, and begins with a letter or a digit");
  if (server.address.empty())
    problems.add(entry.line,
                 fmt::format("servers.{} has no address: add address = \"HOST:PORT\"", entry.key));
  else if (!is_host_and_port(server.address) && !server.address.starts_with("unix:"))
    reader.object("address", "must be HOST:PORT or unix:PATH");
  if (server.fingerprint && !is_digest(*server.fingerprint))
    reader.object("fingerprint", "must be \"sha256:\" and 64 hexadecimal digits");
}

void read_server(const toml_entry& entry, client_config& config, problem_list& problems) {
  const auto* table = std::get_if<toml_table>(&entry.value);
  if (table == nullptr) {
    problems.add(entry.line, fmt::format("servers.{} is {}, but must be a table", entry.key,
                                         kind_of(entry.value)));
    return;
  }
  stored_server server{entry.key, {}};
  table_reader reader{*table, "servers." + entry.key, problems};
  std::string fingerprint;
  reader.text("address", server.address);
  reader.text("fingerprint", fingerprint);
  reader.hidden_text("token", server.token);
  if (table->find("fingerprint") != nullptr) // an empty one is no pin, and no leave to do without
    server.fingerprint = fingerprint;
  check_server(entry, reader, server, problems);
  reader.finish();
  config.servers.push_back(std::move(server));
}

} // namespace

const stored_server* client_config::find(std::string_view name) const {
  auto found = std::find_if(servers.begin(), servers.end(),
                            [&](const stored_server& each) { return each.name == name; });
  return found == servers.end() ? nullptr : &*found;
}

bool client_config::has_tokens() const {
  return std::any_of(servers.begin(), servers.end(),
                     [](const stored_server& each) { return !each.token.empty(); });
}

bool is_server_name(std::string_view text) {
  constexpr std::size_t most = 100;
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= most && letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || c == '.' || c == '-' || c == '_'; });
}

result<client_config> read_client_config(std::string_view text) {
  client_config config;
  problem_list problems;
  auto root = read_toml(text, problems);
  if (!root)
    return problems.to_error();
  table_reader reader{*root, "", problems};
  std::string server;
  reader.text("server", server);
  if (!server.empty())
    config.server = server;
  if (const auto* servers = reader.table("servers"))
    for (const auto& each : std::get<toml_table>(servers->value).entries)
      read_server(each, config, problems);
  reader.finish();
  if (!problems.empty())
    return problems.to_error();
  return config;
}

secret write_client_config(const client_config& config) {
  std::string text{file_head};
  if (config.server)
    text += fmt::format("server = {}\n", toml_string(*config.server));
  for (const auto& each : config.servers) {
    text += fmt::format("\n[servers.{}]\naddress = {}\n", toml_string(each.name),
                        toml_string(each.address));
    if (each.fingerprint)
      text += fmt::format("fingerprint = {}\n", toml_string(*each.fingerprint));
    if (!each.token.empty())
      text += fmt::format("token = {}\n", toml_string(each.token.reveal()));
  }
  return secret{std::move(text)};
}

} // namespace pawl::config
