// Clients that break every rule of the wire: they lose their own connection, and nobody else
// notices. Apps that take what is not theirs: nobody else notices either.
#include "test/end_to_end/running_server.hpp"
#include "test/gateway/raw_client.hpp"

#include <csignal>
#include <random>

namespace {

using namespace pawl::test;
using pawl::protocol::message;

using std::chrono::milliseconds;

std::string frame_of(std::uint32_t length, std::string_view body) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8)
    frame += static_cast<char>((length >> static_cast<unsigned>(shift)) & 0xFFU);
  return frame.append(body);
}

bool serves(running_server& server) {
  return server.pawl({"status"}).status == 0 && server.answer_of("shop") == "hello";
}

// Deploys an app that serves, and runs one of the tests' scripts beside that.
void deploy_beside(running_server& server, const std::string& name, const std::string& script) {
  const auto directory =
      write_app(server.place(), {.name = name, .run = "perl beside.pl & exec perl serve.pl"});
  std::filesystem::copy_file(std::filesystem::path{PAWL_SOURCE_DIR} / "test/end_to_end/app" /
                                 script,
                             std::filesystem::path{directory} / "beside.pl");
  check_exit(server.pawl({"deploy", directory}), 0);
}

bool has_printed(running_server& server, const std::string& app, const std::string& words) {
  return eventually([&] { return mentions(server.pawl({"logs", "-a", app}).out, words); });
}

struct deployed {
  running_server server;
  deployed() { deploy(server, {}); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(hostile_test)

// Fault: F11; hits: client; at: request; holds: I9.
BOOST_FIXTURE_TEST_CASE(garbage_ends_its_own_connection_only, deployed) {
  constexpr unsigned seed = 20260101;
  std::mt19937 numbers{seed};
  BOOST_TEST_MESSAGE("seed " << seed);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(numbers() % 2000 + 1, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(numbers());
    raw_client client(server.socket());
    if (round % 2 == 1)
      BOOST_REQUIRE(client.greet());
    client.send(round % 4 < 2 ? bytes : frame_of(static_cast<std::uint32_t>(bytes.size()), bytes));
  }
  BOOST_TEST(serves(server));
}

// Fault: F11; hits: client; at: request; holds: I9.
BOOST_FIXTURE_TEST_CASE(a_frame_that_is_too_long_is_refused_before_memory_is_taken, deployed) {
  const auto before = server.server().resident_kib();
  std::vector<raw_client> clients;
  for (const auto length : {0xFFFFFFFFU, 0x7FFFFFFFU, 0x40000000U, 0x00200000U, 0U}) {
    clients.emplace_back(server.socket());
    BOOST_TEST(clients.back().send(frame_of(length, "")));
    BOOST_TEST(clients.back().sees_the_end(), "a length of " << length << " is taken");
  }
  constexpr std::uint64_t most = 64 * 1024;
  BOOST_TEST(server.server().resident_kib() < before + most);
  BOOST_TEST(serves(server));
}

// Fault: F11; hits: client; at: request; holds: I9.
BOOST_FIXTURE_TEST_CASE(silent_clients_are_closed_and_keep_nobody_waiting, deployed) {
  std::vector<raw_client> silent;
  constexpr int many = 300;
  for (int i = 0; i < many; ++i)
    silent.emplace_back(server.socket());
  BOOST_TEST(serves(server));
  BOOST_TEST(silent.front().sees_the_end());
  BOOST_TEST(silent.back().sees_the_end());
}

// Fault: F35; hits: client; at: building; holds: I9.
BOOST_FIXTURE_TEST_CASE(a_viewer_that_never_reads_delays_no_deployment, deployed) {
  raw_client viewer(server.socket());
  BOOST_REQUIRE(viewer.greet());
  gate door;
  auto deploying = begin_deploy(server, {.build = door.command() +
                                                  "; i=0; while [ $i -lt 20000 ]; do echo "
                                                  "a line that is long enough to fill buffers $i; "
                                                  "i=$((i+1)); done"});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  for (std::uint64_t ref = 1; ref <= 8; ++ref)
    viewer.send(pawl::protocol::follow_request{id, 1, 1024}, ref);
  door.open();
  check_exit(deploying->wait(), 0);
  BOOST_TEST(serves(server));
}

BOOST_FIXTURE_TEST_CASE(requests_with_bad_contents_are_refused_with_the_reason, deployed) {
  const std::string long_name(5000, 'a');
  const std::vector<message> bad{
      pawl::protocol::show_request{"../../etc/passwd"},
      pawl::protocol::show_request{""},
      pawl::protocol::status_request{long_name, {}},
      pawl::protocol::versions_request{"shop\n"},
      pawl::protocol::deploy_request{"", "shop", "local", "", {}, {}, {}},
      pawl::protocol::deploy_request{"r1", "../up", "local", "", {}, {"sha256:xyz", 1, 1}, {}},
      pawl::protocol::follow_request{"shop", 0, 0xFFFFFFFFU}};
  for (const auto& each : bad) {
    raw_client client(server.socket());
    BOOST_REQUIRE(client.greet());
    BOOST_REQUIRE(client.send(each));
    const auto answer = client.receive();
    BOOST_REQUIRE_MESSAGE(answer.has_value(), pawl::protocol::kind(each) << " gets no answer");
    const auto* refusal = std::get_if<pawl::protocol::refused>(&answer->body);
    BOOST_REQUIRE_MESSAGE(refusal != nullptr, pawl::protocol::kind(each) << " is not refused");
    BOOST_TEST((refusal->error.code == pawl::errc::invalid_argument ||
                refusal->error.code == pawl::errc::too_large));
    BOOST_TEST(!refusal->error.message.empty());
  }
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 1U);
}

// Fault: F11; hits: client; at: preparing; holds: I9.
BOOST_FIXTURE_TEST_CASE(a_client_that_was_stopped_in_an_upload_delays_nobody, deployed) {
  auto stopped = server.begin({"deploy", write_big_app(server, "big")});
  stop_halfway(server, *stopped);
  BOOST_TEST(serves(server));
  deploy(server, {.greeting = "hello"});
  stopped->signal(SIGCONT);
  check_exit(stopped->wait(), 0);
}

// Fault: F2; hits: pawld; at: active start; holds: I1 I9.
BOOST_AUTO_TEST_CASE(an_app_that_imitates_sandboxes_without_end_keeps_no_server_from_starting) {
  running_server server{"[cluster.local]\ndrain = \"1s\"\ncpus = 4.0\n"};
  deploy(server, {});
  deploy_beside(server, "mimic", "imitate.pl");
  BOOST_REQUIRE(has_printed(server, "mimic", "imitating pawl-"));
  for (int life = 0; life < 2; ++life) {
    server.kill();
    server.start();
    BOOST_TEST(serves(server));
    BOOST_TEST(server.answer_of("mimic") == "hello");
  }
  const auto jobs = server.jobs();
  BOOST_TEST(jobs.size() == 2U, "sandboxes: " << jobs.size());
}

// Fault: F37; hits: instance; at: active activating; holds: I9.
BOOST_FIXTURE_TEST_CASE(an_app_that_takes_all_ports_keeps_no_other_from_starting, deployed) {
  if (mentions(server.log(), "not kept from each other's ports"))
    return; // it would take the ports of other tests, too; leased_ports_test has a range of its own
  deploy_beside(server, "hoarder", "hoard.pl");
  for (int share = 0; share < 4; ++share)
    BOOST_REQUIRE(has_printed(server, "hoarder", "hoarder " + std::to_string(share) + " has"));
  deploy(server, {.name = "late"});
  BOOST_TEST(server.answer_of("late") == "hello");
  deploy(server, {.greeting = "again"});
  BOOST_TEST(server.answer_of("shop") == "again");
}

BOOST_AUTO_TEST_SUITE_END()
