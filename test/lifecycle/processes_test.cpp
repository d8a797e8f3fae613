#include "lifecycle/processes.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

manifest shop() {
  manifest app;
  app.app = "shop";
  app.run.command = "./web";
  app.run.instances = 2;
  app.processes = {{"worker", "./work"}, {"clock-tick", "./tick"}};
  return app;
}

deployment running(process_counts counts = {}) {
  deployment d;
  d.id = "d1";
  d.version = version_number{1};
  d.internals.settings = shop();
  d.internals.artifact = "sha256:00";
  d.internals.counts = std::move(counts);
  return d;
}

} // namespace

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(names_of_instances_say_their_deployment_and_process) {
  BOOST_TEST(instance_name("d1", "web", 2) == "d1-2");
  BOOST_TEST(instance_name("d1", "clock-tick", 1) == "d1-clock-tick-1");
  BOOST_TEST(process_of_instance("d1-2") == "web");
  BOOST_TEST(process_of_instance("d1-clock-tick-12") == "clock-tick");
  BOOST_TEST(process_of_instance("d1-1-1") == "1");
  BOOST_TEST(deployment_of_instance("d1-clock-tick-12") == "d1");
  for (const auto* odd : {"", "-", "--", "d1", "d1-"})
    BOOST_CHECK_NO_THROW(process_of_instance(odd));
}

BOOST_AUTO_TEST_CASE(the_longest_name_of_an_instance_is_within_its_limit) {
  const auto name =
      instance_name(std::string(limits::deployment_id_bytes, 'x'),
                    std::string(limits::process_name_bytes, 'p'), limits::instances_per_lane);
  BOOST_TEST(name.size() <= limits::instance_name_bytes);
}

BOOST_AUTO_TEST_CASE(counts_of_the_lane_go_before_those_of_the_manifest) {
  const std::vector<std::string> as_said{"d1-1", "d1-2", "d1-worker-1", "d1-clock-tick-1"};
  BOOST_TEST(instance_names_of(running()) == as_said, boost::test_tools::per_element());
  const std::vector<std::string> as_set{"d1-1", "d1-worker-1", "d1-worker-2"};
  BOOST_TEST(instance_names_of(
                 running({{"web", 1}, {"worker", 2}, {"clock-tick", 0}, {"gone", 5}})) == as_set,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_scale_replaces_only_what_it_names) {
  auto counts = scaled(shop(), {{"worker", 3}}, {{"web", 0}});
  BOOST_REQUIRE(counts);
  BOOST_TEST(count_of(shop(), *counts, "web") == 0u);
  BOOST_TEST(count_of(shop(), *counts, "worker") == 3u);
  BOOST_TEST(count_of(shop(), *counts, "clock-tick") == 1u);
}

BOOST_AUTO_TEST_CASE(a_scale_over_the_limit_of_a_lane_is_refused) {
  auto refused = scaled(shop(), {}, {{"web", 62}, {"worker", 2}});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message ==
             "an app has at most 64 instances in a cluster, of all its processes together, and "
             "these would be 65: ask for fewer");
  BOOST_TEST(scaled(shop(), {}, {{"web", 61}, {"worker", 2}}).has_value());
}

BOOST_AUTO_TEST_CASE(limits_are_at_most_those_of_the_cluster) {
  auto app = shop();
  app.processes.front().memory_bytes = 1024 * limits::mib;
  app.processes.front().millicpus = 2000;
  cluster_settings cluster;
  auto refused = check_fits_limits(app, cluster);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("[process.worker] memory") == 0u,
             refused.error().message);
  BOOST_TEST(refused.error().message.find("[process.worker] cpus is 2") != std::string::npos,
             refused.error().message);
  // A version that came from a cluster that gives more.
  BOOST_TEST(memory_of(settings_for(app, "worker").run, cluster) == cluster.memory_bytes);
  BOOST_TEST(cpus_of(settings_for(app, "worker").run, cluster) == cluster.cpus);
  BOOST_TEST(memory_of(app.run, cluster) == cluster.memory_bytes);
}

BOOST_AUTO_TEST_SUITE_END()
