// A web server that Debian has, in containers, which is replaced while it is asked.
#include "test/end_to_end/container_app.hpp"
#include "test/support/http_load.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

boost::test_tools::assertion_result may_have_nginx(boost::unit_test::test_unit_id unit) {
  auto able = may_have_docker(unit);
  if (able && !fs::exists("/usr/sbin/nginx")) {
    able = false;
    able.message() << "skipped: there is no nginx (scripts/setup installs it)";
  }
  return able;
}

// The program with its libraries, from the machine, as a tree.
void copy_nginx(const fs::path& home) {
  fs::create_directories(home / "root");
  program copy{program_plan{
      .arguments = {"/bin/sh", "-c",
                    "tar -C / -ch usr/sbin/nginx $(ldd /usr/sbin/nginx | grep -o '/[^ ]*' | cut -c "
                    "2-) | tar -C root -x"},
      .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}},
      .directory = home,
      .out = home.parent_path() / "copy.out",
      .err = home.parent_path() / "copy.err"}};
  check_exit(copy.wait(), 0);
  write_text(home / "root" / "etc" / "group", "root:x:0:\n");
}

outcome deploy_nginx(running_server& server, const std::string& greeting) {
  const auto home = server.place() / "apps" / "web";
  write_text(home / "pawl.toml", "app = \"web\"\n[run]\ninstances = 2\n"
                                 "[health]\npath = \"/\"\ninterval = \"100ms\"\n");
  write_text(home / "nginx.conf",
             "user root;\npid /tmp/nginx.pid;\nevents {}\n"
             "http {\naccess_log off;\nclient_body_temp_path /tmp/1;\nproxy_temp_path /tmp/2;\n"
             "fastcgi_temp_path /tmp/3;\nuwsgi_temp_path /tmp/4;\nscgi_temp_path /tmp/5;\n"
             "server { listen 8080; location / { return 200 \"" +
                 greeting + "\\n\"; } }\n}\n");
  write_text(home / "Dockerfile",
             "FROM pawl-test-base:1\nCOPY root /\nCOPY nginx.conf /etc/nginx.conf\n"
             "EXPOSE 8080\nSTOPSIGNAL SIGQUIT\n"
             "CMD [\"nginx\", \"-e\", \"stderr\", \"-c\", \"/etc/nginx.conf\", \"-g\", "
             "\"daemon off;\"]\n");
  if (!fs::exists(home / "root"))
    copy_nginx(home);
  return server.pawl({"deploy", home});
}

void await_answers(const http_load& load, std::uint64_t more) {
  const auto before = load.so_far();
  BOOST_TEST(eventually([&] { return load.so_far() >= before + more; }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(container_traffic_test, *boost::unit_test::precondition(may_have_nginx))

BOOST_AUTO_TEST_CASE(nginx_is_deployed_changed_and_rolled_back_and_no_request_is_lost) {
  const docker_daemon daemon;
  running_server server(fmt::format("[cluster.local]\nengine = \"docker\"\nsocket = \"{}\"\n"
                                    "drain = \"1s\"\nwatch_period = \"1s\"\nwarm = \"5m\"\n"
                                    "memory = \"64M\"\n",
                                    daemon.socket().string()));
  check_exit(deploy_nginx(server, "one"), 0);
  BOOST_TEST(server.answer_of("web") == "one");
  http_load load{{.url = {"127.0.0.1", server.port(), "/"}, .host = "web.localhost"}};
  await_answers(load, 200);
  std::string before = "one";
  for (const std::string greeting : {"two", "three"}) {
    check_exit(deploy_nginx(server, greeting), 0);
    BOOST_TEST(server.answer_of("web") == greeting);
    await_answers(load, 200);
    check_exit(server.pawl({"rollback", "-a", "web"}), 0);
    BOOST_TEST(server.answer_of("web") == before);
    await_answers(load, 200);
  }
  const auto report = load.finish();
  BOOST_TEST(report.lost == 0U);
  BOOST_TEST(report.ok == report.requests);
  BOOST_TEST(report.by_body.size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
