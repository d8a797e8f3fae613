#include "posix/directory_lock.hpp"

#include "posix/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/held_by_child.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <future>

#include <fcntl.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(directory_lock_test)

namespace {

// A pipe that takes no more bytes until it is read.
struct full_pipe {
  descriptor reading;
  descriptor writing;

  full_pipe() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE_EQUAL(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    reading = descriptor{ends[0]};
    writing = descriptor{ends[1]};
    const std::array<char, 4096> bytes{};
    while (::write(writing.get(), bytes.data(), bytes.size()) > 0) {
    }
    ::fcntl(writing.get(), F_SETFL, 0);
  }
};

bool has_child(pid_t thread) {
  std::ifstream children{fmt::format("/proc/self/task/{}/children", thread)};
  pid_t first = 0;
  return static_cast<bool>(children >> first);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_directory_that_is_in_use_is_refused_with_the_process) {
  const temporary_directory place;
  const auto first = directory_lock::take(place.path());
  BOOST_REQUIRE(first);
  for (const auto& second :
       {directory_lock::take(place.path(), 0ms), directory_lock::find(place.path(), 0ms)}) {
    BOOST_REQUIRE(!second);
    BOOST_CHECK(second.error().code == errc::unavailable);
    BOOST_TEST(second.error().details.at("pid") == std::to_string(::getpid()));
    BOOST_TEST(second.error().message.find(fmt::format("process {}: stop that one", ::getpid())) !=
                   std::string::npos,
               second.error().message);
  }
}

BOOST_AUTO_TEST_CASE(a_lock_that_only_a_child_holds_is_waited_for) {
  const temporary_directory place;
  auto first = std::make_unique<result<directory_lock>>(directory_lock::take(place.path()));
  BOOST_REQUIRE(first->has_value());
  const held_by_child child;
  first.reset();
  BOOST_TEST(!directory_lock::take(place.path(), 0ms));
  auto next =
      std::async(std::launch::async, [&] { return directory_lock::take(place.path(), patience); });
  BOOST_TEST((next.wait_for(200ms) == std::future_status::timeout));
  child.end();
  BOOST_TEST(next.get().has_value());
}

BOOST_AUTO_TEST_CASE(a_lock_that_outlives_its_server_is_not_called_in_use) {
  const temporary_directory place;
  auto first = std::make_unique<result<directory_lock>>(directory_lock::take(place.path()));
  BOOST_REQUIRE(first->has_value());
  const held_by_child child;
  first.reset();
  { // a process that ended
    const held_by_child server;
    server.end();
    std::ofstream{place.path() / "lock"} << server.pid() << '\n';
  }
  const auto refused = directory_lock::take(place.path(), 0ms);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(!refused.error().details.contains("pid"));
  BOOST_TEST(refused.error().message.find("fuser") != std::string::npos, refused.error().message);
}

// Here the child waits for its control group, and could wait for a disk or a processor.
BOOST_AUTO_TEST_CASE(a_child_that_is_being_started_holds_no_lock) {
  const temporary_directory place;
  auto ours = std::make_unique<result<directory_lock>>(directory_lock::take(place.path()));
  BOOST_REQUIRE(ours->has_value());
  full_pipe gate;
  std::promise<pid_t> thread;
  auto starting = std::async(std::launch::async, [&] {
    thread.set_value(::gettid());
    launch what;
    what.program = "/bin/true";
    what.arguments = {what.program};
    what.cgroups = {gate.writing.get()};
    return spawn(what);
  });
  const auto starter = thread.get_future().get();
  BOOST_REQUIRE(eventually([&] { return has_child(starter); }));
  ours.reset();
  BOOST_TEST(directory_lock::take(place.path()).has_value());
  std::array<char, 4096> bytes{};
  while (::read(gate.reading.get(), bytes.data(), bytes.size()) > 0) {
  }
  auto started = starting.get();
  BOOST_REQUIRE(started.has_value());
  BOOST_TEST(wait_for_end(started->process, patience));
  reap(started->process);
}

BOOST_AUTO_TEST_SUITE_END()
