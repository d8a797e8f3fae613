// The HAProxy of the router as a process: it dies, hangs, is found again, and cannot start.
#include "test/routers/haproxy_fixture.hpp"
#include "test/support/batch_thread.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <future>
#include <sys/stat.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(haproxy_process_test)

BOOST_AUTO_TEST_CASE(a_killed_haproxy_is_announced_and_restored) {
  const http_server one("one");
  const http_server two("two");
  const routed it;
  const std::vector<route> routes{to(shop, "d1", one), to(blog, "d2", two)};
  it.restore(routes);
  for (int round = 0; round < 2; ++round) {
    std::promise<void> died;
    it.router->watch([&] { died.set_value(); });
    it.kill_9();
    BOOST_TEST_REQUIRE(died.get_future().wait_for(patience) == std::future_status::ready);
    it.restore(routes);
    BOOST_TEST(it.ask("shop.localhost") == "200 one");
    BOOST_TEST(it.ask("blog.localhost") == "200 two");
  }
}

BOOST_AUTO_TEST_CASE(a_new_router_adopts_the_running_haproxy_and_changes_what_differs) {
  const http_server one("one");
  const http_server two("two");
  routed it;
  it.restore({to(shop, "d1", one), to(blog, "d2", one)});
  const auto before = it.pid();
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", one), to({"news", "local"}, "d3", two)});
  BOOST_TEST(it.pid() == before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
  BOOST_TEST(it.ask("news.localhost") == "200 two");
  BOOST_TEST(it.ask("blog.localhost").substr(0, 3) == "404");
  BOOST_TEST(it.table().slots.size() == 2U);
  std::promise<void> died;
  it.router->watch([&] { died.set_value(); });
  it.kill_9();
  BOOST_TEST(died.get_future().wait_for(patience) == std::future_status::ready);
}

BOOST_AUTO_TEST_CASE(a_haproxy_is_scheduled_as_usual_whoever_starts_it) {
  const http_server app("one");
  routed it;
  in_batch_thread([&] { it.restore({to(shop, "d1", app)}); });
  BOOST_TEST(::sched_getscheduler(it.pid()) == SCHED_OTHER);
}

BOOST_AUTO_TEST_CASE(other_options_replace_the_haproxy_without_a_lost_request) {
  const http_server app("one");
  routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  test::http_load load(it.load());
  wait_for_requests(load, 200);
  it.options.slots = 32;
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  wait_for_requests(load, 200);
  BOOST_TEST(load.finish().lost == 0U);
}

BOOST_AUTO_TEST_CASE(the_files_begin_with_the_last_state) {
  const http_server one("one");
  const http_server two("two");
  const routed it;
  it.restore({to(shop, "d1", one)});
  it.switch_to(to(shop, "d2", two));
  it.kill_9();
  routed::check(haproxy_start(haproxy_program(), it.options.directory, {}));
  BOOST_TEST(it.ask("shop.localhost") == "200 two");
}

BOOST_AUTO_TEST_CASE(an_haproxy_whose_socket_is_gone_is_replaced) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  std::filesystem::remove(it.options.directory / haproxy_socket_name);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(an_haproxy_that_hangs_is_replaced) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  ::kill(before, SIGSTOP);
  const auto refused = it.router->switch_to(to(shop, "d2", app));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "unavailable");
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_named) {
  const http_server other("other");
  routed it;
  it.options.listen = other.address();
  it.router = std::make_unique<haproxy_router>(it.options);
  const auto refused = it.router->restore({});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "unavailable");
  BOOST_TEST(refused.error().message.find(other.address()) != std::string::npos);
  BOOST_TEST(refused.error().message.find("Address already in use") != std::string::npos);
  BOOST_TEST_MESSAGE(refused.error().message);
}

BOOST_AUTO_TEST_CASE(a_second_haproxy_does_not_share_the_port) {
  const routed it;
  it.restore({});
  routed second;
  second.options.listen = it.options.listen;
  second.router = std::make_unique<haproxy_router>(second.options);
  BOOST_TEST(!second.router->restore({}));
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_named) {
  routed it;
  it.options.program = "/nowhere/haproxy";
  it.router = std::make_unique<haproxy_router>(it.options);
  const auto refused = it.router->restore({});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("/nowhere/haproxy") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_may_be_deep_and_have_a_space) {
  const http_server app("one");
  routed it;
  it.options.directory = it.folder.path() / std::string(120, 'd') / "a b";
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(only_its_owner_may_command_it) {
  const routed it;
  it.restore({});
  struct stat socket {};
  struct stat folder {};
  BOOST_REQUIRE_EQUAL(::stat((it.options.directory / haproxy_socket_name).c_str(), &socket), 0);
  BOOST_REQUIRE_EQUAL(::stat(it.options.directory.c_str(), &folder), 0);
  BOOST_TEST((socket.st_mode & 0777U) == 0600U);
  BOOST_TEST((folder.st_mode & 0777U) == 0700U);
}

BOOST_AUTO_TEST_CASE(it_has_a_session_of_its_own_and_no_file_of_ours) {
  const routed it;
  const int ours = ::dup(0); // not closed on exec, as a careless library's
  it.restore({});
  BOOST_TEST(::getsid(it.pid()) != ::getsid(0));
  for (const auto& file :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", it.pid()))) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(file.path(), gone).string();
    BOOST_TEST((gone || target.starts_with("/dev/null") || target.starts_with("socket:") ||
                target.starts_with("pipe:") || target.starts_with("anon_inode:")),
               target);
  }
  ::close(ours);
}

BOOST_AUTO_TEST_SUITE_END()
