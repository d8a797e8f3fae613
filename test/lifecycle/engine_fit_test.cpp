#include "lifecycle/engine_fit.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

cluster_settings cluster_of(engine_kind engine) {
  return {.name = "live", .engine = std::string{to_string(engine)}};
}

manifest runnable() {
  manifest app;
  app.run.command = "./server";
  return app;
}

std::string message_of(const manifest& app, engine_kind engine) {
  const auto fits = check_fits_engine(app, cluster_of(engine));
  if (fits)
    return "";
  BOOST_TEST(to_string(fits.error().code) == "invalid_argument");
  return fits.error().message;
}

// One setting that is not its default.
struct setting {
  std::string key; // as in pawl.toml
  void (*set)(manifest&);
  bool fits_process;
  bool fits_docker;
};

const std::vector<setting> settings{
    {"[build] command", [](manifest& app) { app.build.command = "make"; }, true, false},
    {"[build] dockerfile", [](manifest& app) { app.build.dockerfile = "deploy/Dockerfile"; }, false,
     true},
    {"[build] image", [](manifest& app) { app.build.image = "nginx"; }, false, true},
    {"[build] target", [](manifest& app) { app.build.target = "live"; }, false, true},
    {"[build] args", [](manifest& app) { app.build.args["A"] = "b"; }, false, true},
    {"[build] timeout", [](manifest& app) { app.build.timeout = std::chrono::hours{1}; }, true,
     true},
    {"[build] network", [](manifest& app) { app.build.network = false; }, true, true},
    {"[build] env", [](manifest& app) { app.build.env["A"] = "b"; }, true, false},
    {"[build] root", [](manifest& app) { app.build.root = "apps/api"; }, true, false},
    {"[run] command", [](manifest& app) { app.run.command = "./other"; }, true, true},
    {"[run] instances", [](manifest& app) { app.run.instances = 2; }, true, true},
    {"[run] stop_timeout", [](manifest& app) { app.run.stop_timeout = {}; }, true, true},
    {"[run] sticky", [](manifest& app) { app.run.sticky = true; }, true, true},
    {"[run] env", [](manifest& app) { app.run.env["A"] = "b"; }, true, true},
    {"[run] user", [](manifest& app) { app.run.user = "1000"; }, false, true},
    {"[run] read_only", [](manifest& app) { app.run.read_only = true; }, true, true},
    {"[release] command", [](manifest& app) { app.release.command = "./migrate"; }, true, true},
    {"[health] path", [](manifest& app) { app.health.path = "/"; }, true, true},
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_fit)

BOOST_AUTO_TEST_CASE(a_setting_is_refused_where_it_has_no_effect) {
  for (const auto& each : settings) {
    auto app = runnable();
    each.set(app);
    for (const auto engine : {engine_kind::process, engine_kind::docker}) {
      const auto message = message_of(app, engine);
      const bool fits = engine == engine_kind::process ? each.fits_process : each.fits_docker;
      BOOST_TEST(message.empty() == fits, each.key << " with " << to_string(engine) << message);
      if (!fits)
        BOOST_TEST(message.starts_with(each.key + " has no effect in cluster live"), message);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_says_what_to_do) {
  auto app = runnable();
  app.build.target = "live";
  app.run.user = "1000";
  BOOST_TEST(message_of(app, engine_kind::process) ==
             "[build] target has no effect in cluster live, whose engine is process: remove it, "
             "and build by [build] command, or deploy to a cluster with the engine docker, which "
             "runs containers\n"
             "[run] user has no effect in cluster live, whose engine is process: remove it, as "
             "each app runs under a user of its own there, or deploy to a cluster with the engine "
             "docker, which runs containers");
  app = runnable();
  app.build.command = "make";
  BOOST_TEST(message_of(app, engine_kind::docker) ==
             "[build] command has no effect in cluster live, whose engine is docker: make it a RUN "
             "line of the Dockerfile, or deploy to a cluster with the engine process");
}

BOOST_AUTO_TEST_CASE(only_an_image_can_have_the_command) {
  BOOST_TEST(message_of({}, engine_kind::process)
                 .starts_with("nothing says how to start the app: add a command"));
  BOOST_TEST(message_of({}, engine_kind::docker) == "");
}

BOOST_AUTO_TEST_SUITE_END()
