// The programs are started with closed descriptors, or with signals ignored.
#include "test/end_to_end/running_server.hpp"
#include "test/support/print.hpp"

#include <csignal>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

// A shell that closes some of the descriptors 0 to 2, and becomes the program.
words with_closed(const std::vector<int>& descriptors) {
  std::string script = "exec \"$@\"";
  for (int fd : descriptors)
    script += " " + std::to_string(fd) + ">&-";
  return {"/bin/sh", "-c", script, "sh"};
}

std::vector<std::vector<int>> subsets() {
  std::vector<std::vector<int>> all;
  for (unsigned bits = 1; bits < 8; ++bits) {
    all.emplace_back();
    for (int fd = 0; fd < 3; ++fd)
      if ((bits >> static_cast<unsigned>(fd) & 1U) != 0)
        all.back().push_back(fd);
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(inheritance_test)

BOOST_AUTO_TEST_CASE(a_server_whose_standard_streams_are_closed_writes_nothing_into_its_files) {
  running_server server;
  for (const auto& closed : subsets()) {
    server.stop();
    server.run_under(with_closed(closed));
    server.start();
    for (int fd : closed)
      BOOST_TEST(fs::read_symlink(fs::path{"/proc"} / std::to_string(server.server().pid()) / "fd" /
                                  std::to_string(fd)) == "/dev/null");
  }
  deploy(server, {}); // each descriptor of the store, the log and the build is another one
  server.stop();
  check_exit(server.begin_pawld("--verify", server.data())->wait(), 0);
}

BOOST_AUTO_TEST_CASE(a_client_whose_standard_streams_are_closed_does_its_work_and_ends) {
  running_server server;
  deploy(server, {});
  for (const auto& closed : subsets())
    check_exit(server.begin({"attach", "-a", "shop"}, with_closed(closed))->wait(), 0);
  const auto app = write_app(server.place(), {.greeting = "two"});
  check_exit(server.begin({"deploy", app, "--json"}, with_closed({0, 1, 2}))->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
}

BOOST_AUTO_TEST_CASE(a_signal_that_the_parent_ignored_ends_no_program) {
  running_server server;
  server.stop();
  server.run_under({"/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh"});
  server.start();
  server.server().signal(SIGHUP);
  server.server().signal(SIGINT);
  deploy(server, {});
  BOOST_TEST(server.server().running());
  check_exit(server.stop(), 0); // by SIGTERM
}

BOOST_AUTO_TEST_SUITE_END()
