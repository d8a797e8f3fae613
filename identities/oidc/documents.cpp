#include "identities/oidc/documents.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace pawl {

namespace {

using nlohmann::json;

// Until the end of the year 9999: later times cannot be written.
constexpr double latest_second = 253'402'300'799.0;

// Not an object: "discarded", as nlohmann calls it. A text may nest as deep as it is long, and what
// it says is never copied or written as a whole: either would need as much of the stack.
json object_in(std::string_view text) {
  auto read = json::parse(text, nullptr, false);
  if (!read.is_object())
    return json(json::value_t::discarded);
  return read;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

error no_claims(std::string_view why) {
  return {errc::unauthenticated, fmt::format("it {}", why), {}};
}

std::vector<std::string> audiences_of(const json& token) {
  const auto found = token.find("aud");
  if (found == token.end())
    return {};
  if (found->is_string())
    return {found->get<std::string>()};
  std::vector<std::string> all;
  if (found->is_array())
    for (const auto& one : *found)
      if (one.is_string())
        all.push_back(one.get<std::string>());
  return all;
}

// A symmetric key in a published set would be one that everybody has.
bool is_for_signatures(const json& key) {
  const auto use = key.find("use");
  const auto type = text_of(key, "kty");
  return (use == key.end() || *use == "sig") && (type == "RSA" || type == "EC");
}

// The public numbers alone.
std::string public_key(const json& key) {
  json made = json::object();
  for (const auto* name : {"kty", "kid", "n", "e", "crv", "x", "y"})
    if (auto text = text_of(key, name); !text.empty())
      made[name] = std::move(text);
  return made.dump();
}

std::optional<timestamp> time_of(const json& value) {
  if (!value.is_number())
    return std::nullopt;
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= latest_second))
    return std::nullopt;
  return timestamp{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
}

} // namespace

result<std::string> keys_address(const oidc_issuer& issuer, std::string_view discovery) {
  const auto read = object_in(discovery);
  if (read.is_discarded())
    return error{errc::unavailable, "its discovery document is no JSON object", {}};
  if (text_of(read, "issuer") != issuer.url)
    return error{errc::unavailable, "its discovery document is of another issuer", {}};
  auto address = text_of(read, "jwks_uri");
  if (!address.starts_with("https://"))
    return error{errc::unavailable, "the jwks_uri of its discovery document is not https://…", {}};
  return address;
}

result<std::vector<published_key>> keys_in(std::string_view set) {
  const auto read = object_in(set);
  const auto found = read.is_discarded() ? read.end() : read.find("keys");
  if (read.is_discarded() || found == read.end() || !found->is_array())
    return error{errc::unavailable, "its keys are no JSON Web Key Set", {}};
  std::vector<published_key> all;
  for (const auto& key : *found) {
    if (all.size() == limits::issuer_keys)
      break;
    if (key.is_object() && is_for_signatures(key))
      all.push_back({text_of(key, "kid"), text_of(key, "alg"), public_key(key)});
  }
  return all;
}

std::string issuer_in(std::string_view payload) {
  const auto read = object_in(payload);
  return read.is_discarded() ? std::string{} : text_of(read, "iss");
}

result<oidc_claims> claims_in(std::string_view payload) {
  const auto read = object_in(payload);
  if (read.is_discarded())
    return no_claims("has claims that are no JSON object");
  oidc_claims token;
  token.issuer = text_of(read, "iss");
  token.subject = text_of(read, "sub");
  token.audiences = audiences_of(read);
  const auto ends = read.find("exp");
  const auto end = ends == read.end() ? std::nullopt : time_of(*ends);
  if (!end)
    return no_claims("has no time at which it ends (exp)");
  token.expires_at = *end;
  if (const auto begins = read.find("nbf"); begins != read.end()) {
    token.not_before = time_of(*begins);
    if (!token.not_before)
      return no_claims("has an nbf that is no time");
  }
  for (const auto& [name, value] : read.items())
    if (value.is_string())
      token.texts.emplace(name, value.get<std::string>());
  return token;
}

} // namespace pawl
