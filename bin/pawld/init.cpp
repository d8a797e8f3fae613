#include "bin/pawld/init.hpp"

#include "bin/pawld/endpoint.hpp"
#include "config/new_server_config.hpp"
#include "config/server_config.hpp"
#include "config/values.hpp"
#include "lifecycle/concealment.hpp"
#include "lifecycle/ip_address.hpp"
#include "persistence/lmdb/lmdb_store.hpp"
#include "persistence/token_digest.hpp"
#include "posix/certificates.hpp"
#include "posix/files.hpp"
#include "posix/machine_names.hpp"
#include "posix/random_token.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr const char* config_name = "pawld.toml";
constexpr const char* tls_name = "tls";
constexpr const char* data_name = "data";

// A client that has the fingerprint looks at no date. For others: systems refuse a certificate of a
// private authority that is longer valid than 825 days, and one from tomorrow, which it is for a
// client whose clock is a little late.
constexpr auto certificate_life = 24h * 825;
constexpr auto authority_life = 24h * 3650;
constexpr auto clock_tolerance = 24h;

timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// Files in the making stand in a directory beside their place, and go there when all are complete.
class draft {
public:
  explicit draft(fs::path target) : target_(std::move(target)) {}
  draft(const draft&) = delete;
  draft& operator=(const draft&) = delete;
  ~draft() {
    std::error_code ignored;
    if (!complete_)
      for (const auto& name : moved_)
        fs::remove_all(target_ / name, ignored);
    if (!place_.empty())
      fs::remove_all(place_, ignored);
    if (!complete_ && made_target_)
      fs::remove(target_, ignored); // only while it is empty
  }

  result<void> begin() {
    made_target_ = !fs::exists(target_);
    if (auto made = make_directories(target_); !made)
      return made;
    auto pattern = (target_ / ".init-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      return system_error("make a directory in " + target_.string(), errno);
    place_ = pattern;
    return {};
  }

  const fs::path& place() const { return place_; }

  // Moves these to the target, one after another; the last makes the whole valid.
  result<void> complete(const std::vector<const char*>& names) {
    for (const auto* name : names) {
      if (auto moved = rename_durably(place_ / name, target_ / name); !moved)
        return moved;
      moved_.emplace_back(name);
    }
    complete_ = true;
    return {};
  }

private:
  fs::path target_;
  fs::path place_;
  std::vector<std::string> moved_;
  bool made_target_ = false;
  bool complete_ = false;
};

// The listener takes an address: a name may lead to one that this machine does not have itself.
std::string listened_host(const std::string& host) {
  if (is_ip_address(host))
    return host;
  return host == "localhost" ? "127.0.0.1" : "0.0.0.0";
}

std::vector<std::string> certificate_hosts(const init_request& wanted, const endpoint& listen) {
  std::vector<std::string> hosts;
  auto add = [&](const std::string& host) {
    if (!host.empty() && !is_any_address(host) &&
        std::find(hosts.begin(), hosts.end(), host) == hosts.end())
      hosts.push_back(host);
  };
  add(reached_host(listen.host));
  add(wanted.domain);
  add(host_name());
  for (const auto* own : {"localhost", "127.0.0.1", "::1"})
    add(own);
  return hosts;
}

// The parts of a new server, in the order in which they go to their place.
std::vector<const char*> parts_of(const init_request& wanted) {
  if (wanted.service)
    return {tls_name, config_name};
  return {tls_name, data_name, config_name};
}

result<void> check_free(const init_request& wanted) {
  for (const auto* name : parts_of(wanted))
    if (fs::exists(fs::symlink_status(wanted.directory / name)))
      return error{errc::invalid_argument,
                   fmt::format("{} holds a server already: it has {}. Choose another directory, or "
                               "move that one away. To let a server that is there listen for other "
                               "machines, set [listen] tls, certificate and key in its pawld.toml",
                               wanted.directory.string(), name),
                   {}};
  return {};
}

result<void> write_file(const fs::path& path, std::string_view text, mode_t mode) {
  if (auto written = write_file_durably(path, text); !written) // mode 0600
    return written;
  if (::chmod(path.c_str(), mode) != 0)
    return system_error("set the mode of " + path.string(), errno);
  return {};
}

// Gives the fingerprint of the server's key.
result<std::string> write_certificates(const fs::path& directory,
                                       const std::vector<std::string>& hosts) {
  constexpr mode_t own = 0600;
  constexpr mode_t shown = 0644;
  const auto from = now() - clock_tolerance;
  auto authority =
      make_authority({"Pawl authority of " + hosts.front(), {}, from, from + authority_life});
  if (!authority)
    return std::move(authority).error();
  auto server = certify({hosts.front(), hosts, from, from + certificate_life}, *authority);
  if (!server)
    return std::move(server).error();
  if (auto made = make_directories(directory); !made)
    return std::move(made).error();
  for (const auto& [name, text, mode] :
       {std::tuple{"ca.crt", std::string_view{authority->certificate}, shown},
        std::tuple{"ca.key", authority->key.reveal(), own},
        std::tuple{"server.crt", std::string_view{server->certificate}, shown},
        std::tuple{"server.key", server->key.reveal(), own}})
    if (auto written = write_file(directory / name, text, mode); !written)
      return std::move(written).error();
  return server->fingerprint;
}

// Makes a store that has one token, for somebody who may do everything.
result<secret> store_admin_token(const fs::path& data) {
  auto token = random_token();
  auto records = lmdb_store::open(data / "store");
  if (!records)
    return std::move(records).error();
  change wanted;
  wanted.token = token_record{.name = "admin",
                              .digest = token_digest(token),
                              .grant = {role::admin},
                              .created_at = now(),
                              .created_by = "pawld --init",
                              .expires_at = now() + limits::token_expiry};
  principal maker;
  maker.name = wanted.token->created_by;
  maker.address = "unix";
  wanted.audit.push_back(
      done_with(audit_of(maker, "create_token"), wanted.token->name, wanted.token->created_at));
  auto stored = (*records)->commit(std::array{wanted});
  if (!stored.front())
    return std::move(stored.front()).error();
  return token;
}

result<std::string> config_text(const init_request& wanted, const endpoint& listen) {
  const auto text =
      config::new_server_config({.listen = to_text({listened_host(listen.host), listen.port}),
                                 .domain = wanted.domain,
                                 .certificate = "tls/server.crt",
                                 .key = "tls/server.key",
                                 .data_dir = wanted.service ? "" : data_name,
                                 .socket = wanted.service ? "" : "pawld.sock"});
  if (auto good = config::read_server_config(text, wanted.directory); !good)
    return error{errc::invalid_argument,
                 fmt::format("no server can be set up so:\n{}", good.error().message),
                 {}};
  return text;
}

result<json::new_server> make_server(const init_request& wanted) {
  if (!config::is_host_and_port(wanted.listen))
    return error{errc::invalid_argument,
                 fmt::format("--listen \"{}\" is not HOST:PORT: use 0.0.0.0:7420 for all addresses "
                             "of this machine",
                             printable(wanted.listen)),
                 {}};
  if (auto is_free = check_free(wanted); !is_free)
    return std::move(is_free).error();
  const auto listen = parse_endpoint(wanted.listen);
  auto text = config_text(wanted, listen);
  if (!text)
    return std::move(text).error();
  draft parts{wanted.directory};
  if (auto begun = parts.begin(); !begun)
    return std::move(begun).error();
  auto fingerprint =
      write_certificates(parts.place() / tls_name, certificate_hosts(wanted, listen));
  if (!fingerprint)
    return std::move(fingerprint).error();
  std::optional<secret> token;
  if (!wanted.service) {
    auto stored = store_admin_token(parts.place() / data_name);
    if (!stored)
      return std::move(stored).error();
    token = *std::move(stored);
  }
  if (auto written = write_file_durably(parts.place() / config_name, *text); !written)
    return std::move(written).error();
  if (auto done = parts.complete(parts_of(wanted)); !done)
    return std::move(done).error();
  return json::new_server{(wanted.directory / config_name).string(),
                          to_text({reached_host(listen.host), listen.port}),
                          *std::move(fingerprint), std::move(token)};
}

std::string first_steps(const json::new_server& made) {
  if (!made.token)
    return fmt::format("Other machines will reach it at {}, fingerprint\n{}.\n"
                       "To let one in, once the server runs, as root:\n\n"
                       "  pawl token create NAME --role admin\n\n"
                       "which prints a token, and the command for the other machine.\n",
                       made.address, made.fingerprint);
  return fmt::format(
      "To start it:\n\n  pawld --config {}\n\n"
      "Then, on another machine, as its admin:\n\n"
      "  pawl login {} --fingerprint {} --token {}\n\n"
      "The token is shown this once, and ends after {} days. More tokens, with fewer "
      "rights: pawl token create\n",
      made.config, made.address, made.fingerprint, made.token->reveal(),
      std::chrono::floor<std::chrono::days>(limits::token_expiry).count());
}

std::string report(const json::new_server& made, const init_request& wanted) {
  auto text =
      fmt::format("A server is set up in {}. {}", wanted.directory.string(), first_steps(made));
  if (is_any_address(parse_endpoint(wanted.listen).host))
    text += "If the other machine reaches this one by another name or address, use that: the "
            "fingerprint counts, not the name.\n";
  return text;
}

} // namespace

int set_up_server(const init_request& given) {
  auto wanted = given;
  wanted.directory = fs::absolute(given.directory).lexically_normal();
  if (!wanted.directory.has_filename())
    wanted.directory = wanted.directory.parent_path(); // "DIR/"
  auto made = make_server(wanted);
  if (!made) {
    const auto problem = concealed(made.error());
    if (wanted.json)
      fmt::print("{}\n", json::error_document(problem));
    fmt::print(stderr, "pawld: {}\n", problem.message);
    return info(problem.code).exit;
  }
  if (wanted.json)
    fmt::print("{}\n", json::document(*made));
  else
    fmt::print("{}", report(*made, wanted));
  if (std::fflush(stdout) == 0)
    return 0;
  fmt::print(stderr,
             "pawld: the server is set up, but its token could not be written, and is shown this "
             "once: remove {} and try again, or make another token as root, with pawl token create "
             "while the server runs\n",
             wanted.directory.string());
  return info(errc::unavailable).exit;
}

} // namespace pawl
