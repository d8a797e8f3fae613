#include "client/terminal/server_texts.hpp"

#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

std::string names_or_all(const std::vector<std::string>& names) {
  return names.empty() ? "all" : printable(fmt::format("{}", fmt::join(names, ", ")));
}

} // namespace

std::string servers_text(const std::vector<json::listed_server>& all, const look& how) {
  if (all.empty())
    return "no servers yet; to add one: pawl login HOST:PORT\n";
  constexpr std::size_t key_least = 17; // "sha256:" and enough to tell two keys apart
  table_rows rows;
  for (const auto& each : all)
    rows.push_back({each.current ? "*" : "", printable(each.name), printable(each.address),
                    printable(each.fingerprint.value_or("by its certificate's name"))});
  return table({{""}, {"SERVER"}, {"ADDRESS"}, {"FINGERPRINT", 1, key_least}}, rows, how);
}

std::string short_whoami_text(const protocol::whoami& who) {
  return fmt::format("{} ({})", printable(who.user), to_string(who.grant.role));
}

std::string whoami_text(const protocol::whoami& who, const look& how) {
  return fit_lines(
      fmt::format("user           {}\nrole           {}\napps           {}\nclusters       {}\n"
                  "authenticated  by {}\nexpires        {}\n",
                  printable(who.user), to_string(who.grant.role), names_or_all(who.grant.apps),
                  names_or_all(who.grant.clusters), to_string(who.authenticated_by),
                  who.expires_at ? format_time(*who.expires_at) : "never"),
      how);
}

} // namespace pawl::client
