#include "config/manifest.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>

using namespace std::chrono_literals;
using pawl::config::read_manifest;

namespace {

constexpr std::string_view whole = R"(app = "shop"

[build]
command = "make release"
dockerfile = "deploy/Dockerfile"
timeout = "5m"
network = false

[run]
command = "./bin/shop"
instances = 3
stop_timeout = "1500ms"
sticky = true
env = { LOG_LEVEL = "info" }

[release]
command = "./bin/shop migrate"
timeout = "1h"

[health]
path = "/healthz"
host = "shop.example.org:8080"
interval = "250ms"
timeout = "1s"
healthy_threshold = 4
deadline = "90s"
)";

std::string message_of(std::string_view toml, std::optional<std::string_view> procfile = {}) {
  auto read = read_manifest(toml, procfile);
  BOOST_REQUIRE_MESSAGE(!read, "this manifest should be refused:\n" << toml);
  BOOST_TEST(to_string(read.error().code) == "invalid_argument");
  return read.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(manifest_files)

BOOST_AUTO_TEST_CASE(every_key_of_the_contract_is_read) {
  auto read = read_manifest(whole, {});
  BOOST_REQUIRE(read);
  BOOST_TEST(read->app == "shop");
  BOOST_TEST(read->build.command == "make release");
  BOOST_TEST(read->build.dockerfile == "deploy/Dockerfile");
  BOOST_TEST(read->build.timeout == 5min);
  BOOST_TEST(!read->build.network);
  BOOST_TEST(read->run.command == "./bin/shop");
  BOOST_TEST(read->run.instances == 3U);
  BOOST_TEST(read->run.stop_timeout == 1500ms);
  BOOST_TEST(read->run.sticky);
  BOOST_TEST(read->run.env.at("LOG_LEVEL") == "info");
  BOOST_TEST(read->release.command == "./bin/shop migrate");
  BOOST_TEST(read->release.timeout == 1h);
  BOOST_TEST(read->health.path.value() == "/healthz");
  BOOST_TEST(read->health.host.value() == "shop.example.org:8080");
  BOOST_TEST(read->health.interval == 250ms);
  BOOST_TEST(read->health.timeout == 1s);
  BOOST_TEST(read->health.healthy_threshold == 4U);
  BOOST_TEST(read->health.deadline == 90s);
}

BOOST_AUTO_TEST_CASE(every_key_of_containers_is_read) {
  auto read =
      read_manifest("[build]\ndockerfile = \"./deploy//Dockerfile\"\ntarget = \"run-time\"\n"
                    "[build.args]\nNODE_VERSION = \"18\"\n[run]\nuser = \"1000:www-data\"\n"
                    "read_only = true\n",
                    {});
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  BOOST_TEST(read->build.dockerfile == "deploy/Dockerfile");
  BOOST_TEST(read->build.target == "run-time");
  BOOST_TEST(read->build.args.size() == 1U);
  BOOST_TEST(read->build.args.at("NODE_VERSION") == "18");
  BOOST_TEST(read->run.user == "1000:www-data");
  BOOST_TEST(read->run.read_only);
  BOOST_TEST(read->run.command.empty());
  read = read_manifest("[build]\nimage = \"nginx:1.22\"\nargs = {}\n", {});
  BOOST_TEST(!read.has_value());
  read = read_manifest("[build]\nimage = \"nginx:1.22\"\n", {});
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  BOOST_TEST(read->build.image == "nginx:1.22");
}

BOOST_AUTO_TEST_CASE(an_image_that_is_built_may_have_the_command) {
  using pawl::config::start_command;
  const auto read = read_manifest("app = \"shop\"\n", {}, pawl::config::app_name::optional,
                                  start_command::may_be_of_image);
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  BOOST_TEST(read->run.command.empty());
}

BOOST_AUTO_TEST_CASE(a_dockerfile_is_in_the_source) {
  for (const auto* outside :
       {"", "/Dockerfile", "../Dockerfile", "a/../../b", "deploy/", "a/..", ".", "./"})
    BOOST_TEST(message_of("[build]\ndockerfile = \"" + std::string{outside} + "\"", "web: ./w") ==
                   "line 2: build.dockerfile must be the path of a file in the source, such as "
                   "\"deploy/Dockerfile\", without .. and with no / in front",
               outside);
}

BOOST_AUTO_TEST_CASE(the_user_of_a_container_is_a_name_or_a_number) {
  for (const std::string good :
       {"www-data", "0", "1000", "1000:1000", "app:80", "2147483647", "_a"})
    BOOST_TEST(read_manifest("[run]\nuser = \"" + good + "\"", "web: ./w").has_value(), good);
  for (const std::string bad : {"", "a b", "1000:", ":1000", "a:b:c", "2147483648", "-1",
                                "99999999999999999999999", "a/b", "--privileged"})
    BOOST_TEST(message_of("[run]\nuser = \"" + bad + "\"", "web: ./w") ==
                   "line 2: run.user must be a user of the image, by name or number, such as "
                   "\"www-data\" or \"1000\"; a group may follow, as in \"1000:1000\"",
               bad);
}

BOOST_AUTO_TEST_CASE(a_build_has_128_arguments_at_most) {
  std::string toml = "[build.args]\n";
  for (int i = 0; i < 129; ++i)
    toml += fmt::format("A{} = \"\"\n", i);
  BOOST_TEST(message_of(toml, "web: ./w") ==
             "line 1: build.args has 129 entries, but may have 128 at most");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_has_its_default) {
  auto read = read_manifest("[run]\ncommand = \"./server\"\n", {});
  BOOST_REQUIRE(read);
  pawl::manifest expected;
  expected.run.command = "./server";
  BOOST_TEST(*read == expected);
}

BOOST_AUTO_TEST_CASE(a_procfile_starts_an_app_without_a_run_command) {
  auto read = read_manifest("", "worker: ./work\nweb:  ./bin/web --fast \r\n");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->run.command == "./bin/web --fast");
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_no_part_of_a_file) {
  auto read = read_manifest("\xEF\xBB\xBF"
                            "app = \"shop\"\n",
                            "\xEF\xBB\xBFweb: ./b\r\n");
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  BOOST_TEST(read->app == "shop");
  BOOST_TEST(read->run.command == "./b");
  const std::string utf16{"\xFF\xFE"
                          "w\0e\0",
                          6};
  BOOST_TEST(message_of("", utf16) == "the Procfile is in UTF-16: save it in UTF-8");
  BOOST_TEST(message_of("", std::string_view{"web: ./run\0x", 12}) ==
             "the Procfile has a byte that is 0, and is no text so: save it in UTF-8");
  BOOST_TEST(message_of(utf16) == "line 1: the file is in UTF-16: save it in UTF-8");
}

BOOST_AUTO_TEST_CASE(the_run_command_goes_before_the_procfile) {
  auto read = read_manifest("[run]\ncommand = \"./a\"\n", "web: ./b\n");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->run.command == "./a");
}

BOOST_AUTO_TEST_CASE(the_release_line_of_a_procfile_is_the_release_command) {
  constexpr std::string_view procfile = "release: ./migrate\nweb: ./web\n";
  auto read = read_manifest("", procfile);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->release.command == "./migrate");
  read = read_manifest("[release]\ntimeout = \"1h\"\n", procfile);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->release.command == "./migrate");
  BOOST_TEST(read->release.timeout == 1h);
  read = read_manifest("[release]\ncommand = \"./other\"\n", procfile);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->release.command == "./other");
  read = read_manifest("", "web: ./web\n# release: ./migrate\nrelease:\n");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->release.command.empty());
}

BOOST_AUTO_TEST_CASE(an_app_that_nothing_starts_is_refused) {
  BOOST_TEST(message_of("app = \"shop\"").find("nothing says how to start the app") == 0U);
  BOOST_TEST(message_of("", "release: ./migrate\nweb:\n").find("no web line") != std::string::npos);
}

struct mistake {
  std::string_view toml; // after a run command of its own
  std::string_view message;
};

constexpr auto mistakes = std::to_array<mistake>({
    {"app = 3", "line 1: app is a whole number, but must be a string"},
    {"app = \"Shop\"",
     "line 1: \"Shop\" cannot be the name of an app: use 1 to 40 lower-case letters, digits and "
     "hyphens, with no hyphen at either end"},
    {"ap = \"shop\"", "line 1: ap is not a known key; did you mean app?"},
    {"colour = \"red\"", "line 1: colour is not a known key; remove it"},
    {"build = \"make\"", "line 1: build is a string, but must be a table"},
    {"[build]\ntimout = \"3m\"",
     "line 2: build.timout is not a known key; did you mean build.timeout?"},
    {"[build]\ntimeout = 30",
     "line 2: build.timeout is a whole number, but must be a duration in quotes, such as "
     "\"500ms\", \"30s\" or \"5m\""},
    {"[build]\ntimeout = \"30 m\"", "line 2: build.timeout is \"30 m\", but must be a duration in "
                                    "quotes, such as \"500ms\", \"30s\" or \"5m\""},
    {"[build]\ntimeout = \"25h\"",
     "line 2: build.timeout is \"25h\", but must be from \"1s\" to \"1d\""},
    {"[build]\nnetwork = \"no\"", "line 2: build.network is a string, but must be true or false"},
    {"[build]\ncommand = [\"make\"]", "line 2: build.command is an array, but must be a string"},
    {"[build]\ncommand = \"a\\u0000b\"", "line 2: build.command contains a NUL character"},
    {"[build]\nimage = \"Nginx\"", "line 2: build.image is \"Nginx\", but must be the name of an "
                                   "image, such as \"nginx:1.22\" or "
                                   "\"ghcr.io/acme/shop@sha256:…\""},
    {"[build]\nimage = \"nginx\"\ncommand = \"make\"",
     "line 3: build.command has no effect beside build.image, which runs as it is: remove one of "
     "them"},
    {"[build]\nimage = \"nginx\"\ndockerfile = \"Dockerfile\"",
     "line 3: build.dockerfile has no effect beside build.image, which runs as it is: remove one "
     "of them"},
    {"[build]\nimage = \"nginx\"\ntarget = \"a\"\n[build.args]\nA = \"b\"",
     "line 3: build.target has no effect beside build.image, which runs as it is: remove one of "
     "them\n"
     "line 4: build.args has no effect beside build.image, which runs as it is: remove one of "
     "them"},
    {"[build]\nimage = 1", "line 2: build.image is a whole number, but must be a string"},
    {"[build]\ntarget = \"run time\"",
     "line 2: build.target must be the name of a stage of the Dockerfile (FROM … AS NAME): 1 to "
     "128 letters, digits, hyphens, dots and _"},
    {"[build]\nargs = [\"A=b\"]", "line 2: build.args is an array, but must be a table"},
    {"[build.args]\n\"A-B\" = \"c\"", "line 2: build.args: \"A-B\" cannot be the name of a "
                                      "variable: use letters, digits and _, with "
                                      "no digit in front"},
    {"[build.args]\nA = 1", "line 2: build.args.A is a whole number, but must be a string"},
    {"[run]\nread_only = \"yes\"", "line 2: run.read_only is a string, but must be true or false"},
    {"[release]\ntimeout = \"1m\"",
     "line 1: release has no command: give it one, or remove the table"},
    {"[release]\ncommand = 1", "line 2: release.command is a whole number, but must be a string"},
    {"[health]\npath = \"healthz\"", "line 2: health.path must begin with / and have no spaces, "
                                     "control characters or letters beyond ASCII"},
    {"[health]\npath = \"/a b\"", "line 2: health.path must begin with / and have no spaces, "
                                  "control characters or letters beyond ASCII"},
    {"[health]\nhost = \"\"", "line 2: health.host must be a host name, such as "
                              "\"shop.example.org\"; a port may follow, as in \"localhost:3000\""},
    {"[health]\nhost = \"a b\"", "line 2: health.host must be a host name, such as "
                                 "\"shop.example.org\"; a port may follow, as in "
                                 "\"localhost:3000\""},
    {"[health]\nhost = \"http://shop.test\"",
     "line 2: health.host must be a host name, such as \"shop.example.org\"; a port may follow, as "
     "in \"localhost:3000\""},
    {"[health]\nhost = \"shop.test:http\"",
     "line 2: health.host must be a host name, such as \"shop.example.org\"; a port may follow, as "
     "in \"localhost:3000\""},
    {"[health]\nhost = 3", "line 2: health.host is a whole number, but must be a string"},
    {"[health]\nhealthy_threshold = 0",
     "line 2: health.healthy_threshold is 0, but must be from 1 to 1000"},
    {"[health]\ninterval = \"10s\"\nhealthy_threshold = 7",
     "line 3: health.healthy_threshold leaves no time for healthy_threshold checks, one each "
     "interval"},
    {"[health]\ninterval = \"1ms\"",
     "line 2: health.interval is \"1ms\", but must be from \"10ms\" to \"1h\""},
});

BOOST_AUTO_TEST_CASE(each_mistake_has_its_message) {
  for (const auto& each : mistakes)
    BOOST_TEST(message_of(each.toml, "web: ./server") == each.message);
}

BOOST_AUTO_TEST_CASE(mistakes_of_the_run_table_are_named) {
  BOOST_TEST(message_of("[run]\ncommand = 1") ==
             "line 2: run.command is a whole number, but must be a string");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\ninstances = 65") ==
             "line 3: run.instances is 65, but must be from 1 to 64");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\ninstances = 1.5") ==
             "line 3: run.instances is a number with a fraction, but must be a whole number");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\nstop_timeout = \"11m\"") ==
             "line 3: run.stop_timeout is \"11m\", but must be from \"0s\" to \"10m\"");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\nenv = { PORT = \"80\" }") ==
             "line 3: run.env.PORT cannot be set: the server chooses the port and gives it to the "
             "app");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\nenv = { \"A B\" = \"80\" }") ==
             "line 3: run.env: \"A B\" cannot be the name of a variable: use letters, digits and "
             "_, with no digit in front");
  BOOST_TEST(message_of("[build]\nenv = { \"A B\" = \"80\" }\n[run]\ncommand = \"x\"") ==
             "line 2: build.env: \"A B\" cannot be the name of a variable: use letters, digits and "
             "_, with no digit in front");
  BOOST_TEST(message_of("[run]\ncommand = \"x\"\nenv = { A = 1 }") ==
             "line 3: run.env.A is a whole number, but must be a string");
}

BOOST_AUTO_TEST_CASE(all_problems_are_reported_in_the_order_of_the_file) {
  BOOST_TEST(message_of("app = \"-\"\n[health]\ndeadlin = \"1s\"\n[build]\nnetwork = 1\n") ==
             "line 1: \"-\" cannot be the name of an app: use 1 to 40 lower-case letters, digits "
             "and hyphens, with no hyphen at either end\n"
             "line 3: health.deadlin is not a known key; did you mean health.deadline?\n"
             "line 5: build.network is a whole number, but must be true or false\n"
             "nothing says how to start the app: add a command to the [run] table, such as "
             "command = \"./bin/server\", or a Procfile with a web line");
}

BOOST_AUTO_TEST_CASE(a_mistake_in_the_syntax_has_its_line) {
  BOOST_TEST(message_of("app = \"shop\"\n[run\ncommand = 1").find("line 2: this is not TOML: ") ==
             0U);
}

BOOST_AUTO_TEST_CASE(mistakes_in_the_syntax_hide_no_other_problem) {
  const auto told = message_of("app = shop\n[build]\ncommand = 'make\nnetwrk = true\n[run]\n"
                               "command = ./run\n[release]\n");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < told.size();) {
    auto end = std::min(told.find('\n', at), told.size());
    lines.push_back(told.substr(at, end - at));
    at = end + 1;
  }
  // That there is no command of run or of release may be due to the mistakes.
  BOOST_REQUIRE_MESSAGE(lines.size() == 4U, told);
  BOOST_TEST(lines[0].starts_with("line 1: this is not TOML: "), told);
  BOOST_TEST(lines[1].starts_with("line 3: this is not TOML: "), told);
  BOOST_TEST(lines[2] == "line 4: build.netwrk is not a known key; did you mean build.network?");
  BOOST_TEST(lines[3].starts_with("line 6: this is not TOML: "), told);
}

BOOST_AUTO_TEST_CASE(lines_that_an_earlier_mistake_spoils_are_not_told) {
  for (const auto* spoilt :
       {"app = [\n\"a\"\n[run]\ncommand = \"x\"\n", "app = \"\"\"\n[run]\ncommand = \"x\"\n",
        "app = \"a\"\napp = \"b\"\n[run]\nx = 1\n"}) {
    const auto told = message_of(spoilt);
    BOOST_TEST(told.find("this is not TOML") != std::string::npos, told);
    BOOST_TEST(told.find('\n') == std::string::npos, told);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_name_is_told_with_the_other_problems) {
  auto read = read_manifest("[run]\ncomand = 1\n", {}, pawl::config::app_name::required);
  BOOST_REQUIRE(!read);
  for (const auto* part : {"line 2: run.comand", "nothing says how to start", "no app is named"})
    BOOST_TEST(read.error().message.find(part) != std::string::npos, read.error().message);
  BOOST_TEST(
      read_manifest("app = \"a\"\n[run]\ncommand = \"x\"\n", {}, pawl::config::app_name::required)
          .has_value());
}

BOOST_AUTO_TEST_CASE(a_manifest_over_its_limit_is_too_large) {
  auto read = read_manifest(std::string(pawl::limits::manifest_bytes + 1, '\n'), {});
  BOOST_REQUIRE(!read);
  BOOST_TEST(to_string(read.error().code) == "too_large");
}

BOOST_AUTO_TEST_SUITE_END()
