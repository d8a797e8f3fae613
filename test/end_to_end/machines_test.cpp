// Every kind of machine: root or not, with control groups or without, and one that cannot do it.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl::test;

constexpr unsigned nobody = 65534;

uid_t owner_of(pid_t process) {
  struct stat about {};
  return ::stat(fmt::format("/proc/{}", process).c_str(), &about) == 0 ? about.st_uid : 0;
}

// A pawld in another world: with a program before it, or with programs of the test's own.
outcome start_elsewhere(const temporary_directory& place, words before, const std::string& path) {
  write_text(place.path() / "pawld.toml", "data_dir = \"data\"\n[listen]\nsocket = \"pawld.sock\"\n"
                                          "[router]\nkind = \"none\"\n");
  before.insert(before.end(),
                {PAWL_BIN_DIR "/pawld", "--config", (place.path() / "pawld.toml").string()});
  program_plan plan{std::move(before)};
  plan.environment = {{"PATH", path}, {"HOME", place.path().string()}};
  plan.directory = place.path();
  plan.out = place.path() / "out";
  plan.err = place.path() / "err";
  return program{plan}.wait();
}

} // namespace

BOOST_AUTO_TEST_SUITE(machines_test)

BOOST_AUTO_TEST_CASE(an_ordinary_user_can_have_a_server_of_their_own) {
  if (::geteuid() != 0)
    return; // all other suites are this one then
  running_server server{"[cluster.local]\ndrain = \"1s\"\n", nobody};
  const std::string first = deploy(server, {.greeting = "one"}).at("id");
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(owner_of(server.instance_pid(first + "-1")) == nobody);
  BOOST_TEST(server.jobs().contains("instance-" + first + "-1")); // root finds what is the user's
  BOOST_TEST(owner_of(server.router_pid()) == nobody);
  BOOST_TEST(show(server, first).at("by") == "nobody");
  deploy(server, {.greeting = "two"});
  BOOST_TEST(server.answer_of("shop") == "two");
  check_exit(server.pawl({"rollback", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "one");
  gate door;
  auto third = begin_deploy(server, {.greeting = "three", .build = door.command()});
  BOOST_REQUIRE(door.reached());
  check_exit(server.pawl({"cancel", "-a", "shop"}), 0);
  BOOST_TEST(door.broken());
  check_exit(third->wait(), 8);
  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("shop") == "one");
  check_exit(server.pawl({"logs", "-a", "shop"}), 0);
  // Missing limits are reported: either control groups could be made, or the log has the warning.
  BOOST_TEST(mentions(server.log(), "warning: no control groups"), server.log());
}

BOOST_AUTO_TEST_CASE(a_host_without_user_namespaces_is_refused_with_what_to_change) {
  const temporary_directory place;
  const auto fake = place.path() / "bin" / "bwrap";
  write_text(fake, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
  ::chmod(fake.c_str(), 0755);
  ::chmod(place.path().c_str(), 0755); // it is run as another user
  const auto end =
      start_elsewhere(place, {}, (place.path() / "bin").string() + ":/usr/sbin:/usr/bin:/bin");
  check_exit(end, 11);
  BOOST_TEST(mentions(end.err, "No permissions to create new namespace"), end.err);
  BOOST_TEST(mentions(end.err, "namespaces"), end.err);
}

BOOST_AUTO_TEST_CASE(the_setting_that_forbids_user_namespaces_is_named) {
  const temporary_directory place;
  // In a namespace of its own the test may forbid further ones.
  const auto end =
      start_elsewhere(place,
                      {"/usr/bin/unshare", "-Ur", "/bin/sh", "-c",
                       "echo 0 >/proc/sys/user/max_user_namespaces || exit 77; exec \"$0\" \"$@\""},
                      "/usr/sbin:/usr/bin:/bin");
  if (end.status == 77 || end.status == 1)
    return; // this machine has no namespaces to begin with
  check_exit(end, 11);
  BOOST_TEST(mentions(end.err, "user.max_user_namespaces"), end.err);
}

BOOST_AUTO_TEST_CASE(without_a_router_apps_answer_on_their_own_ports) {
  running_server server;
  server.stop();
  server.write_config("[cluster.local]\ndrain = \"1s\"\n", "none");
  server.start();
  const auto body_of = [](const json& record) {
    const auto url = http_url::parse(record.at("urls").at(0));
    http_client client(url.ip, url.port);
    const auto response = client.get("any", "/");
    return response ? response->body : "lost";
  };
  const auto first = deploy(server, {.greeting = "one"});
  BOOST_TEST(body_of(first) == "one\n");
  BOOST_TEST(lane_of(server).at("active").at("urls") == first.at("urls"));
  const auto second = deploy(server, {.greeting = "two"});
  BOOST_TEST(body_of(second) == "two\n");
  BOOST_TEST(second.at("urls") != first.at("urls"));
  const auto back = server.pawl({"rollback", "-a", "shop", "--json"});
  check_exit(back, 0);
  BOOST_TEST(body_of(record_of(back)) == "one\n");
  const auto shown = server.pawl({"status"});
  BOOST_TEST(mentions(shown.out, record_of(back).at("urls").at(0).get<std::string>()), shown.out);
}

BOOST_AUTO_TEST_CASE(unknown_names_and_lanes_that_are_down_are_told_apart) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  http_client client("127.0.0.1", server.port());
  const auto unknown = client.get("nobody.localhost", "/");
  BOOST_REQUIRE(unknown.has_value());
  BOOST_TEST(unknown->status == 404);
  BOOST_TEST(unknown->body == "No app answers under this name.\n");
  for (const auto* name : {"SHOP.LocalHost", "shop.localhost:7480", "shop.localhost."}) {
    const auto known = client.get(name, "/");
    BOOST_REQUIRE(known.has_value());
    BOOST_TEST(known->status == 200, name);
  }
  // Its instance ends again and again.
  std::filesystem::remove_all(server.data() / "releases");
  ::kill(server.instance_pid(id + "-1"), SIGKILL);
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "503"; }));
}

BOOST_AUTO_TEST_CASE(a_procfile_names_the_command_when_the_manifest_does_not) {
  running_server server;
  const auto directory = std::filesystem::path{write_app(server.place(), {})};
  const std::string manifest = "app = \"shop\"\n[health]\npath = \"/healthz\"\n"
                               "interval = \"50ms\"\nhealthy_threshold = 1\n";
  write_text(directory / "pawl.toml", manifest);
  write_text(directory / "Procfile", "# what runs\r\nworker: sleep 1000\r\n\r\n"
                                     "release: echo migrated\r\n"
                                     "web: GREETING=procfile exec perl serve.pl\r\n");
  const auto deployed = server.pawl({"deploy", directory.string()});
  check_exit(deployed, 0);
  BOOST_TEST(mentions(deployed.out, "release | migrated"), deployed.out);
  BOOST_TEST(server.answer_of("shop") == "procfile");
  write_text(directory / "Procfile", "release: echo migrated\n");
  const auto end = server.pawl({"deploy", directory.string(), "--json"});
  check_exit(end, 2);
  BOOST_TEST(document_of(end).at("error").at("code") == "invalid_argument");
  BOOST_TEST(mentions(end.err, "[run]"), end.err);
  BOOST_TEST(mentions(end.err, "Procfile"), end.err);
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
