// A volume outlives deployments, and goes only on request.
#include "test/end_to_end/running_server.hpp"

#include <filesystem>

namespace {

using namespace pawl::test;

constexpr auto asks_for_data = "[volume.data]\npath = \"/data\"\n";

// Notes each start in a file of the volume, and answers with all that is in it.
sample_app counting_app(const std::string& where = "/data",
                        const std::string& rest = asks_for_data) {
  const auto file = where + "/starts";
  return {.build = "true",
          .run = "echo $PAWL_VERSION >>" + file + "; GREETING=$(tr '\\n' ' ' <" + file +
                 ") exec perl serve.pl",
          .rest = rest};
}

json list_of_volumes(running_server& server) {
  const auto end = server.pawl({"volumes", "--json"});
  check_exit(end, 0);
  return document_of(end).at("volumes");
}

} // namespace

BOOST_AUTO_TEST_SUITE(volumes_test)

BOOST_AUTO_TEST_CASE(what_an_app_writes_there_is_there_after_a_deploy_a_rollback_and_kill_9) {
  running_server server;
  deploy(server, counting_app());
  BOOST_TEST(server.answer_of("shop") == "v1 ");
  deploy(server, counting_app());
  BOOST_TEST(server.answer_of("shop") == "v1 v2 ");
  check_exit(server.pawl({"rollback", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "v1 v2 v1 ");
  server.kill();
  server.end_everything();
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "v1 v2 v1 v1 "; }));
  const auto all = list_of_volumes(server);
  BOOST_REQUIRE_EQUAL(all.size(), 1U);
  BOOST_TEST(all[0].at("app") == "shop");
  BOOST_TEST(all[0].at("cluster") == "local");
  BOOST_TEST(all[0].at("name") == "data");
  BOOST_TEST(all[0].at("path") == "/data");
  BOOST_TEST(all[0].at("bytes").get<std::uint64_t>() > 0U);
}

BOOST_AUTO_TEST_CASE(a_volume_may_be_in_the_apps_own_folder_where_the_release_command_finds_it) {
  running_server server;
  auto app = counting_app("/app/storage/files", "[release]\ncommand = \"echo first >>"
                                                "/app/storage/files/starts\"\n"
                                                "[volume.files]\n"
                                                "path = \"/app/storage/files\"\n");
  deploy(server, app);
  BOOST_TEST(server.answer_of("shop") == "first v1 ");
}

BOOST_AUTO_TEST_CASE(a_volume_is_removed_on_request_and_never_while_it_is_used) {
  running_server server("[cluster.local]\ndrain = \"100ms\"\n");
  deploy(server, counting_app());
  const words removal{"volume", "remove", "data", "-a", "shop", "-C", "local"};
  const auto refused = server.pawl(removal);
  check_exit(refused, 6);
  BOOST_TEST(mentions(refused.err, "uses the volume data"), refused.err);
  check_exit(server.pawl({"destroy", "shop", "--yes"}), 0);
  BOOST_TEST(list_of_volumes(server).size() == 1U);
  const auto removed = server.pawl(removal);
  check_exit(removed, 0);
  BOOST_TEST(mentions(removed.out, "the volume data of shop in local is removed"));
  BOOST_TEST(list_of_volumes(server).empty());
  BOOST_TEST(std::filesystem::is_empty(server.data() / "removed-volumes"));
  check_exit(server.pawl(removal), 10);
  const auto audit = server.pawl({"audit", "--json"});
  BOOST_TEST(mentions(audit.out, "remove_volume"), audit.out);
}

BOOST_AUTO_TEST_CASE(a_backup_has_the_volumes_on_request_and_a_restore_brings_them_back) {
  running_server server;
  deploy(server, counting_app());
  const auto config = (server.place() / "pawld.toml").string();
  const auto use_tool = [&](words arguments) {
    arguments.insert(arguments.begin(), {"--config", config});
    return server.begin_pawld(std::move(arguments))->wait();
  };
  const auto without = use_tool({"--backup", (server.place() / "without.tar").string()});
  check_exit(without, 0);
  BOOST_TEST(mentions(without.out, "without the volumes"), without.out);
  const auto file = (server.place() / "with.tar").string();
  check_exit(use_tool({"--backup", file, "--with-volumes"}), 0);
  check_exit(server.stop(), 0);
  server.end_everything();
  std::filesystem::remove_all(server.data());
  check_exit(use_tool({"--restore", file}), 0);
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "v1 v1 "; }));
}

BOOST_AUTO_TEST_CASE(what_is_no_volume_is_refused_before_anything_is_sent) {
  running_server server;
  auto app = counting_app("/data", "[volume.data]\npath = \"/usr\"\n");
  const auto end = server.pawl({"deploy", write_app(server.place(), app)});
  check_exit(end, 2);
  BOOST_TEST(mentions(end.err, "cannot be the path of a volume"), end.err);
  check_exit(server.pawl({"volume", "remove", "../x", "-a", "shop"}), 2);
}

BOOST_AUTO_TEST_SUITE_END()
