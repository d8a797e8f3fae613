// Sources that cannot be deployed: each is refused with the reason, by the client before it sends
// anything, and by the server where a client lies; nothing is changed or left behind.
#include "posix/digest.hpp"
#include "test/end_to_end/running_server.hpp"
#include "test/gateway/raw_client.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/print.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;
namespace protocol = pawl::protocol;

std::size_t files_below(const fs::path& place) {
  std::size_t count = 0;
  if (fs::exists(place))
    for (const auto& entry : fs::recursive_directory_iterator(place))
      count += entry.is_regular_file() ? 1 : 0;
  return count;
}

bool nothing_was_deployed(running_server& server) {
  return document_of(server.pawl({"history", "--json"})).at("deployments").empty();
}

// A client that sends what it likes as the source of an app; gives the deployment's end.
protocol::followed send_source(running_server& server, const std::string& tar,
                               const protocol::deploy_request& request) {
  raw_client client(server.socket());
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(request, 1));
  const auto first = client.receive();
  BOOST_REQUIRE(first);
  const auto* accepted = std::get_if<protocol::accepted>(&first->body);
  BOOST_REQUIRE_MESSAGE(accepted != nullptr, "answered with " << protocol::kind(first->body));
  const auto id = accepted->deployment.id;
  BOOST_REQUIRE(
      client.send(protocol::upload_chunk{id, 0, std::vector<char>(tar.begin(), tar.end())}, 1));
  BOOST_REQUIRE(client.send(protocol::follow_request{id, 1, 1000}, 2));
  for (;;) {
    auto next = client.receive();
    BOOST_REQUIRE_MESSAGE(next, "the connection ends before the deployment");
    if (auto* end = std::get_if<protocol::followed>(&next->body))
      return *end;
  }
}

std::string digest_of(std::string_view bytes) {
  pawl::digest sum;
  sum.add(bytes);
  return sum.text();
}

protocol::deploy_request request_for(const std::string& tar, const std::string& request_id) {
  return {request_id, "shop", "local", "", {}, {digest_of(tar), tar.size(), 1}, {}};
}

// A deployment of this source fails, with a reason that blames the source.
void refuses(running_server& server, const std::string& name, const std::string& tar) {
  std::string request_id = name;
  std::replace(request_id.begin(), request_id.end(), ' ', '-');
  const auto record = send_source(server, tar, request_for(tar, request_id)).deployment;
  BOOST_TEST(record.state == pawl::state::failed, name << " does not fail");
  BOOST_REQUIRE_MESSAGE(record.error.has_value(), name);
  const auto code = record.error->code;
  BOOST_TEST((code == pawl::errc::invalid_argument || code == pawl::errc::too_large),
             name << " fails with " << pawl::to_string(code));
  BOOST_TEST(!record.error->message.empty());
}

const std::string manifest = "app = \"shop\"\n[run]\ncommand = \"true\"\n";

} // namespace

BOOST_AUTO_TEST_SUITE(sources_test)

BOOST_AUTO_TEST_CASE(what_is_no_file_is_named_before_anything_is_sent) {
  running_server server;
  const fs::path app = write_app(server.place(), {});
  const auto refused = [&](const std::string& name) {
    const auto end = server.pawl({"deploy", app.string(), "--json"});
    check_exit(end, 2);
    BOOST_TEST(document_of(end).at("error").at("code") == "invalid_argument");
    BOOST_TEST(mentions(end.err, name), end.err);
    fs::remove(app / name);
  };
  BOOST_REQUIRE(::mkfifo((app / "queue").c_str(), 0600) == 0);
  refused("queue");
  fs::create_symlink("/etc/passwd", app / "secrets");
  refused("secrets");
  fs::create_symlink("../../elsewhere", app / "outside");
  refused("outside");
  sockaddr_un address{AF_UNIX, {}};
  (app / "door").string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  refused("door");
  ::close(listener);
  if (::mknod((app / "null").c_str(), S_IFCHR | 0600, 0x103) == 0)
    refused("null");
  BOOST_TEST(nothing_was_deployed(server));
  deploy(server, {});
}

BOOST_AUTO_TEST_CASE(a_place_without_an_app_is_told_with_what_it_lacks) {
  running_server server;
  const auto told = [&](const fs::path& place, const std::string& what) {
    const auto end = server.pawl({"deploy", place.string()});
    BOOST_TEST(end.status == 2, place << " exits with " << end.status);
    BOOST_TEST(mentions(end.err, what), end.err);
  };
  fs::create_directory(server.place() / "empty");
  told(server.place() / "empty", "pawl.toml");
  told(server.place() / "nowhere", "nowhere");
  write_text(server.place() / "file", "");
  told(server.place() / "file", "file");
  write_text(server.place() / "idle" / "pawl.toml", "app = \"shop\"\n");
  told(server.place() / "idle", "[run]");
  write_text(server.place() / "broken" / "pawl.toml", "app = \"shop\"\n[run\n");
  told(server.place() / "broken", "line 2");
  write_text(server.place() / "many" / "pawl.toml",
             "app = \"Shop\"\nowner = 1\n[run]\ncommand = 3\ninstances = 0\n");
  for (const auto* mistake : {"Shop", "owner", "command", "instances"})
    told(server.place() / "many", mistake);
  BOOST_TEST(nothing_was_deployed(server));
}

// Fault: F10; hits: client; at: preparing; holds: I15.
BOOST_AUTO_TEST_CASE(a_hostile_tar_fails_its_deployment_and_leaves_nothing) {
  running_server server("[cluster.local]\n[limits]\nupload_bytes = \"1M\"\n");
  const auto app = [] { return tar_writer{}.file("pawl.toml", manifest); };
  const std::map<std::string, std::string> tars{
      {"parent", app().file("../canary", "x").whole()},
      {"absolute", app().file("/tmp/pawl-canary", "x").whole()},
      {"link out", app().symlink("a", "../..").whole()},
      {"through a link", app().symlink("d/e/up", "..").file("d/e/up/x", "1").whole()},
      {"device", app().entry({.name = "null", .type = '3'}).whole()},
      {"twice", app().file("a", "1").file("a", "2").whole()},
      {"size that lies", app().entry({.name = "a", .size = "77777777777"}, "x").whole()},
      {"cut", app().file("a", "1").cut()},
      {"no tar", std::string(2048, 'x')}};
  for (const auto& [name, tar] : tars)
    refuses(server, name, tar);
  BOOST_TEST(!fs::exists("/tmp/pawl-canary"));
  BOOST_TEST(eventually([&] { return files_below(server.data() / "uploads") == 0; }));
  BOOST_TEST(files_below(server.data() / "sources") == 0);
  deploy(server, {});
}

BOOST_AUTO_TEST_CASE(a_source_without_a_good_manifest_fails_its_deployment) {
  running_server server;
  refuses(server, "none", tar_writer{}.file("README", "x").whole());
  refuses(server, "mistakes", tar_writer{}.file("pawl.toml", "app = 3\n").whole());
  deploy(server, {});
}

// Fault: F10; hits: client; at: preparing; holds: I15.
BOOST_AUTO_TEST_CASE(bytes_that_are_not_those_announced_are_refused) {
  running_server server("[cluster.local]\n[limits]\nupload_bytes = \"1M\"\n");
  const auto tar = tar_writer{}.file("pawl.toml", manifest).whole();
  auto other_digest = request_for(tar, "other-digest");
  other_digest.source.digest = digest_of("something else");
  const auto end = send_source(server, tar, other_digest);
  BOOST_TEST(end.deployment.state == pawl::state::failed);
  BOOST_TEST(mentions(end.deployment.error.value().message, "digest"));

  auto too_large = request_for(tar, "too-large");
  too_large.source.bytes = 2 << 20;
  raw_client client(server.socket());
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(too_large, 1));
  const auto answer = client.receive();
  BOOST_REQUIRE(answer);
  const auto* refusal = std::get_if<protocol::refused>(&answer->body);
  BOOST_REQUIRE(refusal != nullptr);
  BOOST_TEST(refusal->error.code == pawl::errc::too_large);
  BOOST_TEST(mentions(refusal->error.message, "upload_bytes"), refusal->error.message);
  deploy(server, {});
}

// As many problems as a manifest has room for: pawl itself would have told them, and sent nothing.
BOOST_AUTO_TEST_CASE(a_manifest_with_ten_thousand_problems_is_listed_like_any_other) {
  running_server server;
  deploy(server, {});
  std::string keys;
  for (int i = 0; i < 10'000; ++i) {
    std::string name;
    for (int rest = i + 36 * 36; rest > 0; rest /= 36)
      name += "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36];
    keys += name + "=1\n";
  }
  const auto tar = tar_writer{}.file("pawl.toml", keys).whole();
  BOOST_REQUIRE_LE(keys.size(), pawl::limits::manifest_bytes);
  const auto failed = send_source(server, tar, request_for(tar, "ten-thousand")).deployment;
  BOOST_REQUIRE(failed.error.has_value());
  BOOST_TEST(failed.error->message.size() <= pawl::limits::error_message_bytes);
  BOOST_TEST(mentions(failed.error->message, "not a known key"), failed.error->message);
  BOOST_TEST(mentions(failed.error->message, "bytes more)"));
  const auto listed = server.pawl({"history", "--json"});
  check_exit(listed, 0);
  BOOST_TEST(document_of(listed).at("deployments").size() == 2U);
  check_exit(server.pawl({"status"}), 0);
  check_exit(server.pawl({"show", failed.id}), 0);
  check_exit(server.pawl({"attach", failed.id}), 2);
  deploy(server, {.greeting = "again"});
}

BOOST_AUTO_TEST_SUITE_END()
