// From nothing to deploys from another machine, and all that can be wrong on the way, with the real
// programs.
#include "test/end_to_end/remote_server.hpp"

#include "test/support/certificates.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>

#include <csignal>
#include <regex>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

constexpr const char* faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

// The line of a text that begins with two spaces and this command.
std::string command_in(const std::string& text, const std::string& program) {
  const auto from = text.find("  " + program + " ");
  BOOST_REQUIRE_MESSAGE(from != std::string::npos, text);
  return text.substr(from + 2, text.find('\n', from) - from - 2);
}

std::string token_of(remote_server& world, const words& rights) {
  words arguments{"token", "create"};
  arguments.insert(arguments.end(), rights.begin(), rights.end());
  arguments.emplace_back("--json");
  return document_of(world.owner().pawl(arguments)).at("token").get<std::string>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(remote_test)

BOOST_AUTO_TEST_CASE(three_commands_lead_from_nothing_to_a_remote_deploy_and_each_prints_the_next) {
  remote_server world{remote_server::form::text};
  BOOST_TEST(command_in(world.said(), "pawld") ==
             "pawld --config " + (world.place() / "pawld.toml").string());
  machine laptop{world.place() / "laptop"};
  const auto logged_in = laptop.shell(command_in(world.said(), "pawl"));
  check_exit(logged_in, 0);
  BOOST_TEST(mentions(logged_in.out, " as admin (admin"), logged_in.out);
  BOOST_TEST(mentions(logged_in.out, "next, in the directory of an app: pawl deploy"),
             logged_in.out);
  const auto app = write_app(laptop.home(), {});
  const auto deployed = laptop.shell("cd " + app + " && pawl deploy --json");
  check_exit(deployed, 0);
  BOOST_TEST(record_of(deployed).at("state") == "active");
  BOOST_TEST(record_of(deployed).at("by") == "admin");
  BOOST_TEST(world.owner().answer_of("shop") == "hello");
  BOOST_TEST(document_of(laptop.pawl({"whoami", "--json"})).at("authenticated_by") == "token");
}

BOOST_AUTO_TEST_CASE(a_new_token_comes_with_the_command_that_makes_use_of_it) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  const auto login = command_in(
      world.owner().pawl({"token", "create", "ann", "--role", "admin", "--expires", "1h"}).out,
      "pawl login");
  BOOST_TEST(login ==
             "pawl login " + world.address() + " --fingerprint " + world.made("fingerprint"));
  check_exit(laptop.shell(login + " --token " + world.made("token")), 0);
  const auto from_laptop = laptop.pawl({"token", "create", "bob", "--role", "view"});
  check_exit(from_laptop, 0);
  BOOST_TEST(command_in(from_laptop.out, "pawl login") == login);
}

BOOST_AUTO_TEST_CASE(each_does_what_they_may_and_sees_no_more) {
  remote_server world;
  machine anns{world.place() / "ann"};
  machine bobs{world.place() / "bob"};
  check_exit(anns.login(world, token_of(world, {"ann", "--role", "deploy", "--app", "shop"})), 0);
  check_exit(bobs.login(world, token_of(world, {"bob", "--role", "view", "--app", "shop"})), 0);
  check_exit(anns.pawl({"deploy", write_app(anns.home(), {})}), 0);
  deploy(world.owner(), {.name = "blog"});
  BOOST_TEST(document_of(bobs.pawl({"history", "--json"})).at("deployments").size() == 1U);
  check_exit(bobs.pawl({"rollback", "-a", "shop"}), 9);
  const auto foreign = bobs.pawl({"status", "-a", "blog", "--json"});
  check_exit(foreign, 10);
  auto unknown = bobs.pawl({"status", "-a", "flog", "--json"}).out;
  for (auto at = unknown.find("flog"); at != std::string::npos; at = unknown.find("flog"))
    unknown.replace(at, 4, "blog");
  BOOST_TEST(foreign.out == unknown);
  check_exit(anns.pawl({"deploy", write_app(anns.home(), {.name = "blog"})}), 10);
  check_exit(anns.pawl({"audit"}), 9);
  const auto records = document_of(world.owner().pawl({"audit", "--by", "bob", "--json"}));
  BOOST_REQUIRE(!records.at("records").empty());
  BOOST_TEST(records.at("records").back().at("code") == "permission_denied");
  BOOST_TEST(records.at("records").back().at("address") == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(who_follows_is_disconnected_when_the_token_is_revoked_and_told_why) {
  remote_server world;
  machine anns{world.place() / "ann"};
  check_exit(anns.login(world, token_of(world, {"ann", "--role", "deploy"})), 0);
  gate door;
  auto deploying =
      anns.begin({"deploy", write_app(anns.home(), {.build = door.command()}), "--json"});
  BOOST_REQUIRE(door.reached());
  check_exit(world.owner().pawl({"token", "revoke", "ann"}), 0);
  const auto end = deploying->wait();
  check_exit(end, 9);
  BOOST_TEST(mentions(end.err, "revoked"), end.err);
  BOOST_TEST(mentions(end.err, "pawl attach "), end.err);
  check_exit(anns.pawl({"whoami"}), 9);
  const auto id = in_flight_of(world.owner());
  door.open();
  check_exit(world.owner().pawl({"attach", id}), 0); // what it began goes on
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_the_right_one_is_told_with_what_differs) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  const auto address = world.address();
  const auto token = world.made("token");
  const auto refused = [&](const words& arguments, int status, const std::string& words_of_it,
                           const std::map<std::string, std::string>& more = {}) {
    const auto end = laptop.pawl(arguments, more);
    check_exit(end, status);
    BOOST_TEST(mentions(end.err, words_of_it), end.err);
    BOOST_TEST(!fs::exists(laptop.servers_file()));
  };
  const auto other = "sha256:" + std::string(64, '0');
  refused({"login", address, "--fingerprint", other, "--token", token}, 9,
          world.made("fingerprint"));
  refused({"login", address, "--fingerprint", "sha256:12", "--token", token}, 2, "64 hexadecimal");
  refused({"login", address, "--token", token}, 9, "--fingerprint");
  refused({"login", address, "--fingerprint", "", "--token", token}, 2, "64 hexadecimal");
  const auto wrong_token = "pawl_" + std::string(43, 'a');
  refused({"login", address, "--fingerprint", world.made("fingerprint"), "--token", wrong_token}, 9,
          "no valid credentials");
  refused({"login", address, "--fingerprint", world.made("fingerprint")}, 2, "--token-stdin");
  const http_server plain{"plain"};
  refused({"login", plain.address(), "--token", token}, 11, "tls in [listen]");
  refused({"login", fmt::format("127.0.0.1:{}", free_port()), "--token", token}, 11, "127.0.0.1");
  refused({"login", "nowhere.invalid:7420", "--token", token}, 11, "nowhere.invalid");
}

// Its address sanitizer has to come before all others.
#ifndef PAWL_ADDRESS_SANITIZER
BOOST_AUTO_TEST_CASE(a_clock_that_is_off_is_named_as_a_cause) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  const auto token = world.made("token");
  for (const auto* shift : {"-2d", "+3000d"}) {
    const auto end = laptop.pawl({"login", world.address(), "--token", token},
                                 {{"LD_PRELOAD", faketime},
                                  {"FAKETIME", shift},
                                  {"SSL_CERT_FILE", (world.place() / "tls/ca.crt").string()}});
    check_exit(end, 9);
    BOOST_TEST(mentions(end.err, "clock"), end.err);
  }
  // The key counts, and no date.
  check_exit(laptop.pawl({"login", world.address(), "--fingerprint", world.made("fingerprint"),
                          "--token", token},
                         {{"LD_PRELOAD", faketime}, {"FAKETIME", "-2d"}}),
             0);
}
#endif

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_what_its_file_says_does_not_start) {
  remote_server world;
  auto& owner = world.owner();
  const auto config = (world.place() / "pawld.toml").string();
  check_exit(owner.stop(), 0);
  const auto fails = [&](const std::string& words_of_it, int status = 2) {
    const auto end = owner.begin_pawld({"--config", config})->wait();
    BOOST_TEST(end.status == status, end.err);
    BOOST_TEST(mentions(end.err, words_of_it), end.err);
  };
  const auto key = world.place() / "tls/server.key";
  fs::permissions(key, fs::perms{0640});
  fails("chmod");
  fs::permissions(key, fs::perms{0600});
  fs::rename(key, world.place() / "away");
  fails("server.key");
  fs::rename(world.place() / "away", key);
  {
    const http_server other{"other"};
    auto text = read_text(config);
    write_text(config, std::regex_replace(text, std::regex{"tls = \"[^\"]*"},
                                          fmt::format("tls = \"{}", other.address())));
    fails(other.address(), 11); // it may be free soon
    write_text(config, text);
  }
  owner.start();
  check_exit(owner.pawl({"whoami"}), 0);
}

BOOST_AUTO_TEST_CASE(certificates_are_renewed_while_clients_are_connected) {
  remote_server world;
  machine laptop{world.place() / "laptop"};
  check_exit(laptop.login(world, world.made("token")), 0);
  gate door;
  auto deploying = laptop.begin({"deploy", write_app(laptop.home(), {.build = door.command()})});
  BOOST_REQUIRE(door.reached());
  certificate_authority renewed;
  write_certified_key(world.place() / "tls", renewed.issue(server_plan()));
  ::kill(world.owner().server().pid(), SIGHUP);
  BOOST_TEST(eventually([&] { // another key: the old fingerprint is refused from now on
    return laptop.pawl({"whoami"}).status == 9;
  }));
  door.open();
  check_exit(deploying->wait(), 0);
}

BOOST_AUTO_TEST_SUITE_END()
