#include "config/access_config.hpp"

#include "config/grant_config.hpp"
#include "config/oidc_config.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

constexpr std::size_t users_max = 10'000;

grant read_user(const toml_table& table, const std::string& user,
                const std::vector<cluster_settings>& clusters, problem_list& problems) {
  table_reader reader{table, "access.users." + user, problems};
  auto given = read_grant(reader, clusters);
  reader.finish();
  return given;
}

std::map<std::string, grant> read_users(const toml_table& all,
                                        const std::vector<cluster_settings>& clusters,
                                        problem_list& problems) {
  std::map<std::string, grant> users;
  for (const auto& each : all.entries) {
    const auto* table = std::get_if<toml_table>(&each.value);
    if (!is_user_name(each.key))
      problems.add(each.line, fmt::format("access.users has a name that no user can have: it has "
                                          "1 to {} bytes, and no control characters",
                                          limits::user_name_bytes));
    else if (table == nullptr)
      problems.add(each.line,
                   fmt::format("access.users.{} is {}, but must be a table, such as {{ role = "
                               "\"deploy\", apps = [\"shop\"] }}",
                               each.key, kind_of(each.value)));
    else
      users.emplace(each.key, read_user(*table, each.key, clusters, problems));
  }
  return users;
}

// A certificate with such a CN would speak in the name of somebody else.
void check_apart(const toml_table& users, const std::vector<oidc_issuer>& issuers,
                 problem_list& problems) {
  for (const auto& each : users.entries)
    for (const auto& issuer : issuers)
      if (each.key.starts_with(issuer.name + ":"))
        problems.add(each.line,
                     fmt::format("access.users.{0} would be mistaken for a user of "
                                 "[access.oidc.{1}], whose names begin with \"{1}:\": give rights "
                                 "to those in its rules, or choose another name",
                                 each.key, issuer.name));
}

} // namespace

access_settings read_access(const toml_table& access, const std::filesystem::path& base_directory,
                            const std::vector<cluster_settings>& clusters, problem_list& problems) {
  access_settings read;
  table_reader reader{access, "access", problems};
  if (const auto* issuers = reader.table("oidc"))
    read.issuers =
        read_issuers(std::get<toml_table>(issuers->value), base_directory, clusters, problems);
  if (const auto* all = reader.table("users")) {
    const auto& table = std::get<toml_table>(all->value);
    if (table.entries.size() > users_max)
      reader.object("users", fmt::format("has {} users, but may have {} at most",
                                         table.entries.size(), users_max));
    read.users = read_users(table, clusters, problems);
    check_apart(table, read.issuers, problems);
  }
  reader.finish();
  return read;
}

} // namespace pawl::config
