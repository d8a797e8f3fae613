#include "posix/child_process.hpp"

#include "test/support/eventually.hpp"
#include "test/support/held_by_child.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(child_process_test)

BOOST_AUTO_TEST_CASE(a_program_that_ends_with_its_starter_does_so_when_that_is_killed) {
  std::array<int, 2> told{};
  BOOST_REQUIRE_EQUAL(::pipe2(told.data(), O_CLOEXEC), 0);
  const descriptor reading{told[0]};
  const descriptor writing{told[1]};
  pid_t program = 0;
  {
    const held_by_child starter{[&] {
      launch what;
      what.program = "/bin/sleep";
      what.arguments = {what.program, "1000"};
      what.ends_with_starter = true;
      const auto started = spawn(what);
      const pid_t pid = started ? started->pid : -1;
      [[maybe_unused]] auto sent = ::write(writing.get(), &pid, sizeof pid);
    }};
    BOOST_REQUIRE_EQUAL(::read(reading.get(), &program, sizeof program), sizeof program);
    BOOST_REQUIRE_GT(program, 0);
  }
  BOOST_TEST(eventually([&] { return wait_for_end(open_process(program), {}); }));
}

BOOST_AUTO_TEST_SUITE_END()
