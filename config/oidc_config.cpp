#include "config/oidc_config.hpp"

#include "config/grant_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::config {

namespace {

// Numbers in every token: as texts they can never match.
constexpr std::array<std::string_view, 3> times_of_a_token{"exp", "nbf", "iat"};

// The name of a rule in messages: "access.oidc.NAME.rules" and its number from 1.
std::string name_of_rule(const oidc_issuer& issuer, std::size_t number) {
  return fmt::format("access.oidc.{}.rules ({})", issuer.name, number);
}

bool is_text(const toml_entry& entry) {
  return std::holds_alternative<std::string>(entry.value);
}

bool is_issuer_url(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme) || url.size() > limits::issuer_text_bytes)
    return false;
  const auto rest = url.substr(scheme.size());
  return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
         rest.find_first_of("?#@\\\"<>{}") == std::string_view::npos &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void read_issuer_url(table_reader& reader, oidc_issuer& issuer) {
  reader.text("issuer", issuer.url);
  const auto* entry = reader.entry("issuer");
  if (entry == nullptr)
    reader.object("issuer", "is missing: it is the address that the tokens have as their iss");
  else if (is_text(*entry) && !is_issuer_url(issuer.url))
    reader.object("issuer",
                  fmt::format("is \"{}\", but must be an address such as "
                              "\"https://token.actions.githubusercontent.com\": https, and no "
                              "query; who can change the answer of an issuer can be anybody",
                              issuer.url));
}

void read_audience(table_reader& reader, oidc_issuer& issuer) {
  reader.text("audience", issuer.audience);
  const auto* entry = reader.entry("audience");
  if (entry != nullptr && !is_text(*entry))
    return;
  if (issuer.audience.empty() || issuer.audience.size() > limits::issuer_text_bytes)
    reader.object("audience",
                  fmt::format("has to be a text of 1 to {} bytes that the jobs ask their issuer "
                              "for, such as \"pawl\": without it a token that was made for "
                              "another service would be good here",
                              limits::issuer_text_bytes));
}

void read_ca(table_reader& reader, const std::filesystem::path& base_directory,
             oidc_issuer& issuer) {
  std::string file;
  reader.text("ca", file);
  if (!file.empty())
    issuer.ca = (base_directory / file).lexically_normal();
  else if (const auto* entry = reader.entry("ca"); entry != nullptr && is_text(*entry))
    reader.object("ca", "is empty: name a file of certificates, or leave the key out for the "
                        "authorities of this machine");
}

// A claim that a token of this issuer cannot have beside those that are checked anyway.
std::optional<std::string> contradiction(const oidc_issuer& issuer, const std::string& claim,
                                         const std::string& value) {
  if (claim == "iss" && value != issuer.url)
    return fmt::format("tokens of this issuer have iss = \"{}\"", issuer.url);
  if (claim == "aud" && value != issuer.audience)
    return fmt::format("tokens for this server have aud = \"{}\"", issuer.audience);
  if (claim == "sub" && !is_user_name(issuer.name + ":" + value))
    return "no user has such a name";
  if (std::find(times_of_a_token.begin(), times_of_a_token.end(), claim) != times_of_a_token.end())
    return "it is a time, and a time is no text";
  return std::nullopt;
}

void read_claims(const toml_table& table, const std::string& name, const oidc_issuer& issuer,
                 oidc_rule& rule, problem_list& problems) {
  for (const auto& each : table.entries) {
    const auto* value = std::get_if<std::string>(&each.value);
    if (value == nullptr) {
      problems.add(each.line,
                   fmt::format("{}.claims.{} is {}, but must be a string: a claim matches if it is "
                               "this text, and a list, a number or a boolean never does",
                               name, each.key, kind_of(each.value)));
    } else if (value->size() > limits::issuer_text_bytes) {
      problems.add(each.line,
                   fmt::format("{}.claims.{} has {} bytes, but may have {} at most", name, each.key,
                               value->size(), limits::issuer_text_bytes));
    } else {
      if (auto why = contradiction(issuer, each.key, *value))
        problems.add(each.line,
                     fmt::format("{}.claims.{} can never match: {}", name, each.key, *why));
      rule.claims.emplace(each.key, *value);
    }
  }
}

oidc_rule read_rule(const toml_table& table, const std::string& name, const oidc_issuer& issuer,
                    const std::vector<cluster_settings>& clusters, problem_list& problems) {
  oidc_rule rule;
  table_reader reader{table, name, problems};
  const auto* claims = reader.table("claims");
  const auto* entries = claims != nullptr ? &std::get<toml_table>(claims->value) : nullptr;
  if (reader.entry("claims") == nullptr || (entries != nullptr && entries->entries.empty()))
    reader.object("claims", "has to name at least one claim, such as { repository = "
                            "\"acme/shop\" }: without one everybody whom this issuer knows would "
                            "have the role");
  else if (entries != nullptr && entries->entries.size() > limits::issuer_claims)
    reader.object("claims", fmt::format("has {} claims, but may have {} at most",
                                        entries->entries.size(), limits::issuer_claims));
  else if (entries != nullptr)
    read_claims(*entries, name, issuer, rule, problems);
  rule.grant = read_grant(reader, clusters);
  reader.finish();
  return rule;
}

// An earlier rule that takes every token that the last one could match.
void check_reachable(const oidc_issuer& issuer, std::uint32_t line, problem_list& problems) {
  const auto& last = issuer.rules.back();
  const auto end = issuer.rules.end() - 1;
  const auto earlier = std::find_if(issuer.rules.begin(), end, [&](const oidc_rule& one) {
    return !one.claims.empty() && covers(one, last);
  });
  if (earlier != end)
    problems.add(line,
                 fmt::format("{} can never match: rule {} comes before it and matches each token "
                             "that it could; put the one with more claims first",
                             name_of_rule(issuer, issuer.rules.size()),
                             earlier - issuer.rules.begin() + 1));
}

void read_rules(table_reader& reader, const std::vector<cluster_settings>& clusters,
                oidc_issuer& issuer, problem_list& problems) {
  const auto* entry = reader.entry("rules");
  const auto* list = entry != nullptr ? std::get_if<toml_array>(&entry->value) : nullptr;
  if (list == nullptr || list->entries.empty())
    return reader.object("rules",
                         fmt::format("has to be a list with at least one rule, or nobody could log "
                                     "in: [[access.oidc.{}.rules]] begins one",
                                     issuer.name));
  if (list->entries.size() > limits::issuer_rules)
    return reader.object("rules", fmt::format("has {} rules, but may have {} at most",
                                              list->entries.size(), limits::issuer_rules));
  for (const auto& each : list->entries) {
    const auto name = name_of_rule(issuer, issuer.rules.size() + 1);
    const auto* table = std::get_if<toml_table>(&each.value);
    if (table == nullptr) {
      problems.add(each.line,
                   fmt::format("{} is {}, but must be a table", name, kind_of(each.value)));
      continue;
    }
    issuer.rules.push_back(read_rule(*table, name, issuer, clusters, problems));
    check_reachable(issuer, each.line, problems);
  }
}

oidc_issuer read_issuer(const toml_table& table, const std::string& name,
                        const std::filesystem::path& base_directory,
                        const std::vector<cluster_settings>& clusters, problem_list& problems) {
  oidc_issuer issuer;
  issuer.name = name;
  table_reader reader{table, "access.oidc." + name, problems};
  read_issuer_url(reader, issuer);
  read_audience(reader, issuer);
  read_ca(reader, base_directory, issuer);
  read_rules(reader, clusters, issuer, problems);
  reader.finish();
  return issuer;
}

} // namespace

std::vector<oidc_issuer> read_issuers(const toml_table& oidc,
                                      const std::filesystem::path& base_directory,
                                      const std::vector<cluster_settings>& clusters,
                                      problem_list& problems) {
  std::vector<oidc_issuer> issuers;
  for (const auto& each : oidc.entries) {
    const auto* table = std::get_if<toml_table>(&each.value);
    if (auto good = check_name("issuer", each.key); !good) {
      problems.add(each.line, good.error().message);
    } else if (table == nullptr) {
      problems.add(each.line, fmt::format("access.oidc.{} is {}, but must be a table", each.key,
                                          kind_of(each.value)));
    } else if (issuers.size() == limits::issuers) {
      problems.add(each.line, fmt::format("access.oidc has more than {} issuers", limits::issuers));
      break;
    } else {
      auto issuer = read_issuer(*table, each.key, base_directory, clusters, problems);
      for (const auto& other : issuers)
        if (other.url == issuer.url && !issuer.url.empty())
          problems.add(each.line,
                       fmt::format("access.oidc.{} has the issuer of access.oidc.{}: put "
                                   "the rules of both into one",
                                   each.key, other.name));
      issuers.push_back(std::move(issuer));
    }
  }
  return issuers;
}

} // namespace pawl::config
