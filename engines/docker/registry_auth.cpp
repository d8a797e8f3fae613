#include "engines/docker/registry_auth.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/secret_file.hpp"

namespace pawl {

namespace {

// As the daemon calls the registry of images without a host.
constexpr auto hub_server = "https://index.docker.io/v1/";
constexpr auto hub_name = "docker.io";

// With the alphabet for URLs, and padding.
std::string as_base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr unsigned digit_bits = 6;
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  const auto put = [&](std::uint32_t value) { text += alphabet[value & 0x3fU]; };
  for (const char c : bytes) {
    bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xffffffU;
    for (count += 8; count >= digit_bits; count -= digit_bits)
      put(bits >> (count - digit_bits));
  }
  if (count > 0)
    put(bits << (digit_bits - count));
  while (text.size() % 4 != 0)
    text += '=';
  return text;
}

std::string server_of(const std::string& registry) {
  return registry == hub_name ? hub_server : registry;
}

result<json> login_of(const registry_login& login) {
  auto password = read_secret_file(login.password_file, limits::registry_password_bytes);
  if (!password)
    return std::move(password).error();
  return json{{"username", login.user},
              {"password", std::string{password->reveal()}},
              {"serveraddress", server_of(login.registry)}};
}

} // namespace

result<std::string> pull_login(const std::vector<registry_login>& logins,
                               const std::string& registry) {
  for (const auto& one : logins)
    if (one.registry == registry) {
      auto login = login_of(one);
      if (!login)
        return std::move(login).error();
      return "X-Registry-Auth: " + as_base64url(to_text(*login));
    }
  return std::string{};
}

result<std::string> build_logins(const std::vector<registry_login>& logins) {
  if (logins.empty())
    return std::string{};
  json all;
  for (const auto& one : logins) {
    auto login = login_of(one);
    if (!login)
      return std::move(login).error();
    all[server_of(one.registry)] = *std::move(login);
  }
  return "X-Registry-Config: " + as_base64url(to_text(all));
}

} // namespace pawl
