#include "config/client_config.hpp"

#include "config/table_reader.hpp"

namespace pawl::config {

result<client_config> read_client_config(std::string_view text) {
  auto root = parse_toml(text);
  if (!root)
    return std::move(root).error();
  client_config config;
  problem_list problems;
  table_reader reader{*root, "", problems};
  std::string server;
  reader.text("server", server);
  if (!server.empty())
    config.server = server;
  reader.finish();
  if (!problems.empty())
    return problems.to_error();
  return config;
}

} // namespace pawl::config
