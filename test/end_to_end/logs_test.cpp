// Every line that an app prints is shown once to each reader, whatever happens to the instance, the
// server and the deployment meanwhile; and the output fills neither disk nor memory.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <sys/stat.h>

namespace {

using namespace pawl::test;

constexpr std::uint64_t mib = 1024 * 1024;

bool ask(const running_server& server, const std::string& path) {
  http_client client("127.0.0.1", server.port());
  const auto response = client.get("shop.localhost", path, std::chrono::seconds{60});
  return response && response->status == 200;
}

// The app prints "n=FROM" to "n=TO". One whose answer was lost with its instance may have printed
// the number, so each further attempt prints a line of its own: "n=5.1".
void print_numbers(const running_server& server, int from, int to) {
  for (int i = from; i <= to; ++i) {
    int attempts = 0;
    BOOST_REQUIRE(eventually([&] {
      const int attempt = attempts++;
      return ask(server, attempt == 0 ? fmt::format("/print?n={}", i)
                                      : fmt::format("/print?n={}.{}", i, attempt));
    }));
  }
}

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i <= to; ++i)
    all.push_back(fmt::format("n={}", i));
  return all;
}

// The numbered lines of an output of --jsonl, which may end within a line.
std::vector<std::string> numbered(const std::string& out) {
  std::vector<std::string> all;
  for (const auto& event : lines_of(out.substr(0, out.rfind('\n') + 1)))
    if (event.at("event") == "log" && event.at("line").get<std::string>().starts_with("n="))
      all.push_back(event.at("line"));
  return all;
}

// Every line once, and every number.
void check_numbers(const std::string& out, int from, int to) {
  auto lines = numbered(out);
  const auto all = fmt::format("{}", fmt::join(lines, " "));
  const std::set<std::string> once(lines.begin(), lines.end());
  BOOST_TEST(once.size() == lines.size(), all);
  for (auto& line : lines)
    line.resize(std::min(line.find('.'), line.size()));
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  BOOST_TEST(lines == numbers(from, to), all);
}

bool shows(const program& reader, const std::string& what) {
  return eventually([&] { return mentions(reader.out(), what); });
}

std::uint64_t bytes_on_disk(const std::filesystem::path& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_blocks) * 512 : 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(logs_test)

BOOST_AUTO_TEST_CASE(the_last_lines_of_each_instance_are_shown) {
  running_server server;
  const std::string id = deploy(server, {.run = "echo one; echo two; exec perl serve.pl",
                                         .run_settings = "instances = 2"})
                             .at("id");
  const auto two = document_of(server.pawl({"logs", "-a", "shop", "-n", "2", "--json"}));
  BOOST_TEST(keys_of(two) == (std::set<std::string>{"lines"}));
  std::vector<std::string> seen;
  for (const auto& entry : two.at("lines"))
    seen.push_back(entry.at("instance").get<std::string>().substr(id.size()) + " " +
                   entry.at("line").get<std::string>().substr(0, 7));
  BOOST_TEST(seen == (std::vector<std::string>{"-1 two", "-1 serving", "-2 two", "-2 serving"}));
  const auto all = server.pawl({"logs", "-a", "shop"});
  check_exit(all, 0);
  BOOST_TEST(mentions(all.out, id + "-1 | one\n"), all.out);
  BOOST_TEST(mentions(all.out, id + "-2 | two\n"), all.out);
  const auto timed = server.pawl({"logs", id.substr(0, 6), "--timestamps", "-n", "1"});
  check_exit(timed, 0);
  const std::string at = two.at("lines").at(1).at("at");
  BOOST_TEST(mentions(timed.out, at + " " + id + "-1 | serving"), timed.out + at);
  const auto none = server.pawl({"logs", "-a", "shop", "-n", "0", "--jsonl"});
  check_exit(none, 0);
  BOOST_TEST(lines_of(none.out).size() == 1U);
  BOOST_TEST(lines_of(none.out).back().at("event") == "result");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_shown_is_told) {
  running_server server;
  deploy(server, {});
  check_exit(server.pawl({"logs", "-a", "nothing", "--json"}), 10);
  check_exit(server.pawl({"logs", "-a", "shop", "-C", "moon"}), 10);
  check_exit(server.pawl({"logs", "-a", "shop", "-n", "10001"}), 2);
  check_exit(server.pawl({"logs", "-a", "shop", "-f", "--json"}), 2);
  check_exit(server.pawl({"logs", "-a", "Shop!"}), 2);
  server.stop();
  const auto end = server.pawl({"logs", "-a", "shop", "--json"});
  check_exit(end, 11);
  BOOST_TEST(document_of(end).at("error").at("code") == "unavailable");
}

BOOST_AUTO_TEST_CASE(following_misses_nothing_and_doubles_nothing) {
  running_server server;
  const std::string first = deploy(server, {}).at("id");
  print_numbers(server, 1, 5);
  auto reader = server.begin({"logs", "-a", "shop", "-f", "--jsonl"});
  BOOST_TEST(shows(*reader, "n=5"));
  print_numbers(server, 6, 10);
  BOOST_TEST(shows(*reader, "n=10"));
  // The server dies, and the app goes on.
  server.kill();
  print_numbers(server, 11, 15);
  server.start();
  print_numbers(server, 16, 20);
  BOOST_TEST(shows(*reader, "n=20"));
  // The instance dies, and is started again.
  const auto before = server.instance_pid(first + "-1");
  ::kill(before, SIGKILL);
  print_numbers(server, 21, 25);
  BOOST_TEST(shows(*reader, "n=25"));
  // Another deployment takes its place.
  const std::string second = deploy(server, {.greeting = "two"}).at("id");
  print_numbers(server, 26, 30);
  BOOST_TEST(shows(*reader, "n=30"));
  BOOST_TEST(eventually([&] { return !server.jobs().contains("instance-" + first + "-1"); }));
  print_numbers(server, 31, 32);
  BOOST_TEST(shows(*reader, "n=32"));
  reader->signal(SIGINT);
  const auto end = reader->wait();
  check_exit(end, 130);
  check_numbers(end.out, 1, 32);
  const auto events = lines_of(end.out);
  BOOST_TEST(events.back().at("event") == "result");
  BOOST_TEST(mentions(end.err, "connected again"));
  bool last_words = false; // of the first deployment, which was drained
  for (const auto& event : events)
    last_words = last_words ||
                 (event.value("line", "") == "stopped" && event.at("instance") == first + "-1");
  BOOST_TEST(last_words);
}

BOOST_AUTO_TEST_CASE(a_first_deployment_that_failed_shows_its_last_words) {
  running_server server;
  const auto end = begin_deploy(server, {.run = "echo cannot find the till; sleep 100",
                                         .health = "path = \"/healthz\"\ndeadline = \"1s\"\n"})
                       ->wait();
  check_exit(end, 5);
  const auto logs = server.pawl({"logs", "-a", "shop"});
  check_exit(logs, 0);
  BOOST_TEST(mentions(logs.out, "cannot find the till"), logs.out);
}

BOOST_AUTO_TEST_CASE(bytes_of_any_kind_reach_neither_terminal_nor_json) {
  running_server server;
  deploy(server, {.run = "printf 'red \\033[31malert\\007 \\235 \\302\\233 end\\n'; "
                         "exec perl serve.pl"});
  const auto plain = server.pawl({"logs", "-a", "shop"});
  check_exit(plain, 0);
  BOOST_TEST(mentions(plain.out, "alert"));
  for (const auto* bytes : {"\033", "\007", "\302\233", "\235"})
    BOOST_TEST(!mentions(plain.out, bytes));
  const auto lines = document_of(server.pawl({"logs", "-a", "shop", "--json"})).at("lines");
  const std::string line = lines.at(0).at("line");
  BOOST_TEST(mentions(line, "\033[31malert"));
  BOOST_TEST(mentions(line, "\xEF\xBF\xBD"));
}

BOOST_AUTO_TEST_CASE(a_reader_whose_pipe_is_closed_ends) {
  running_server server;
  deploy(server, {});
  program_plan plan{{"/bin/sh", "-c",
                     fmt::format("{}/pawl logs -a shop -f --server unix:{} | head -n 1",
                                 PAWL_BIN_DIR, server.socket().string())}};
  plan.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", server.place().string()}};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "piped.out";
  plan.err = server.place() / "output" / "piped.err";
  program reader{plan};
  BOOST_TEST(shows(reader, "serving"));
  print_numbers(server, 1, 1); // the first write to the closed pipe
  BOOST_TEST(reader.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(a_flood_is_bounded_on_disk_and_in_memory_and_delays_nobody) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  auto reader = server.begin({"logs", "-a", "shop", "-f", "--jsonl"});
  BOOST_TEST(shows(*reader, "serving"));
  reader->signal(SIGSTOP);
  const auto before = server.server().resident_kib();
  BOOST_REQUIRE(ask(server, "/flood?1024"));
  print_numbers(server, 1, 1);
  const auto log = server.data() / "logs" / (id + "-1");
  BOOST_TEST(eventually([&] { return bytes_on_disk(log) <= 64 * mib; }));
  BOOST_TEST(server.server().resident_kib() < before + 16 * 1024);
  check_exit(server.pawl({"status"}), 0);
  const auto tail = document_of(server.pawl({"logs", "-a", "shop", "-n", "2", "--json"}));
  BOOST_TEST(tail.at("lines").at(1).at("line") == "n=1");
  reader->signal(SIGCONT);
  BOOST_TEST(shows(*reader, "n=1\""));
  BOOST_TEST(mentions(reader->out(), "\"event\":\"skipped\""));
  reader->signal(SIGINT);
  check_exit(reader->wait(), 130);
}

BOOST_AUTO_TEST_CASE(a_flood_while_the_server_is_down_is_cut_when_it_comes_back) {
  running_server server;
  const std::string id = deploy(server, {}).at("id");
  server.kill();
  BOOST_REQUIRE(ask(server, "/flood?200"));
  print_numbers(server, 1, 1);
  const auto log = server.data() / "logs" / (id + "-1");
  BOOST_TEST(bytes_on_disk(log) >= 200 * mib);
  server.start();
  BOOST_TEST(eventually([&] { return bytes_on_disk(log) <= 64 * mib; }));
  print_numbers(server, 2, 2);
  const auto tail = document_of(server.pawl({"logs", "-a", "shop", "-n", "2", "--json"}));
  BOOST_TEST(tail.at("lines").at(0).at("line") == "n=1");
  BOOST_TEST(tail.at("lines").at(1).at("line") == "n=2");
}

BOOST_AUTO_TEST_SUITE_END()
