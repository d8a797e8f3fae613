// Data directories as each format's programs wrote them (test/faults/golden) open, list and deploy.
// With PAWL_WRITE_GOLDEN=1 in the environment this test writes the one of the present format: once,
// when the format is new.
#include "persistence/lmdb/schema.hpp"
#include "test/faults/damaged_world.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

const fs::path golden = fs::path{PAWL_SOURCE_DIR} / "test/faults/golden";

fs::path backup_of(unsigned format) {
  return golden / fmt::format("format-{}.tar.gz", format);
}

fs::path facts_of(unsigned format) {
  return golden / fmt::format("format-{}.json", format);
}

void check_tool(running_server& server, words command) {
  program_plan plan{std::move(command)};
  plan.environment = {{"PATH", "/usr/bin:/bin"}};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "tool.out";
  plan.err = server.place() / "output" / "tool.err";
  check_exit(program{plan}.wait(), 0);
}

json settled(running_server& server) {
  json all = json::array();
  const auto history = document_of(server.pawl({"history", "--json"}));
  for (const auto& one : history.at("deployments"))
    if (one.at("state") != "building" && one.at("app") == "shop")
      all.push_back(one);
  return all;
}

// No clock makes an audit record of the golden directory too old.
constexpr auto for_ever = "[cluster.local]\ndrain = \"1s\"\n[audit]\nkeep = \"36500d\"\n";

constexpr unsigned first_with_configurations = 6;

// Formats before did not have it in a deployment, where it is null.
json without_config(json x) {
  if (x.is_object())
    x.erase("config");
  if (x.is_structured())
    for (auto& member : x)
      member = without_config(member);
  return x;
}

// All that is over in the directory, as a user sees it, and what the format has beside it.
json facts(running_server& server, unsigned format) {
  json events = json::object();
  const auto deployments = settled(server);
  for (const auto& one : deployments)
    events[one.at("id")] = lines_of(server.pawl({"attach", one.at("id"), "--jsonl"}).out);
  auto versions = document_of(server.pawl({"versions", "-a", "shop", "--json"}));
  for (auto& one : versions.at("versions"))
    one.erase("readiness"); // it is of the moment
  json all{{"deployments", deployments}, {"versions", versions}, {"events", events}};
  constexpr unsigned first_with_access = 5;
  if (format >= first_with_access) {
    all["tokens"] = document_of(server.pawl({"token", "list", "--json"}));
    all["audit"] = document_of(server.pawl({"audit", "--json"}));
    all["frozen"] = json::array();
    const auto status = document_of(server.pawl({"status", "--json"}));
    for (const auto& lane : status.at("lanes"))
      all["frozen"].push_back({{lane.at("app"), lane.value("frozen", json{})}});
  }
  if (format < first_with_configurations)
    return without_config(all);
  all["variables"] = document_of(server.pawl({"env", "-a", "shop", "--json"}));
  all["configurations"] = document_of(server.pawl({"env", "history", "-a", "shop", "--json"}));
  return all;
}

// Deployments of all kinds: active, replaced, failed, cancelled, rolled back to, and a build in
// flight. Two tokens, a freeze, variables, a secret with its key, and what the audit journal has of
// all that.
void write_golden() {
  running_server server{for_ever};
  deploy(server, {.greeting = "one"});
  deploy(server, {.greeting = "two"}, {"-m", "the second"});
  check_exit(server.pawl({"env", "set", "LEVEL=debug", "-a", "shop"}), 0);
  check_exit(server.pawl({"env", "set", "TOKEN=open sesame", "--secret", "--stage", "-a", "shop"}),
             0);
  check_exit(begin_deploy(server, {.build = "echo no luck; exit 1"})->wait(), 3);
  gate door;
  auto cancelled = begin_deploy(server, {.greeting = "never", .build = door.command()});
  BOOST_REQUIRE(door.reached());
  check_exit(server.pawl({"cancel", in_flight_of(server)}), 0);
  cancelled->wait();
  check_exit(server.pawl({"rollback", "-a", "shop"}), 0);
  check_exit(server.pawl({"token", "create", "ci", "--role", "deploy", "--app", "shop", "--cluster",
                          "local", "--expires", "never"}),
             0);
  check_exit(server.pawl({"token", "create", "boss", "--role", "admin", "--expires", "never"}), 0);
  check_exit(
      begin_deploy(server, {.name = "blog", .greeting = "news", .build = "sleep 2"}, {"--detach"})
          ->wait(),
      0);
  const auto id = in_flight_of(server, "blog");
  BOOST_REQUIRE(eventually([&] { return show(server, id).at("state") == "building"; }));
  check_exit(server.pawl({"freeze", "-a", "blog", "--reason", "the sale"}), 0);
  const auto file = server.place() / "backup.tar";
  check_exit(server
                 .begin_pawld({"--config", (server.place() / "pawld.toml").string(), "--backup",
                               file, "--with-secret-key"})
                 ->wait(),
             0);
  BOOST_REQUIRE(show(server, id).at("state") == "building"); // as it is in the backup
  write_text(facts_of(pawl::schema::format), facts(server, pawl::schema::format).dump(1) + "\n");
  check_tool(server, {"/usr/bin/gzip", "-9n", file.string()});
  fs::copy_file(file.string() + ".gz", backup_of(pawl::schema::format),
                fs::copy_options::overwrite_existing);
}

void check_golden(unsigned format) {
  running_server server{for_ever};
  server.stop();
  server.end_everything();
  fs::remove_all(server.data());
  const auto file = server.place() / "golden.tar.gz";
  fs::copy_file(backup_of(format), file);
  check_tool(server, {"/usr/bin/gzip", "-d", file.string()});
  check_exit(server
                 .begin_pawld({"--config", (server.place() / "pawld.toml").string(), "--restore",
                               (server.place() / "golden.tar").string()})
                 ->wait(),
             0);
  server.start();
  const auto expected = json::parse(read_text(facts_of(format)));
  if (format >= first_with_configurations)
    BOOST_TEST(settled(server) == expected.at("deployments"));
  BOOST_TEST(facts(server, format) == expected);
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "one"; }));
  // The deployment in flight goes on, and new ones can be made.
  BOOST_TEST(eventually([&] { return server.answer_of("blog") == "news"; }));
  check_exit(server.pawl({"rollback", "2", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  deploy(server, {.greeting = "three"});
  BOOST_TEST(server.answer_of("shop") == "three");
}

} // namespace

BOOST_AUTO_TEST_SUITE(golden_test)

// Fault: F32; hits: pawld; at: start; holds: I13.
BOOST_AUTO_TEST_CASE(a_data_directory_of_each_format_opens_lists_and_deploys) {
  if (std::getenv("PAWL_WRITE_GOLDEN") != nullptr)
    write_golden();
  for (unsigned format = 1; format <= pawl::schema::format; ++format)
    BOOST_TEST_CONTEXT("format " << format) {
      check_golden(format);
    }
}

BOOST_AUTO_TEST_SUITE_END()
