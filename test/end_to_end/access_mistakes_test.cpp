// Mistakes with tokens, certificates and rights, through the real programs: each is told with its
// remedy, has the exit status of the contract, and changes nothing.
#include "test/end_to_end/remote_server.hpp"

#include "test/support/certificates.hpp"

#include <fmt/format.h>

#include <csignal>

namespace {

using namespace pawl::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* clock_library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

void check_refused(const outcome& end, int status, const words& told) {
  check_exit(end, status);
  for (const auto& each : told)
    BOOST_TEST(mentions(end.err, each), each << " is not in: " << end.err);
}

// The server has this certificate from now on.
void present(remote_server& world, const certified_key& other) {
  const auto before = world.owner().log().size();
  write_certified_key(world.place() / "tls", other);
  ::kill(world.owner().server().pid(), SIGHUP);
  BOOST_REQUIRE(
      eventually([&] { return mentions(world.owner().log().substr(before), "read again"); }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(access_mistakes_test)

// Its address sanitizer has to come before all others.
#ifndef PAWL_ADDRESS_SANITIZER
BOOST_AUTO_TEST_CASE(a_token_that_has_expired_is_told_with_its_time_and_the_remedy) {
  remote_server world;
  auto& owner = world.owner();
  machine anns{world.place() / "ann"};
  const auto made = document_of(
      owner.pawl({"token", "create", "ann", "--role", "view", "--expires", "1m", "--json"}));
  check_exit(anns.login(world, made.at("token")), 0);
  check_exit(owner.stop(), 0);
  owner.set_environment(
      {{"LD_PRELOAD", clock_library}, {"FAKETIME", "+2m"}, {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  owner.start();
  const auto remembered = read_text(anns.servers_file());
  for (const auto& end : {anns.pawl({"whoami"}), anns.login(world, made.at("token"))})
    check_refused(end, 9,
                  {"the credential of ann expired at " + made.at("expires_at").get<std::string>(),
                   "pawl token create", "pawl login"});
  BOOST_TEST(read_text(anns.servers_file()) == remembered);
}
#endif

BOOST_AUTO_TEST_CASE(a_certificate_out_of_its_time_is_told_with_its_dates) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  const certificate_authority vouches;
  const auto trusted = world.place() / "trusted.crt";
  write_text(trusted, vouches.certificate());
  auto plan = server_plan();
  plan.valid_until = -1800s;
  auto tomorrows = server_plan();
  tomorrows.valid_from = 24h;
  for (const auto& [wrong, told, seen] :
       {std::tuple{plan, "which expired at", "expired on 20"},
        std::tuple{tomorrows, "valid only from", "is valid from 20"}}) {
    present(world, vouches.issue(wrong));
    BOOST_TEST(mentions(world.owner().log(), told), world.owner().log());
    const words login{"login", world.address(), "--token", world.made("token")};
    const auto refused = laptop.pawl(login, {{"SSL_CERT_FILE", trusted.string()}});
    check_refused(refused, 9, {seen, "clock says 20"});
    BOOST_TEST(!fs::exists(laptop.servers_file()));
    const auto checked =
        world.owner().begin_pawld("--check-config", world.place() / "pawld.toml")->wait();
    check_refused(checked, 2, {told});
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_request_about_rights_and_freezes_changes_nothing) {
  running_server server;
  deploy(server, {});
  const auto status = [&] { return document_of(server.pawl({"status", "--json"})); };
  const auto tokens = [&] { return document_of(server.pawl({"token", "list", "--json"})); };
  check_exit(server.pawl({"token", "create", "ann", "--role", "view"}), 0);
  const auto before = std::pair{status(), tokens()};
  const words role{"token", "create", "x", "--role"};
  const auto refused = [&](words begin, const words& more, int exit, const words& told) {
    begin.insert(begin.end(), more.begin(), more.end());
    check_refused(server.pawl(begin), exit, told);
  };
  refused(role, {"owner"}, 2, {"\"owner\"", "view, deploy or admin"});
  refused(role, {"view", "--expires", "1s"}, 2, {"1 minute to 10 years"});
  refused(role, {"view", "--expires", "soon"}, 2, {"--expires \"soon\"", "90d", "never"});
  refused(role, {"view", "--app", "No Such"}, 2, {"app", "lower-case letters"});
  refused({"token", "create", "ann"}, {"--role", "view"}, 2, {"pawl token revoke ann"});
  refused({"token", "revoke", "nobody"}, {}, 10, {"nobody", "pawl token list"});
  for (const auto* past : {"2020-01-01", "2020-01-01T00:00:00Z"})
    refused({"freeze", "--reason", "x"}, {"--until", past}, 2, {"2020-01-01", "--until"});
  refused({"freeze", "--reason", "x"}, {"--until", "yesterday"}, 2, {"\"yesterday\"", "2h"});
  refused({"--server", "nobody"}, {"whoami"}, 2, {"\"nobody\"", "pawl servers", "pawl login"});
  BOOST_TEST((std::pair{status(), tokens()}) == before);
}

BOOST_AUTO_TEST_CASE(a_failed_login_of_the_last_minute_is_audited_when_the_server_is_stopped) {
  remote_server world;
  machine stranger{world.place() / "stranger"};
  check_refused(stranger.login(world, "pawl_" + std::string(43, 'a')), 9, {"no valid credentials"});
  check_exit(world.owner().stop(), 0);
  world.owner().start();
  const auto page = document_of(world.owner().pawl({"audit", "--action", "login", "--json"}));
  BOOST_REQUIRE(page.at("records").size() == 1U);
  BOOST_TEST(page.at("records").front().at("detail") == "1 failed login");
}

BOOST_AUTO_TEST_CASE(a_rule_that_can_never_match_keeps_the_server_from_starting) {
  running_server server;
  check_exit(server.stop(), 0);
  server.write_config("[cluster.local]\n[access.oidc.ci]\nissuer = \"https://localhost:1\"\n"
                      "audience = \"pawl\"\n"
                      "[[access.oidc.ci.rules]]\nclaims = { ref = \"main\" }\nrole = \"view\"\n"
                      "[[access.oidc.ci.rules]]\nclaims = { ref = \"main\", sub = \"a\" }\n"
                      "role = \"deploy\"\n");
  const auto file = server.place() / "pawld.toml";
  for (const auto* flag : {"--check-config", "--config"})
    check_refused(server.begin_pawld(flag, file)->wait(), 2,
                  {"line ", "access.oidc.ci.rules (2) can never match", "rule 1"});
  server.write_config("[cluster.local]\n");
  server.start();
}

BOOST_AUTO_TEST_CASE(a_file_of_tokens_that_others_can_read_is_neither_used_nor_changed) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  check_exit(laptop.login(world, world.made("token")), 0);
  const auto file = laptop.servers_file();
  fs::permissions(file, fs::perms{0640});
  const auto remembered = read_text(file);
  for (const auto& end :
       {laptop.pawl({"whoami"}), laptop.pawl({"logout"}), laptop.login(world, world.made("token"))})
    check_refused(end, 2, {"others can read it (mode 0640)", "chmod 600 " + file.string()});
  BOOST_TEST(read_text(file) == remembered);
  fs::permissions(file, fs::perms{0600});
  check_exit(laptop.pawl({"whoami"}), 0);
}

BOOST_AUTO_TEST_CASE(a_client_of_tls_at_the_unix_socket_is_closed_and_others_are_served) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  const auto end =
      laptop.shell("openssl s_client -unix " + world.owner().socket().string() + " </dev/null");
  BOOST_TEST(end.status != 0, end.out);
  check_exit(world.owner().pawl({"whoami"}), 0);
}

BOOST_AUTO_TEST_SUITE_END()
