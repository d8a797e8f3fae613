// The layer that gives apps and builds their variables, over an engine that writes down what it is
// given.
#include "engines/variables/configured_engine.hpp"

#include "test/support/fake_world.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct known_variables : variable_source {
  std::optional<error> failure = {};

  result<std::vector<variable_text>> variables(const lane_key& lane,
                                               config_number config) const override {
    BOOST_TEST(lane.app == "shop");
    BOOST_TEST(config == 3U);
    if (failure)
      return *failure;
    return std::vector<variable_text>{{"LEVEL", secret{"debug"}},
                                      {"TOKEN", secret{"open sesame"}, true}};
  }
};

struct noting_engine : fake_engine {
  std::string given; // names of the variables
  std::vector<std::string> says = {};
  std::optional<error> fails = {};

  result<void> build(const build_job& job, const line_sink& sink, std::stop_token) override {
    return note(job.variables, sink);
  }
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token) override {
    return note(spec.variables, sink);
  }
  result<instance> start(const instance_spec& spec) override {
    auto noted = note(spec.variables, [](std::string_view, std::string_view) {});
    given += spec.redacted.is_empty() ? "" : " redacted";
    return noted ? result<instance>{instance{}} : std::move(noted).error();
  }

private:
  result<void> note(const std::vector<variable_text>& all, const line_sink& sink) {
    given.clear();
    for (const auto& one : all)
      given += fmt::format("{}{}", given.empty() ? "" : " ", one.name);
    for (const auto& line : says)
      sink("stdout", line);
    return fails ? result<void>{*fails} : result<void>{};
  }
};

struct layer_fixture {
  std::shared_ptr<noting_engine> below = std::make_shared<noting_engine>();
  std::shared_ptr<known_variables> source = std::make_shared<known_variables>();
  configured_engine layer{below, source};
  std::string printed;

  line_sink sink() {
    return [this](std::string_view, std::string_view line) { (printed += line) += "|"; };
  }

  static build_job job(std::vector<std::string> secrets = {}) {
    build_job made;
    made.deployment = "d1";
    made.app = "shop";
    made.cluster = "local";
    made.settings.build.secrets = std::move(secrets);
    made.config = 3;
    return made;
  }

  static instance_spec spec(std::optional<config_number> config = 3) {
    instance_spec made;
    made.lane = {"shop", "local"};
    made.config = config;
    return made;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(configured_engines, layer_fixture)

BOOST_AUTO_TEST_CASE(an_instance_and_a_release_command_get_all_variables) {
  BOOST_TEST(layer.start(spec()).has_value());
  BOOST_TEST(below->given == "LEVEL TOKEN redacted");
  BOOST_TEST(layer.run_release(spec(), sink(), {}).has_value());
  BOOST_TEST(below->given == "LEVEL TOKEN");
  BOOST_TEST(layer.start(spec(std::nullopt)).has_value());
  BOOST_TEST(below->given == "");
}

BOOST_AUTO_TEST_CASE(a_build_gets_those_that_it_names_and_what_it_prints_is_redacted) {
  below->says = {"say open sesame", "", std::string(limits::log_line_bytes - 5, 'x') + "open ",
                 "sesame!"};
  BOOST_TEST(layer.build(job({"TOKEN"}), sink(), {}).has_value());
  BOOST_TEST(below->given == "TOKEN");
  BOOST_TEST(
      (printed == "say [TOKEN]||" + std::string(limits::log_line_bytes - 5, 'x') + "[TOKE|N]!|"));
  BOOST_TEST(layer.build(job(), sink(), {}).has_value());
  BOOST_TEST(below->given == "");
}

BOOST_AUTO_TEST_CASE(a_secret_that_the_lane_does_not_have_is_asked_for_before_anything_runs) {
  const auto built = layer.build(job({"NPM_TOKEN"}), sink(), {});
  BOOST_REQUIRE(!built.has_value());
  BOOST_TEST(built.error().message.find("pawl env set NPM_TOKEN=- --secret") != std::string::npos);
  BOOST_TEST(printed == "");
}

BOOST_AUTO_TEST_CASE(errors_have_no_secret_in_them) {
  below->fails = error{errc::build_failed, "open sesame is wrong", {{"log", "it is open sesame"}}};
  for (const auto& failed :
       {layer.build(job(), sink(), {}), layer.run_release(spec(), sink(), {})}) {
    BOOST_REQUIRE(!failed.has_value());
    BOOST_TEST(failed.error().message == "[TOKEN] is wrong");
    BOOST_TEST(failed.error().details.at("log") == "it is [TOKEN]");
  }
  BOOST_TEST(layer.start(spec()).error().message == "[TOKEN] is wrong");
}

BOOST_AUTO_TEST_CASE(without_its_secrets_nothing_is_started) {
  source->failure = error{errc::unavailable, "the key is gone", {}};
  BOOST_TEST(layer.start(spec()).error().message == "the key is gone");
  BOOST_TEST(layer.build(job(), sink(), {}).error().message == "the key is gone");
  BOOST_TEST(layer.run_release(spec(), sink(), {}).error().message == "the key is gone");
  BOOST_TEST(layer.start(spec(std::nullopt)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
