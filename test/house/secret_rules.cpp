// Where a secret may leave its type: each place is named here, so that a new one is seen.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace pawl::test::house {

namespace {

constexpr std::string_view frame_packing = "protocol/msgpack/secret_packing.hpp";
constexpr std::string_view frame_codec = "protocol/msgpack/codec.cpp";

// Tests are not among them: they may reveal what they have made up.
const std::set<std::string>& revealing_files() {
  static const std::set<std::string> table{
      "actors/session/authentication.cpp",     // its form
      "actors/session/session_core.cpp",       // its form
      "bin/pawl/variable_input.cpp",           // of a file, in parts
      "bin/pawld/init.cpp",                    // files of keys; the admin's token, once
      "client/link/server_file.cpp",           // config.toml
      "client/terminal/text_access.cpp",       // a new token, once
      "config/client_config.cpp",              // config.toml
      "config/table_reader.cpp",               // the default of a key
      "engines/docker/registry_auth.cpp",      // to the Docker daemon
      "gateway/transport/tls_credentials.cpp", // to OpenSSL
      "engines/commands/app_environment.cpp",  // to a command, as a variable
      "identities/oidc/signed_token.cpp",      // to cjose
      "lifecycle/redaction.cpp",               // what is not to be seen
      "lifecycle/variables.hpp",               // two of them are compared
      "lifecycle/variables.cpp",               // their form; a plain variable
      "persistence/secret_vault.cpp",          // to be sealed; the key
      "persistence/token_digest.cpp",          // its digest
      "posix/certificates.cpp",                // to OpenSSL
      "protocol/json/documents.cpp",           // a new token, once
      std::string{frame_packing},              // a frame
  };
  return table;
}

} // namespace

breaches check_secrets(const tree& house) {
  static const std::regex revealed{R"((\.|->)\s*reveal\s*\()"};
  breaches found;
  for (const auto& [path, text] : house.files) {
    if (!is_cpp(path))
      continue;
    for (const auto& include : includes_of(text))
      if (include.target == frame_packing && path != frame_codec)
        found.push_back(fmt::format("{}:{}: only {} may put secrets into bytes", path, include.line,
                                    frame_codec));
    if (room_of(path) == "test" || revealing_files().contains(path))
      continue;
    const auto code = code_of(text);
    for (std::sregex_iterator it{code.begin(), code.end(), revealed}, end; it != end; ++it)
      found.push_back(fmt::format("{}:{}: a secret is revealed; hand it on as it is, or add the "
                                  "file to the table in test/house/secret_rules.cpp",
                                  path, line_at(code, static_cast<std::size_t>(it->position()))));
  }
  return found;
}

} // namespace pawl::test::house
