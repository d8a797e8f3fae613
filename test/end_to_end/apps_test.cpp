// Apps that misbehave: each is told apart, the version before serves on, and nothing of it is left.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

// A server written in a line of perl: what it does with each connection.
std::string server_that(const std::string& each) {
  return "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", "
         "LocalPort => $ENV{PORT}, Listen => 64, ReuseAddr => 1) or die; $SIG{PIPE} = \"IGNORE\"; "
         "while ($c = $s->accept) { sysread $c, $b, 9999; " +
         each + " close $c }'";
}

std::string answering(const std::string& head, const std::string& body = "") {
  return server_that(fmt::format("syswrite $c, \"HTTP/1.1 {}\\r\\nConnection: close\\r\\n"
                                 "Content-Length: {}\\r\\n\\r\\n{}\";",
                                 head, body.size(), body));
}

constexpr const char* quick = "path = \"/healthz\"\ninterval = \"50ms\"\ntimeout = \"500ms\"\n"
                              "healthy_threshold = 1\ndeadline = \"3s\"\n";

struct with_old_version {
  running_server server;
  std::string old;

  with_old_version() { old = deploy(server, {.greeting = "old"}).at("id"); }

  // Deploys what does not become healthy; gives its record, which must say why.
  json refuse(const std::string& run, const std::string& why) {
    const auto end = begin_deploy(server, {.run = run, .health = quick}, {"--json"})->wait();
    check_exit(end, 5);
    auto record = record_of(end);
    BOOST_TEST(record.at("error").at("code") == "unhealthy");
    BOOST_TEST(mentions(record.at("error").at("message"), why), record.at("error").dump());
    BOOST_TEST(server.answer_of("shop") == "old");
    BOOST_TEST(lane_of(server).at("active").at("id") == old);
    const auto job = fmt::format("instance-{}-1", record.at("id").get<std::string>());
    BOOST_TEST(eventually([&] { return !server.jobs().contains(job); }), job << " is left");
    return record;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(apps_test)

BOOST_FIXTURE_TEST_CASE(an_app_that_never_listens, with_old_version) {
  const std::string message = refuse("exec sleep 100", "refused").at("error").at("message");
  BOOST_TEST(mentions(message, "-1 listens on no port; it should listen on $PORT"), message);
  BOOST_TEST(mentions(message, "The instance has printed nothing"), message);
}

BOOST_FIXTURE_TEST_CASE(an_app_that_listens_elsewhere, with_old_version) {
  // On a port that the kernel chooses.
  const auto record = refuse("PORT=0 exec perl serve.pl", "refused");
  const std::string message = record.at("error").at("message");
  BOOST_TEST(mentions(message, "-1 listens on 127.0.0.1:"), message);
  BOOST_TEST(mentions(message, "it should listen on $PORT, which is "), message);
  const auto told = server.pawl({"attach", record.at("id")});
  BOOST_TEST(mentions(told.out, "listens on 127.0.0.1:"), told.out);
}

BOOST_FIXTURE_TEST_CASE(an_app_that_answers_500, with_old_version) {
  refuse(answering("500 Broken"), "500");
}

// Fault: F29; hits: instance; at: activating; holds: I4.
BOOST_FIXTURE_TEST_CASE(an_app_that_accepts_and_says_nothing, with_old_version) {
  refuse(server_that("push @all, $c; undef $c; next;"), "");
}

BOOST_FIXTURE_TEST_CASE(an_app_that_forks_away_from_its_command, with_old_version) {
  refuse("(setsid sleep 1000 >/dev/null 2>&1 &) ; (trap \"\" TERM; while :; do sleep 1; done) & "
         "sleep 1000 & exit 0",
         "");
}

BOOST_AUTO_TEST_CASE(a_redirect_is_healthy) {
  running_server server;
  const auto end = begin_deploy(server, {.run = answering("302 Found")}, {"--json"})->wait();
  check_exit(end, 0);
}

// Fault: F29; hits: instance; at: activating; holds: I9.
BOOST_AUTO_TEST_CASE(an_endless_answer_to_the_health_check_is_not_read_to_its_end) {
  running_server server;
  const auto app = server_that("syswrite $c, \"HTTP/1.1 200 OK\\r\\n\\r\\n\"; $x = \"x\" x 65536; "
                               "1 while syswrite $c, $x;");
  const auto end = begin_deploy(server, {.run = app}, {"--json"})->wait();
  check_exit(end, 0);
}

BOOST_AUTO_TEST_CASE(what_ignores_sigterm_is_ended_by_force_with_all_that_it_started) {
  running_server server;
  const std::string id =
      deploy(server, {.greeting = "old",
                      .run = "trap \"\" TERM; (setsid sleep 1000 &); perl serve.pl; "
                             "while :; do sleep 1; done",
                      .run_settings = "stop_timeout = \"300ms\""})
          .at("id");
  deploy(server, {.greeting = "new"});
  BOOST_TEST(eventually([&] { return !server.jobs().contains("instance-" + id + "-1"); }));
  BOOST_TEST(server.answer_of("shop") == "new");
}

BOOST_AUTO_TEST_CASE(an_app_that_takes_too_much_memory_is_killed_and_told_so) {
  running_server server{"[cluster.local]\ndrain = \"1s\"\nmemory = \"64M\"\n"};
  if (mentions(server.log(), "no control groups"))
    return; // its memory is bounded for each process then, and the kernel kills nothing
  deploy(server, {.greeting = "old"});
  const auto end = begin_deploy(server,
                                {.run = "echo hungry; exec perl -e '$x = \"x\" x 200_000_000; "
                                        "sleep 100'"},
                                {"--json"})
                       ->wait();
  check_exit(end, 5);
  const std::string log = record_of(end).at("error").at("details").at("log");
  BOOST_TEST(mentions(log, "killed: it used more than 64 MiB of memory"), log);
  BOOST_TEST(mentions(record_of(end).at("error").at("message"), "more memory than its limit"));
  BOOST_TEST(server.answer_of("shop") == "old");
}

BOOST_AUTO_TEST_CASE(an_app_that_forks_without_end_meets_its_limit) {
  running_server server;
  deploy(server, {.greeting = "old"});
  const auto end = begin_deploy(server,
                                {.run = "perl -e 'for (1 .. 5000) { defined(my $p = fork) or last; "
                                        "$p or sleep 100; $n++ } print \"made $n\\n\"; sleep 100'",
                                 .health = quick},
                                {"--json"})
                       ->wait();
  check_exit(end, 5);
  BOOST_TEST(server.answer_of("shop") == "old");
  const std::string id = record_of(end).at("id");
  BOOST_TEST(eventually([&] { return !server.jobs().contains("instance-" + id + "-1"); }));
  const auto logs = read_text(server.data() / "logs" / (id + "-1"));
  const auto made = logs.find("made ");
  if (made != std::string::npos) // else it was ended before it had counted
    BOOST_TEST(std::stoul(logs.substr(made + 5)) <= 1024U);
}

BOOST_AUTO_TEST_SUITE_END()
