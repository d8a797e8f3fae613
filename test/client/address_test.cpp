// Which server the CLI talks to, and what it tells that server.

#include "client/link/address.hpp"
#include "client/link/server_file.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

#include <sys/stat.h>

namespace {

using namespace pawl;
using namespace pawl::client;
namespace fs = std::filesystem;

const std::string some_key = "sha256:" + std::string(64, 'a');
const std::string other_key = "sha256:" + std::string(64, 'b');

// A person with a configuration of their own.
struct person {
  test::temporary_directory place;
  std::map<std::string, std::string> variables{{"XDG_CONFIG_HOME", place.path().string()}};
  config::surroundings here{true, [this](const char* name) -> std::optional<std::string> {
                              auto found = variables.find(name);
                              return found == variables.end() ? std::nullopt
                                                              : std::optional{found->second};
                            }};

  fs::path file() const { return place.path() / "pawl" / "config.toml"; }

  void write(const std::string& text, mode_t mode = 0600) const {
    fs::create_directories(file().parent_path());
    test::write_text(file(), text);
    ::chmod(file().c_str(), mode);
  }

  // Two servers; the first is the current one.
  void log_in_to_two() const {
    write("server = \"prod\"\n[servers.prod]\naddress = \"prod.example:7420\"\nfingerprint = \"" +
          some_key +
          "\"\ntoken = \"token-of-prod\"\n[servers.lab]\naddress = \"lab.example:7420\"\n"
          "token = \"token-of-lab\"\n");
  }

  known_server find(std::string_view chosen = "") const {
    auto found = find_server(chosen, here);
    BOOST_REQUIRE_MESSAGE(found, (found ? "" : found.error().message));
    return *std::move(found);
  }
  std::string place_of_found(std::string_view chosen = "") const {
    return to_string(find(chosen).address);
  }
  std::string token_for(std::string_view chosen = "") const {
    return std::string{find(chosen).token.reveal()};
  }
  std::string refusal_of(std::string_view chosen = "") const {
    auto found = find_server(chosen, here);
    BOOST_REQUIRE(!found);
    BOOST_TEST(to_string(found.error().code) == "invalid_argument");
    return found.error().message;
  }
};

void check_mentions(const std::string& text, const std::string& part) {
  BOOST_TEST(text.find(part) != std::string::npos, part << " is not in: " << text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(an_address_is_a_socket_or_a_host_and_a_port) {
  BOOST_TEST(parse_address("unix:/run/x")->unix_path == "/run/x");
  BOOST_TEST(!parse_address("unix:/run/x")->over_tls());
  for (const std::string text : {"deploy.example.org:7420", "10.1.2.3:1", "[fd00::1]:65535"})
    BOOST_TEST(to_string(*parse_address(text)) == text);
  BOOST_TEST(parse_address("Deploy.Example.ORG:7420")->host == "deploy.example.org");
  BOOST_TEST(parse_address("[fd00::1]:7420")->host == "fd00::1");
  for (const auto* wrong : {"", "unix:", "nonsense", "host:", "host:0", "host:65536", ":7420",
                            "fd00::1:7420", "a b:1", "[]:1"})
    BOOST_TEST(!parse_address(wrong), wrong);
}

BOOST_FIXTURE_TEST_CASE(the_server_is_found_in_the_order_of_the_contract, person) {
  variables["PAWL_SERVER"] = "unix:/variable";
  write("server = \"unix:/file\"\n");
  BOOST_TEST(place_of_found("unix:/flag") == "unix:/flag");
  BOOST_TEST(place_of_found("host:1") == "host:1");
  BOOST_TEST(place_of_found() == "unix:/variable");
  variables.erase("PAWL_SERVER");
  BOOST_TEST(place_of_found() == "unix:/file");
  write("sever = 1\n");
  check_mentions(refusal_of(), "did you mean server?");
  BOOST_TEST(place_of_found("unix:/flag") == "unix:/flag"); // whatever the file says
  fs::remove(file());
  BOOST_TEST(place_of_found() == "unix:/run/pawl/pawld.sock");
}

BOOST_FIXTURE_TEST_CASE(a_stored_server_is_found_by_its_name_and_its_address, person) {
  log_in_to_two();
  BOOST_TEST(place_of_found() == "prod.example:7420");
  BOOST_TEST(find().fingerprint.value_or("") == some_key);
  BOOST_TEST(token_for() == "token-of-prod");
  BOOST_TEST(token_for("lab") == "token-of-lab");
  BOOST_TEST(token_for("LAB.example:7420") == "token-of-lab");
  variables["PAWL_SERVER"] = "lab";
  BOOST_TEST(token_for() == "token-of-lab");
}

BOOST_FIXTURE_TEST_CASE(a_token_is_given_for_the_address_alone_that_it_was_stored_for, person) {
  log_in_to_two();
  BOOST_TEST(token_for("prod.example:7421") == "");
  BOOST_TEST(token_for("evil.example:7420") == "");
  BOOST_TEST(!find("evil.example:7420").fingerprint);
  BOOST_TEST(token_for("unix:/run/x") == "");
}

BOOST_FIXTURE_TEST_CASE(the_environment_overrides_the_file_for_the_server_it_is_meant_for, person) {
  log_in_to_two();
  variables["PAWL_TOKEN"] = "token-of-ci";
  variables["PAWL_FINGERPRINT"] = other_key;
  BOOST_TEST(token_for() == "token-of-ci"); // of the file's server
  BOOST_TEST(token_for("prod") == "token-of-ci");
  BOOST_TEST(find().fingerprint.value_or("") == other_key);
  BOOST_TEST(token_for("lab") == "token-of-lab");
  BOOST_TEST(token_for("evil.example:1") == "");
  variables["PAWL_SERVER"] = "ci.example:1";
  BOOST_TEST(token_for() == "token-of-ci");
  BOOST_TEST(token_for("prod") == "token-of-prod");
  BOOST_TEST(find("prod").fingerprint.value_or("") == some_key);
  variables["PAWL_SERVER"] = "unix:/run/x"; // where the kernel says who connects
  BOOST_TEST(token_for() == "");
  variables.erase("PAWL_SERVER");
  fs::remove(file());
  BOOST_TEST(token_for("ci.example:1") == "token-of-ci"); // it is meant for no other
  variables["PAWL_FINGERPRINT"] = "sha1:12";
  check_mentions(refusal_of("ci.example:1"), "PAWL_FINGERPRINT");
}

BOOST_FIXTURE_TEST_CASE(a_new_server_gets_the_environment_that_is_meant_for_it_and_nothing_else,
                        person) {
  log_in_to_two();
  variables["PAWL_TOKEN"] = "token-of-ci";
  auto token_for_new = [&](std::string_view address) {
    auto made = new_server(address, here);
    BOOST_REQUIRE(made);
    BOOST_TEST(!made->fingerprint);
    return std::string{made->token.reveal()};
  };
  BOOST_TEST(token_for_new("prod.example:7420") == "token-of-ci");
  BOOST_TEST(token_for_new("lab.example:7420") == ""); // what is stored is renewed
  BOOST_TEST(token_for_new("new.example:7420") == "");
  variables["PAWL_SERVER"] = "new.example:7420";
  BOOST_TEST(token_for_new("new.example:7420") == "token-of-ci");
  BOOST_TEST(!new_server("prod", here));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_name_is_told_with_the_nearest_known_one, person) {
  log_in_to_two();
  const auto text = refusal_of("prd");
  check_mentions(text, "\"prd\" is no server");
  check_mentions(text, "did you mean prod?");
  check_mentions(text, "pawl servers");
}

BOOST_FIXTURE_TEST_CASE(a_file_with_tokens_that_others_can_read_is_refused, person) {
  log_in_to_two();
  ::chmod(file().c_str(), 0640);
  const auto text = refusal_of();
  check_mentions(text, "chmod 600 " + file().string());
  check_mentions(text, "mode 0640");
  BOOST_TEST(text.find("token-of") == std::string::npos);
  write("server = \"unix:/file\"\n", 0644); // nothing to hide
  BOOST_TEST(place_of_found() == "unix:/file");
}

BOOST_FIXTURE_TEST_CASE(all_mistakes_of_the_file_are_told_and_no_token, person) {
  write("[servers.\"a b\"]\naddress = \"nowhere\"\n[servers.two]\nfingerprint = \"md5:1\"\n"
        "tokn = \"token-of-two\"\n");
  const auto text = refusal_of();
  for (const auto* part :
       {"line 1: the name of a server", "servers.a b.address must be HOST:PORT",
        "servers.two has no address", "servers.two.fingerprint must be", "did you mean"})
    check_mentions(text, part);
  BOOST_TEST(text.find("token-of") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_changed_file_is_private_and_reads_as_it_was_written, person) {
  auto change = [&](auto&& what) { return change_server_file(file(), what); };
  auto added = change([](config::client_config& all) -> result<void> {
    all.server = "first";
    all.servers.push_back({"first", "a.example:1", some_key, secret{"quote\" and \\ \n"}});
    all.servers.push_back({"se.cond", "unix:/run/x", {}, {}});
    return {};
  });
  BOOST_REQUIRE(added);
  struct stat about {};
  BOOST_REQUIRE(::stat(file().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777U) == 0600U);
  auto read = read_server_file(file());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->server.value_or("") == "first");
  BOOST_REQUIRE(read->servers.size() == 2U);
  BOOST_TEST(read->servers[0].token.reveal() == "quote\" and \\ \n");
  BOOST_TEST(read->servers[0].fingerprint.value_or("") == some_key);
  BOOST_TEST(read->servers[1].name == "se.cond");
  const auto before = test::read_text(file());
  auto refused = change([](config::client_config& all) -> result<void> {
    all.servers.clear();
    return error{errc::invalid_argument, "no", {}};
  });
  BOOST_TEST(!refused);
  BOOST_TEST(test::read_text(file()) == before);
}

BOOST_FIXTURE_TEST_CASE(a_linked_file_stays_a_link, person) {
  fs::create_directories(file().parent_path());
  test::write_text(place.path() / "kept.toml", "server = \"unix:/kept\"\n");
  fs::create_symlink("../kept.toml", file());
  BOOST_TEST(place_of_found() == "unix:/kept");
  BOOST_REQUIRE(change_server_file(file(), [](config::client_config& all) -> result<void> {
    all.server = "unix:/changed";
    return {};
  }));
  BOOST_TEST(fs::is_symlink(file()));
  BOOST_TEST(place_of_found() == "unix:/changed");
}

BOOST_AUTO_TEST_SUITE_END()
