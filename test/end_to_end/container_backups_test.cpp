// Backups of servers with containers, with the real programs and a real Docker daemon.
#include "test/end_to_end/container_app.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

outcome use_tool(running_server& server, words arguments) {
  arguments.insert(arguments.begin(), {"--config", (server.place() / "pawld.toml").string()});
  return server.begin_pawld(std::move(arguments))->wait();
}

// The name of the image of a version of shop.
std::string image_of(running_server& server, const std::string& version) {
  const auto versions = document_of(server.pawl({"versions", "-a", "shop", "--json"}));
  for (const auto& one : versions.at("versions"))
    if (one.at("version") == version) {
      auto name = one.at("artifact").get<std::string>();
      name.replace(name.find(':'), 1, "-");
      return "pawl/shop:" + name;
    }
  BOOST_FAIL("there is no " << version);
  return {};
}

// The server has ended, and all of its things are gone from the machine but the backup.
void lose_everything(running_server& server, const docker_daemon& daemon) {
  server.stop();
  server.end_everything();
  remove_containers(daemon);
  for (const auto& name : images_of(daemon))
    remove_image(daemon, name);
  BOOST_TEST(images_of(daemon).empty());
  fs::remove_all(server.data());
}

} // namespace

BOOST_AUTO_TEST_SUITE(container_backups_test, *boost::unit_test::precondition(may_have_docker))

BOOST_AUTO_TEST_CASE(a_backup_has_the_images_that_can_be_rolled_back_to) {
  const docker_daemon daemon;
  running_server server(cluster_on(daemon));
  for (const auto* greeting : {"one", "two", "three"})
    check_exit(deploy_containers(server, {.greeting = greeting}), 0);
  remove_image(daemon, image_of(server, "v1"));
  const auto file = (server.place() / "backup.tar").string();
  const auto made = use_tool(server, {"--backup", file});
  check_exit(made, 0);
  BOOST_TEST(mentions(made.out, "images: 2, "), made.out);
  BOOST_TEST(mentions(made.out, "without the image of shop v1"), made.out);
  BOOST_TEST(!fs::exists(file + ".partial"));

  lose_everything(server, daemon);
  const auto restored = use_tool(server, {"--restore", file});
  check_exit(restored, 0);
  BOOST_TEST(mentions(restored.out, "images: 2 of 3"), restored.out);
  BOOST_TEST(mentions(restored.out, "without the image of shop v1"), restored.out);
  BOOST_TEST(!fs::exists(server.data() / "images"));
  check_exit(use_tool(server, {"--verify"}), 0);
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "three"; }));
  check_exit(server.pawl({"rollback", "v2", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  const auto gone = server.pawl({"rollback", "v1", "-a", "shop"});
  BOOST_TEST(gone.status != 0);
  BOOST_TEST(server.answer_of("shop") == "two");
}

BOOST_AUTO_TEST_CASE(a_restore_claims_no_containers_of_the_server_before) {
  const docker_daemon daemon;
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "one"}), 0);
  const auto file = (server.place() / "backup.tar").string();
  check_exit(use_tool(server, {"--backup", file}), 0);
  check_exit(deploy_containers(server, {.greeting = "two"}), 0);
  server.stop();
  server.end_everything();
  fs::rename(server.data(), server.place() / "before");
  const auto refused = use_tool(server, {"--restore", file});
  check_exit(refused, 2);
  BOOST_TEST(mentions(refused.err, "containers of an earlier data directory"), refused.err);
  BOOST_TEST(fs::is_empty(server.data()));

  // Restored beside the first server, which serves on, it has instances of its own.
  fs::remove(server.data());
  fs::rename(server.place() / "before", server.data());
  server.start();
  running_server other(cluster_on(daemon));
  other.stop();
  other.end_everything();
  fs::remove_all(other.data());
  check_exit(use_tool(other, {"--restore", file}), 0);
  other.start();
  BOOST_TEST(eventually([&] { return other.answer_of("shop") == "one"; }));
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(eventually([&] { return containers_of(daemon).size() == 2; }));
}

BOOST_AUTO_TEST_CASE(without_a_daemon_a_backup_does_without_images_only_on_request) {
  docker_daemon daemon;
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "one"}), 0);
  daemon.stop();
  const auto file = (server.place() / "backup.tar").string();
  const auto refused = use_tool(server, {"--backup", file});
  check_exit(refused, 11);
  BOOST_TEST(mentions(refused.err, "no Docker daemon answers at"), refused.err);
  BOOST_TEST(mentions(refused.err, "--without-images"), refused.err);
  BOOST_TEST(!fs::exists(file));
  const auto made = use_tool(server, {"--backup", file, "--without-images"});
  check_exit(made, 0);
  BOOST_TEST(mentions(made.out, "without images, of which the versions in it are 1"), made.out);

  server.stop();
  server.end_everything();
  fs::remove_all(server.data());
  const auto early = use_tool(server, {"--restore", file});
  check_exit(early, 11);
  BOOST_TEST(mentions(early.err, "--without-images"), early.err);
  daemon.start();
  remove_containers(daemon);
  check_exit(use_tool(server, {"--restore", file, "--without-images"}), 0);
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "one"; })); // the daemon had it
}

BOOST_AUTO_TEST_SUITE_END()
