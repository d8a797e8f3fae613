// Calls to a Docker daemon, real and imitated.
#include "engines/docker/api_client.hpp"
#include "test/engines/docker_fixture.hpp"

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(docker_api, *boost::unit_test::precondition(docker_is_here))

BOOST_AUTO_TEST_CASE(a_daemon_of_the_tests_own_answers) {
  docker_daemon daemon;
  api_client client{daemon.socket()};
  auto answer = client.call({.target = "/images/json"});
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(answer->body.find(docker_daemon::base_image) != std::string::npos, answer->body);
}

BOOST_AUTO_TEST_SUITE_END()
