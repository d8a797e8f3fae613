// The data directory: verified, damaged, backed up, restored, copied.
#include "test/faults/damaged_world.hpp"
#include "test/persistence/raw_file.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
using pawl::schema::database;
namespace fs = std::filesystem;

outcome verify(running_server& server, const fs::path& directory) {
  return server.begin_pawld("--verify", directory)->wait();
}

outcome use_tool(running_server& server, const std::string& flag, const fs::path& file) {
  return server
      .begin_pawld({"--config", (server.place() / "pawld.toml").string(), flag, file.string()})
      ->wait();
}

// The same, and it is killed at the n-th of such calls of it or of its tar. Whether it came to its
// end.
// A leak checker cannot work under strace, and would fail what it could not check.
bool tool_survives(running_server& server, const std::string& flag, const fs::path& file,
                   const std::string& calls, unsigned n) {
  server.run_under({"/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=" + calls, "-e",
                    fmt::format("inject={}:signal=KILL:when={}", calls, n)});
  server.set_environment({{"ASAN_OPTIONS", "detect_leaks=0"}});
  const auto end = use_tool(server, flag, file);
  server.set_environment({});
  server.run_under({});
  constexpr unsigned calls_of_a_tool = 4000; // far above any
  BOOST_REQUIRE_MESSAGE(n < calls_of_a_tool, flag << " does not end: " << end.err);
  return end.status == 0;
}

// Kills a restore at each such call in turn, until one comes to its end. A server refuses each half
// that is left. How many there were.
unsigned halves_of_killed_restores(running_server& server, const fs::path& file,
                                   const std::string& calls) {
  unsigned halves = 0;
  for (unsigned n = 1; !tool_survives(server, "--restore", file, calls, n); ++n) {
    if (fs::exists(server.data() / "pawl-backup")) {
      ++halves;
      const auto end = server.begin_pawld("--config", server.place() / "pawld.toml")->wait();
      check_exit(end, exits::internal);
      BOOST_TEST(mentions(end.err, "restore the backup again"), end.err);
    }
    fs::remove_all(server.data());
  }
  return halves;
}

// With owners, modes and sockets.
void copy_whole(const fs::path& from, const fs::path& to) {
  program_plan plan{{"/usr/bin/cp", "-a", from.string(), to.string()}};
  plan.directory = to.parent_path();
  plan.out = to.parent_path() / "output" / "cp.out";
  plan.err = to.parent_path() / "output" / "cp.err";
  check_exit(program{plan}.wait(), 0);
}

void flip_a_bit(const running_server& server, database db, const std::string& key) {
  raw_file file{server.data() / "store"};
  auto value = file.get(db, key);
  value.back() = static_cast<char>(value.back() ^ 1);
  file.put(db, key, value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(data_test)

// Fault: F9 F30; hits: disk; at: active; holds: I10 I11.
BOOST_AUTO_TEST_CASE(verify_says_whether_a_directory_is_sound_damaged_or_in_use) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  check_exit(verify(server, server.data()), exits::usage);
  check_exit(verify(server, server.place() / "nothing"), exits::usage);
  BOOST_TEST(!fs::exists(server.place() / "nothing"));
  server.kill();
  const auto sound = verify(server, server.data());
  check_exit(sound, 0);
  BOOST_TEST(mentions(sound.out, "1 deployments"), sound.out);
  flip_a_bit(server, database::deployments, pawl::schema::deployment_key(id));
  const auto broken = verify(server, server.data());
  check_exit(broken, exits::internal);
  BOOST_TEST(mentions(broken.out, "I10 deployments/" + id), broken.out);
}

// Fault: F38; hits: disk; at: active; holds: I5.
BOOST_AUTO_TEST_CASE(verify_tells_of_an_artifact_that_is_gone) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  server.stop();
  fs::remove_all(server.data() / "releases" / "shop");
  const auto broken = use_tool(server, "--verify", server.data());
  check_exit(broken, exits::internal);
  BOOST_TEST(mentions(broken.out, "I5 deployments/" + id), broken.out);
}

// Fault: F9; hits: disk; at: active; holds: I10.
BOOST_AUTO_TEST_CASE(pages_that_cannot_be_read_are_told_and_are_no_crash) {
  running_server server;
  deploy(server, {});
  server.stop();
  const auto file = server.data() / "store" / "data.mdb";
  const auto whole = read_text(file);
  constexpr std::size_t page = 4096;
  write_text(file, whole.substr(0, 3 * page)); // the meta pages, and hardly more
  check_exit(verify(server, server.data()), exits::internal);
  write_text(file, std::string(2 * page, '\xff') + whole.substr(2 * page));
  check_exit(verify(server, server.data()), exits::internal);
}

// Fault: F9; hits: disk; at: building active start; holds: I4 I10.
BOOST_AUTO_TEST_CASE(a_damaged_record_is_told_by_name_and_its_lane_is_left_alone) {
  running_server server;
  deploy(server, {.greeting = "one"});
  deploy(server, {.name = "blog", .greeting = "news"});
  gate door;
  auto held = begin_deploy(server, {.greeting = "two", .build = door.command()});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  server.kill();
  flip_a_bit(server, database::deployments, pawl::schema::deployment_key(id));
  server.start();
  BOOST_TEST(mentions(server.log(), id), server.log());
  const auto shown = server.pawl({"show", id, "--json"});
  check_exit(shown, exits::internal);
  BOOST_TEST(document_of(shown).at("error").at("code") == "data_corruption");
  const auto status = document_of(server.pawl({"status", "--json"}));
  for (const auto& lane : status.at("lanes")) {
    BOOST_TEST(lane.contains("error") == (lane.at("app") == "shop"));
    if (lane.contains("error"))
      BOOST_TEST(mentions(lane.at("error").at("message"), id));
  }
  BOOST_TEST(mentions(server.pawl({"status"}).out, id));
  const auto history = document_of(server.pawl({"history", "--json"}));
  BOOST_TEST(history.at("deployments").size() == 2U); // the two that are sound
  BOOST_REQUIRE(history.at("damaged").size() == 1U);
  BOOST_TEST(mentions(history.at("damaged").at(0).at("message"), id));
  BOOST_TEST(mentions(server.pawl({"history"}).out, "damaged, and not shown"));
  BOOST_TEST(server.answer_of("shop") == "one");
  check_exit(begin_deploy(server, {.greeting = "three"})->wait(), exits::internal);
  BOOST_TEST(!door.reached(std::chrono::milliseconds{200}));
  deploy(server, {.name = "blog", .greeting = "more news"});
  BOOST_TEST(server.answer_of("blog") == "more news");
}

// Fault: F31; hits: machine; at: building active; holds: I5 I8.
BOOST_AUTO_TEST_CASE(a_backup_of_a_server_at_work_is_restored_and_goes_on) {
  running_server server;
  deploy(server, {.greeting = "one"});
  deploy(server, {.greeting = "two"});
  gate door;
  check_exit(begin_deploy(server, {.name = "blog", .build = door.command()}, {"--detach"})->wait(),
             0);
  BOOST_REQUIRE(door.reached());
  const auto blog = in_flight_of(server, "blog");
  const auto file = server.place() / "backup.tar";
  check_exit(use_tool(server, "--backup", file), 0);
  check_exit(use_tool(server, "--backup", file), exits::usage); // there is one
  deploy(server, {.greeting = "three"});
  server.kill();
  check_exit(use_tool(server, "--restore", file), exits::usage); // not empty
  fs::rename(server.data(), server.place() / "before");
  const auto early = use_tool(server, "--restore", file); // instances of before still run
  check_exit(early, exits::usage);
  BOOST_TEST(mentions(early.err, "still run"), early.err);
  server.end_everything();
  check_exit(use_tool(server, "--restore", file), 0);
  check_exit(verify(server, server.data()), 0);
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "two"; }));
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 3U);
  BOOST_REQUIRE(door.reached());
  door.open();
  BOOST_TEST(eventually([&] { return show(server, blog).at("state") == "active"; }));
  BOOST_TEST(server.answer_of("blog") == "hello");
  check_exit(server.pawl({"rollback", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "one");
}

// Each deployment stores its source and its artifact while one of the backups reads those before.
// Fault: F31; hits: machine; at: building pushing active; holds: I8.
BOOST_AUTO_TEST_CASE(backups_succeed_whatever_deployments_do_meanwhile) {
  running_server server;
  std::vector<fs::path> backups;
  for (const auto* greeting : {"one", "two", "three", "four"}) {
    const auto going_on =
        begin_deploy(server, {.greeting = greeting, .build = "head -c 20000000 /dev/zero >large"});
    while (going_on->running()) {
      backups.push_back(server.place() / fmt::format("{}.tar", backups.size()));
      check_exit(use_tool(server, "--backup", backups.back()), 0);
    }
    check_exit(going_on->wait(), 0);
  }
  const auto config = server.place() / "other.toml";
  const auto other = server.place() / "restored";
  write_text(config, fmt::format("data_dir = \"{}\"\n", other.string()));
  for (const auto& file : backups) { // each is verified too
    check_exit(server.begin_pawld({"--config", config, "--restore", file})->wait(), 0);
    fs::remove_all(other);
  }
}

// Fault: F33; hits: machine; at: active; holds: I8 I10.
BOOST_AUTO_TEST_CASE(a_backup_that_is_killed_leaves_no_file_and_can_be_made_again) {
  running_server server;
  deploy(server, {.greeting = "one"});
  const auto file = server.place() / "backups" / "backup.tar";
  fs::create_directories(file.parent_path());
  unsigned deaths = 0;
  const std::string calls = "write,fsync,fdatasync,syncfs,rename,renameat,renameat2";
  for (unsigned n = 1; !tool_survives(server, "--backup", file, calls, n); n += 1 + n / 4) {
    ++deaths;
    if (fs::exists(file)) // killed after its last rename
      fs::remove(file);
  }
  BOOST_TEST(deaths > 0U);
  BOOST_TEST(fs::exists(file));
  deploy(server, {.greeting = "two"});
  BOOST_TEST(server.answer_of("shop") == "two");
}

// Fault: F33; hits: machine; at: start; holds: I8 I10.
BOOST_AUTO_TEST_CASE(a_restore_that_is_killed_is_told_and_never_served) {
  running_server server;
  deploy(server, {.greeting = "one"});
  const auto file = server.place() / "backup.tar";
  check_exit(use_tool(server, "--backup", file), 0);
  server.stop();
  server.end_everything();
  fs::rename(server.data(), server.place() / "before");
  // Not write: a sanitizer asks by dozens of writes into a pipe whether memory can be read.
  const std::string calls_of_tar = "mkdirat,utimensat";
  const std::string calls_of_the_tool = "syncfs,unlink,fsync";
  BOOST_TEST(halves_of_killed_restores(server, file, calls_of_tar) > 0U);
  fs::remove_all(server.data());
  BOOST_TEST(halves_of_killed_restores(server, file, calls_of_the_tool) > 0U);
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "one"; }));
}

// Fault: F31; hits: machine; at: start; holds: I4 I11.
BOOST_AUTO_TEST_CASE(a_server_on_a_copied_directory_leaves_the_instances_of_the_first_alone) {
  running_server first;
  running_server second;
  const std::string id = deploy(first, {.greeting = "first"}).at("id");
  const auto instance = first.instance_pid(id + "-1");
  const auto router = first.router_pid();
  second.stop();
  second.end_everything();
  fs::remove_all(second.data());
  copy_whole(first.data(), second.data());
  second.start();
  BOOST_TEST(eventually([&] { return second.answer_of("shop") == "first"; }));
  BOOST_TEST(first.answer_of("shop") == "first");
  BOOST_TEST(first.instance_pid(id + "-1") == instance);
  BOOST_TEST(second.instance_pid(id + "-1") != instance);
  BOOST_TEST(first.router_pid() == router);
  deploy(second, {.greeting = "second"});
  BOOST_TEST(second.answer_of("shop") == "second");
  // When the second has stopped what it had before.
  BOOST_TEST(eventually([&] { return second.jobs().size() == 1; }));
  BOOST_TEST(first.answer_of("shop") == "first");
  BOOST_TEST(first.jobs().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
