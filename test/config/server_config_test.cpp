#include "config/server_config.hpp"

#include "config/client_config.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <array>

using namespace std::chrono_literals;
using pawl::config::read_server_config;
using pawl::config::surroundings;

BOOST_AUTO_TEST_SUITE(server_configuration)

namespace {

surroundings person(std::map<std::string, std::string> variables) {
  return {false,
          [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
            auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional{found->second};
          }};
}

surroundings root() {
  return {true, [](const char*) { return std::nullopt; }};
}

std::string message_of(std::string_view text, const surroundings& here = root()) {
  auto read = read_server_config(text, "/etc/pawl", here);
  BOOST_REQUIRE_MESSAGE(!read, "this configuration should be refused:\n" << text);
  BOOST_TEST(to_string(read.error().code) == "invalid_argument");
  return read.error().message;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_empty_file_is_complete_for_root) {
  auto read = read_server_config("", "/etc/pawl", root());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->data_dir.native() == "/var/lib/pawl");
  BOOST_TEST(read->socket.native() == "/run/pawl/pawld.sock");
  BOOST_TEST(read->router == pawl::config::router_settings{});
  BOOST_REQUIRE(read->clusters.size() == 1U);
  BOOST_TEST(read->clusters[0] == pawl::cluster_settings{});
  BOOST_TEST(read->clusters[0].name == "local");
  BOOST_TEST(read->limits == pawl::config::server_limits{});
  BOOST_TEST(read->retention.versions == 10U);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_complete_for_others) {
  auto read = read_server_config(
      "", "/etc/pawl", person({{"XDG_RUNTIME_DIR", "/run/user/7"}, {"HOME", "/home/ana"}}));
  BOOST_REQUIRE(read);
  BOOST_TEST(read->data_dir.native() == "/home/ana/.local/state/pawl");
  BOOST_TEST(read->socket.native() == "/run/user/7/pawl/pawld.sock");
  read = read_server_config(
      "", "/etc/pawl",
      person({{"XDG_RUNTIME_DIR", "/r"}, {"HOME", "/home/ana"}, {"XDG_STATE_HOME", "/state"}}));
  BOOST_REQUIRE(read);
  BOOST_TEST(read->data_dir.native() == "/state/pawl");
}

BOOST_AUTO_TEST_CASE(a_person_without_a_home_must_say_where) {
  auto message = message_of("", person({}));
  BOOST_TEST(message.find("data_dir") != std::string::npos);
  BOOST_TEST(message.find("XDG_RUNTIME_DIR") != std::string::npos);
  BOOST_TEST(read_server_config("data_dir = \"d\"\n[listen]\nsocket = \"s\"", "/x", person({}))
                 .has_value());
}

BOOST_AUTO_TEST_CASE(every_key_of_the_contract_is_read) {
  auto read = read_server_config(R"(data_dir = "data"
[listen]
socket = "../run/p.sock"
[router]
kind = "none"
listen = "[::1]:80"
domain = "apps.example.org"
trusted_proxies = ["10.0.0.0/8", "127.0.0.1", "FD00::/8"]
[cluster.staging]
engine = "process"
when_busy = "supersede"
drain = "0s"
warm = "0s"
warm_memory = "3G"
watch_period = "1m"
memory = "2G"
cpus = 2
[cluster.production]
when_busy = "queue"
cpus = 0.5
freeze = ["Fri 16:00 - Mon 08:00 UTC", "Tue 12:00 - Tue 13:00 UTC"]
[limits]
upload_bytes = "10M"
build_disk = "3G"
upload_timeout = "5s"
queued = 3
[retention]
versions = 4
[audit]
keep = "30d"
)",
                                 "/etc/pawl", root());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->data_dir.native() == "/etc/pawl/data");
  BOOST_TEST(read->socket.native() == "/etc/run/p.sock");
  BOOST_TEST(read->router.kind == "none");
  BOOST_TEST(read->router.listen == "[::1]:80");
  BOOST_TEST(read->router.domain == "apps.example.org");
  BOOST_TEST((read->router.trusted_proxies ==
              std::vector<std::string>{"10.0.0.0/8", "127.0.0.1", "fd00::/8"}));
  BOOST_REQUIRE(read->clusters.size() == 2U);
  BOOST_TEST(read->clusters[0].name == "staging");
  BOOST_TEST(read->clusters[0].when_busy == pawl::when_busy::supersede);
  BOOST_TEST(read->clusters[0].drain == 0s);
  BOOST_TEST(read->clusters[0].warm == 0s);
  BOOST_TEST(read->clusters[0].warm_memory == 3 * pawl::limits::gib);
  BOOST_TEST(read->clusters[1].warm == 10min);
  BOOST_TEST(read->clusters[1].warm_memory == pawl::limits::gib);
  BOOST_TEST(read->clusters[0].watch_period == 1min);
  BOOST_TEST(read->clusters[0].memory_bytes == 2 * pawl::limits::gib);
  BOOST_TEST(read->clusters[0].cpus == 2.0);
  BOOST_TEST(read->clusters[1].name == "production");
  BOOST_TEST(read->clusters[1].when_busy == pawl::when_busy::queue);
  BOOST_TEST(read->limits.upload_bytes == 10 * pawl::limits::mib);
  BOOST_TEST(read->limits.build_disk == 3 * pawl::limits::gib);
  BOOST_TEST(read->limits.upload_timeout == 5s);
  BOOST_TEST(read->limits.queued == 3U);
  BOOST_TEST(read->retention.versions == 4U);
  BOOST_TEST(read->clusters[0].freeze.empty());
  BOOST_REQUIRE(read->clusters[1].freeze.size() == 2U);
  BOOST_TEST(read->clusters[1].freeze[1].text == "Tue 12:00 - Tue 13:00 UTC");
  BOOST_TEST((read->audit.keep == 30 * 24h));
}

BOOST_AUTO_TEST_CASE(the_files_of_tls_are_relative_to_the_file) {
  auto read = read_server_config("", "/etc/pawl", root());
  BOOST_REQUIRE(read);
  BOOST_TEST(!read->tls.has_value());
  read = read_server_config("[listen]\ntls = \"[0::1]:7420\"\ncertificate = \"tls/s.crt\"\n"
                            "key = \"/keys/s.key\"\nclient_ca = \"../ca.crt\"\n",
                            "/etc/pawl", root());
  BOOST_REQUIRE(read);
  BOOST_REQUIRE(read->tls.has_value());
  BOOST_TEST(read->tls->listen == "[::1]:7420");
  BOOST_TEST(read->tls->certificate.native() == "/etc/pawl/tls/s.crt");
  BOOST_TEST(read->tls->key.native() == "/keys/s.key");
  BOOST_REQUIRE(read->tls->client_ca.has_value());
  BOOST_TEST(read->tls->client_ca->native() == "/etc/ca.crt");
}

struct mistake {
  std::string_view text;
  std::string_view message;
};

constexpr auto mistakes = std::to_array<mistake>({
    {"data_dir = 3", "line 1: data_dir is a whole number, but must be a string"},
    {"data_dir = \"\"", "line 1: data_dir is empty, but must be a path"},
    {"datadir = \"/x\"", "line 1: datadir is not a known key; did you mean data_dir?"},
    {"[listen]\ntls = \"0.0.0.0:7420\"\nkey = \"k\"",
     "line 2: listen.tls needs listen.certificate too: the path of a file in PEM format; "
     "pawld --init makes one"},
    {"[listen]\ntls = \"0.0.0.0:7420\"\ncertificate = \"c\"",
     "line 2: listen.tls needs listen.key too: the path of a file in PEM format; "
     "pawld --init makes one"},
    {"[listen]\ntls = \"pawl.example.org:7420\"\nkey = \"k\"\ncertificate = \"c\"",
     "line 2: listen.tls is \"pawl.example.org:7420\", but must be an IP address and a port, such "
     "as \"0.0.0.0:7420\" or \"[::]:7420\" for all addresses of this machine"},
    {"[listen]\ntls = 7420\nkey = \"k\"\ncertificate = \"\"",
     "line 2: listen.tls is a whole number, but must be a string\n"
     "line 4: listen.certificate is empty, but must be a path"},
    {"[listen]\nclient_ca = \"ca.crt\"",
     "line 2: listen.client_ca has an effect only with listen.tls: add tls = \"0.0.0.0:7420\" for "
     "example, or remove this line"},
    {"[router]\nkind = \"caddy\"",
     "line 2: router.kind is \"caddy\", but must be \"haproxy\" or \"none\""},
    {"[router]\ndomain = \"a..b\"", "line 2: router.domain is \"a..b\", but must be a domain in "
                                    "lower case, such as \"apps.example.org\""},
    {"[router]\ntrusted_proxies = \"10.0.0.0/8\"",
     "line 2: router.trusted_proxies is a string, but must be an array of strings"},
    {"[router]\ntrusted_proxies = [\n1]",
     "line 2: router.trusted_proxies has a whole number in it, "
     "but must be an array of strings"},
    {"[router]\ntrusted_proxies = [\"10.0.0.1/8\"]",
     "line 2: router.trusted_proxies has \"10.0.0.1/8\" in it, but takes IP addresses, such as "
     "\"192.0.2.7\", and networks without the bits of a host, such as \"10.0.0.0/8\""},
    {"[cluster.Local]\n", "line 1: \"Local\" cannot be the name of a cluster: use 1 to 40 "
                          "lower-case letters, digits and hyphens, with no hyphen at either end"},
    {"[cluster]\nlocal = 1", "line 2: cluster.local is a whole number, but must be a table"},
    {"[cluster.a]\nengine = \"podman\"\nsocket = \"/run/x\"",
     "line 2: cluster.a.engine is \"podman\", but must be \"process\" or \"docker\""},
    {"[cluster.a]\nsocket = \"/run/docker.sock\"",
     "line 2: cluster.a.socket has an effect only with engine = \"docker\": add it, or remove this "
     "line"},
    {"[cluster.a]\nengine = \"docker\"\nsocket = \"\"",
     "line 3: cluster.a.socket is empty, but must be the path of the Docker Engine's socket"},
    {"[cluster.a]\nengine = \"docker\"\nsocket = 1",
     "line 3: cluster.a.socket is a whole number, but must be a string"},
    {"[cluster.a]\nengine = \"docker\"\nnetwork = \"isolated\"\nhost_ports = [5432]",
     "line 3: cluster.a.network has an effect only with engine = \"process\": containers are in a "
     "network of the Docker Engine; remove this line\n"
     "line 4: cluster.a.host_ports has an effect only with engine = \"process\": containers are in "
     "a network of the Docker Engine; remove this line"},
    {"[cluster.a]\nengine = \"docker\"\n[cluster.b]\nengine = \"docker\"\nsocket = \"/x\"",
     "line 3: cluster.b has the socket /x, and cluster.a the socket /run/docker.sock: a server "
     "works with one Docker Engine; give both the same socket, or run a second server"},
    {"[registry]\nx = 1", "line 2: registry.\"x\" is a whole number, but must be a table"},
    {"[registry.ghcr.io]\nuser = \"a\"",
     "line 1: registry.ghcr.io has dots in its name: put that in quotes, as in "
     "[registry.\"ghcr.io\"]"},
    {"[registry.\"https://ghcr.io\"]\nuser = \"a\"\npassword_file = \"p\"",
     "line 1: \"https://ghcr.io\" cannot be the name of a registry: write its host as images have "
     "it, with its port if it has one, such as \"ghcr.io\" or \"registry.example.org:5000\""},
    {"[registry.\"ghcr.io\"]\nuser = \"a\"\npassword = \"x\"",
     "line 1: registry.\"ghcr.io\".password_file has to be the path of a file with mode 0600 that "
     "holds the password or token of that user\n"
     "line 3: registry.\"ghcr.io\".password is not a known key; remove it"},
    {"[registry.\"ghcr.io\"]\nuser = \"a:b\"\npassword_file = 1",
     "line 2: registry.\"ghcr.io\".user has to be the name that the registry knows the server by: "
     "1 "
     "to 256 printable characters without spaces and colons\n"
     "line 3: registry.\"ghcr.io\".password_file is a whole number, but must be a string"},
    {"[registry.\"docker.io\"]\nuser = \"a\"\npassword_file = \"p\"\n"
     "[registry.\"index.docker.io\"]\nuser = \"a\"\npassword_file = \"p\"",
     "line 4: registry.\"index.docker.io\" is another name of a registry that has a table already: "
     "remove one of them"},
    {"[cluster.a]\nwhen_busy = \"wait\"", "line 2: cluster.a.when_busy is \"wait\", but must be "
                                          "\"reject\", \"queue\" or \"supersede\""},
    {"[cluster.a]\nmemory = \"12 M\"", "line 2: cluster.a.memory is \"12 M\", but must be a size "
                                       "in quotes, such as \"512M\" or \"2G\""},
    {"[cluster.a]\nmemory = \"4K\"",
     "line 2: cluster.a.memory is \"4K\", but must be from \"1M\" to \"65536G\""},
    {"[cluster.a]\ncpus = 0", "line 2: cluster.a.cpus is 0, but must be from 0.01 to 1024"},
    {"[cluster.a]\ncpus = nan", "line 2: cluster.a.cpus is nan, but must be from 0.01 to 1024"},
    {"[cluster.a]\nnetwork = \"bridge\"",
     "line 2: cluster.a.network is \"bridge\", but must be \"host\" or \"isolated\""},
    {"[cluster.a]\nhost_ports = [5432]",
     "line 2: cluster.a.host_ports has an effect only with network = \"isolated\": without that, "
     "all "
     "ports of the machine are reached; add it, or remove this line"},
    {"[cluster.a]\nnetwork = \"isolated\"\nhost_ports = 5432",
     "line 3: cluster.a.host_ports is a whole number, but must be an array of ports"},
    {"[cluster.a]\nnetwork = \"isolated\"\nhost_ports = [0]",
     "line 3: cluster.a.host_ports has 0 in it, but a port is from 1 to 65535"},
    {"[cluster.a]\nnetwork = \"isolated\"\nhost_ports = [\"5432\"]",
     "line 3: cluster.a.host_ports has a string in it, but must be an array of ports"},
    {"[network]\nrange = \"10.0.0.0/8\"",
     "line 2: network.range is \"10.0.0.0/8\", but must be a private network of 65,536 addresses, "
     "such as \"10.213.0.0/16\""},
    {"[cluster.a]\nfreeze = [\"Fri 16:00 - Fri 18:00 UTC\", \"Fry 16:00 - Mon 08:00 UTC\"]",
     "line 2: cluster.a.freeze has the day \"Fry\" in it, but a day is Mon, Tue, Wed, Thu, Fri, "
     "Sat "
     "or Sun"},
    {"[audit]\nkeep = \"1h\"",
     "line 2: audit.keep is \"1h\", but must be from \"1d\" to \"36600d\""},
    {"[limits]\nqueued = -1", "line 2: limits.queued is -1, but must be from 0 to 10000"},
    {"[limits]\nupload_bytes = \"99999999999999999999G\"",
     "line 2: limits.upload_bytes is \"99999999999999999999G\", but must be a size in quotes, "
     "such as \"512M\" or \"2G\""},
    {"[retention]\nversions = 0", "line 2: retention.versions is 0, but must be from 1 to 100000"},
});

BOOST_AUTO_TEST_CASE(each_mistake_has_its_message) {
  for (const auto& each : mistakes)
    BOOST_TEST(message_of(each.text) == each.message);
}

BOOST_AUTO_TEST_CASE(an_isolated_cluster_names_the_ports_of_the_machine_that_it_reaches) {
  const auto read = pawl::config::read_server_config(
      "[network]\nrange = \"172.20.0.0/16\"\n[cluster.open]\n[cluster.closed]\nnetwork = "
      "\"isolated\"\nhost_ports = [5432, 6379]\n",
      "/etc");
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->network.range == "172.20.0.0/16");
  BOOST_TEST((read->clusters[0].network == pawl::cluster_network::host));
  BOOST_TEST((read->clusters[1].network == pawl::cluster_network::isolated));
  BOOST_TEST((read->clusters[1].host_ports == std::vector<std::uint16_t>{5432, 6379}));
}

BOOST_AUTO_TEST_CASE(a_cluster_of_containers_has_the_socket_of_its_engine) {
  const auto read = read_server_config("[cluster.a]\nengine = \"docker\"\nmemory = \"1G\"\n"
                                       "[cluster.b]\n[cluster.c]\nengine = \"docker\"\n"
                                       "socket = \"../../run/docker.sock\"\n",
                                       "/etc/pawl", root());
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  BOOST_REQUIRE(read->clusters.size() == 3U);
  BOOST_TEST(read->clusters[0].engine == "docker");
  BOOST_TEST(read->clusters[0].socket == "/run/docker.sock");
  BOOST_TEST(read->clusters[0].memory_bytes == pawl::limits::gib);
  BOOST_TEST(read->clusters[1].engine == "process");
  BOOST_TEST(read->clusters[1].socket == "");
  BOOST_TEST(read->clusters[2].socket == "/run/docker.sock");
  const auto far =
      message_of("[cluster.a]\nengine = \"docker\"\nsocket = \"/" + std::string(120, 's') + "\"");
  BOOST_TEST(far.find("line 3: cluster.a.socket is longer than the 107 bytes") == 0U, far);
}

BOOST_AUTO_TEST_CASE(registries_have_a_user_and_the_place_of_a_password) {
  const auto read = read_server_config(
      "[registry.\"ghcr.io\"]\nuser = \"acme\"\npassword_file = \"ghcr.password\"\n"
      "[registry.\"index.docker.io\"]\nuser = \"me\"\npassword_file = \"/etc/hub\"\n"
      "[registry.\"10.0.0.7:5000\"]\nuser = \"x\"\npassword_file = \"../y\"\n",
      "/etc/pawl", root());
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  BOOST_TEST((read->registries ==
              std::vector<pawl::registry_login>{{"ghcr.io", "acme", "/etc/pawl/ghcr.password"},
                                                {"docker.io", "me", "/etc/hub"},
                                                {"10.0.0.7:5000", "x", "/etc/y"}}));
}

BOOST_AUTO_TEST_CASE(a_file_names_64_registries_at_most) {
  std::string many;
  for (int i = 0; i < 65; ++i)
    many += fmt::format("[registry.\"r{}.test\"]\nuser = \"a\"\npassword_file = \"p\"\n", i);
  BOOST_TEST(message_of(many) == "line 193: registry has 65 entries, but may have 64 at most");
}

// As the router checks it: what is accepted here can be listened on.
BOOST_AUTO_TEST_CASE(the_router_listens_on_an_ip_address_and_a_port) {
  for (const auto* wrong : {"7480", "a:70000", "localhost:7480", "*:7480", ":7480", "127.0.0.1",
                            "127.0.0.1:0", "::1:80", "example.org:80"})
    BOOST_TEST(message_of(fmt::format("[router]\nlisten = \"{}\"", wrong)) ==
               fmt::format("line 2: router.listen is \"{}\", but must be an IP address and a port, "
                           "such as \"127.0.0.1:7480\" for this machine alone, and "
                           "\"0.0.0.0:80\" or \"[::]:80\" for all",
                           wrong));
}

BOOST_AUTO_TEST_CASE(a_file_names_64_trusted_proxies_at_most) {
  std::string many;
  for (int i = 0; i < 65; ++i)
    many += "\"127.0.0.1\",";
  BOOST_TEST(message_of("[router]\ntrusted_proxies = [" + many + "]") ==
             "line 2: router.trusted_proxies has 65 entries, but may have 64 at most");
}

BOOST_AUTO_TEST_CASE(a_socket_path_that_no_address_can_hold_is_refused) {
  auto message = message_of("[listen]\nsocket = \"/" + std::string(120, 's') + "\"");
  BOOST_TEST(message.find("line 2: listen.socket is longer than the 107 bytes") == 0U);
}

BOOST_AUTO_TEST_CASE(a_data_directory_whose_path_leaves_no_room_for_others_is_refused) {
  auto message = message_of("data_dir = \"/" + std::string(2048, 'd') + "\"");
  BOOST_TEST(message.find("data_dir is longer than the 2048 bytes") == 0U, message);
}

BOOST_AUTO_TEST_CASE(all_problems_are_reported_in_the_order_of_the_file) {
  auto message = message_of("[retention]\nversion = 1\n[limits]\nqueued = true\n");
  BOOST_TEST(message == "line 2: retention.version is not a known key; did you mean "
                        "retention.versions?\n"
                        "line 4: limits.queued is a boolean, but must be a whole number");
}

BOOST_AUTO_TEST_CASE(the_cli_reads_its_server) {
  auto read = pawl::config::read_client_config("server = \"unix:/run/x.sock\"");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->server.value() == "unix:/run/x.sock");
  BOOST_TEST(!pawl::config::read_client_config("")->server);
  BOOST_TEST(pawl::config::read_client_config("sever = \"x\"").error().message ==
             "line 1: sever is not a known key; did you mean server?");
}

BOOST_AUTO_TEST_CASE(the_configuration_of_the_cli_is_in_the_place_of_its_owner) {
  using pawl::config::client_config_file;
  BOOST_TEST(client_config_file(person({{"XDG_CONFIG_HOME", "/c"}})).value().native() ==
             "/c/pawl/config.toml");
  BOOST_TEST(client_config_file(person({{"HOME", "/h"}})).value().native() ==
             "/h/.config/pawl/config.toml");
  BOOST_TEST(!client_config_file(person({{"XDG_CONFIG_HOME", "relative"}})));
}

BOOST_AUTO_TEST_SUITE_END()
