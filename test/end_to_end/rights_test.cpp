// Two users of one server, with the real programs: the owner, and a member of the socket's group
// who may look at one app.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

constexpr auto one_viewer = "[cluster.local]\ndrain = \"1s\"\n"
                            "[access.users]\nnobody = { role = \"view\", apps = [\"shop\"] }\n";

// The test's directory and the socket are open to the group.
void open_to_group(running_server& server) {
  check_exit(server.stop(), 0);
  const auto file = server.place() / "pawld.toml";
  auto text = read_text(file);
  text.insert(text.find("socket ="), "socket_group = \"nogroup\"\n");
  write_text(file, text);
  fs::permissions(server.place(), fs::perms{0755});
  server.start();
}

// By a copy of pawl: the user may have no way into the folder of the build.
outcome as_nobody(const running_server& server, const words& arguments) {
  const auto copy = server.place() / "pawl";
  fs::copy_file(fs::path{PAWL_BIN_DIR} / "pawl", copy, fs::copy_options::skip_existing);
  program_plan plan{
      {"/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", copy.string()}};
  plan.arguments.insert(plan.arguments.end(), arguments.begin(), arguments.end());
  plan.environment = {{"PATH", "/usr/bin:/bin"},
                      {"PAWL_SERVER", "unix:" + server.socket().string()}};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "nobody.out";
  plan.err = server.place() / "output" / "nobody.err";
  return program{plan}.wait();
}

} // namespace

BOOST_AUTO_TEST_SUITE(rights_test)

BOOST_AUTO_TEST_CASE(a_member_of_the_group_sees_one_app_and_changes_nothing) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("skipped: another user needs root");
    return;
  }
  running_server server{one_viewer};
  open_to_group(server);
  struct stat socket {};
  BOOST_REQUIRE(::stat(server.socket().c_str(), &socket) == 0);
  BOOST_TEST((socket.st_mode & 0777U) == 0660U);
  deploy(server, {.name = "shop"});
  const auto foreign = deploy(server, {.name = "blog"}).at("id").get<std::string>();
  const auto apps = document_of(as_nobody(server, {"apps", "--json"})).at("apps");
  BOOST_REQUIRE(apps.size() == 1U);
  BOOST_TEST(apps.front().at("app") == "shop");
  check_exit(as_nobody(server, {"show", foreign}), 10);
  check_exit(as_nobody(server, {"status", "-a", "blog"}), 10);
  check_exit(as_nobody(server, {"destroy", "shop", "--yes"}), 9);
  check_exit(as_nobody(server, {"destroy", "blog", "--yes"}), 10);
  check_exit(as_nobody(server, {"token", "list"}), 9);
  BOOST_TEST(server.answer_of("shop") == "hello");
}

BOOST_AUTO_TEST_CASE(a_token_is_printed_once_and_is_in_no_file_of_the_server) {
  running_server server;
  const auto made = document_of(
      server.pawl({"token", "create", "ci", "--role", "deploy", "--app", "shop", "--json"}));
  BOOST_TEST((keys_of(made) ==
              std::set<std::string>{"name", "token", "role", "apps", "clusters", "expires_at"}));
  const auto token = made.at("token").get<std::string>();
  BOOST_TEST(token.size() == 48U);
  const auto listed = document_of(server.pawl({"token", "list", "--json"})).at("tokens");
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST((keys_of(listed.front()) == std::set<std::string>{"name", "role", "apps", "clusters",
                                                               "created_at", "created_by",
                                                               "expires_at", "last_used_at"}));
  BOOST_TEST(listed.front().at("last_used_at").is_null());
  check_exit(server.pawl({"token", "create", "ci", "--role", "view"}), 2);
  server.kill();
  server.start();
  BOOST_TEST(document_of(server.pawl({"token", "list", "--json"})).at("tokens") == listed);
  check_exit(server.pawl({"token", "revoke", "ci"}), 0);
  check_exit(server.pawl({"token", "revoke", "ci"}), 10);
  BOOST_TEST(!mentions(server.log(), token));
  std::size_t files = 0;
  for (const auto& each : fs::recursive_directory_iterator(server.data()))
    if (each.is_regular_file()) {
      ++files;
      BOOST_TEST(!mentions(read_text(each.path()), token), each.path());
    }
  BOOST_TEST(files > 0U);
}

BOOST_AUTO_TEST_CASE(a_group_that_does_not_exist_is_told) {
  running_server server;
  check_exit(server.stop(), 0);
  write_text(server.place() / "pawld.toml",
             "data_dir = \"data\"\n[listen]\nsocket = \"other.sock\"\nsocket_group = \"nobodies\"\n"
             "[router]\nkind = \"none\"\n");
  const auto end =
      server.begin_pawld({"--config", (server.place() / "pawld.toml").string()})->wait();
  check_exit(end, 2);
  BOOST_TEST(mentions(end.err, "nobodies"));
  BOOST_TEST(mentions(end.err, "socket_group"));
  server.write_config("[cluster.local]\n");
  server.start();
}

BOOST_AUTO_TEST_SUITE_END()
