#include "config/client_config.hpp"

#include "config/table_reader.hpp"

namespace pawl::config {

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
  reader.finish();
  if (!problems.empty())
    return problems.to_error();
  return config;
}

} // namespace pawl::config
