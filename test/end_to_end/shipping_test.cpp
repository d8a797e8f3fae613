// A source builds and runs on the server as it does on its author's machine.
#include "test/end_to_end/running_server.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>

namespace {

using namespace pawl::test;

void set_time(const std::filesystem::path& file, std::timespec modified) {
  std::array<std::timespec, 2> times{modified, modified};
  BOOST_REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0) == 0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(shipping_test)

BOOST_AUTO_TEST_CASE(a_build_makes_anew_what_is_older_than_its_source) {
  running_server server;
  const sample_app shop{.build = "find made -newer from | grep made || cp from made; "
                                 "test -e cafe\xcc\x81.txt",
                        .run = "GREETING=$(cat made) exec perl serve.pl"};
  const std::filesystem::path app = write_app(server.place(), shop);
  write_text(app / "from", "edited\n");
  write_text(app / "made", "old\n");
  write_text(app / "cafe\xcc\x81.txt", "decomposed, as macOS writes it\n");
  set_time(app / "made", {1'700'000'000, 1'000'000});
  set_time(app / "from", {1'700'000'000, 2'000'000}); // within the same second
  check_exit(server.pawl({"deploy", app}), 0);
  BOOST_TEST(server.answer_of("shop") == "edited");
}

BOOST_AUTO_TEST_CASE(a_copy_with_other_times_is_the_same_request) {
  running_server server;
  const std::filesystem::path app = write_app(server.place(), {});
  const auto first = record_of(server.pawl({"deploy", app, "--request-id", "ci-1", "--json"}));
  set_time(app / "serve.pl", {1'700'000'000, 0}); // as in a new clone
  const auto again = server.pawl({"deploy", app, "--request-id", "ci-1", "--json"});
  check_exit(again, 0);
  BOOST_TEST(record_of(again).at("id") == first.at("id"));
  write_text(app / "more", "");
  check_exit(server.pawl({"deploy", app, "--request-id", "ci-1"}), 2);
}

BOOST_AUTO_TEST_CASE(a_build_and_its_app_know_their_commit_and_the_build_its_own_variables) {
  running_server server;
  const std::filesystem::path app = write_app(
      server.place(),
      {.build = "echo \"$FLAVOUR $CI $PAWL_BRANCH $PAWL_COMMIT\" >built",
       .build_settings = "env = { FLAVOUR = \"mild\", CI = \"false\" }",
       .run = "GREETING=\"$(cat built) | $PAWL_BRANCH $PAWL_COMMIT$FLAVOUR\" exec perl serve.pl"});
  const auto git = [&](words rest) {
    words all{"/usr/bin/git", "-C", app, "-c", "user.name=A", "-c", "user.email=a@example.org"};
    all.insert(all.end(), rest.begin(), rest.end());
    return program({.arguments = all,
                    .environment = {{"HOME", server.place()}, {"PATH", "/usr/bin:/bin"}},
                    .directory = app,
                    .out = server.place() / "git.out",
                    .err = server.place() / "git.err"})
        .wait();
  };
  check_exit(git({"init", "-q", "-b", "trunk"}), 0);
  check_exit(git({"add", "-A"}), 0);
  check_exit(git({"commit", "-qm", "one"}), 0);
  auto commit = git({"rev-parse", "HEAD"}).out;
  commit.pop_back();
  check_exit(server.pawl({"deploy", app}), 0);
  BOOST_TEST(server.answer_of("shop") == "mild false trunk " + commit + " | trunk " + commit);
}

BOOST_AUTO_TEST_CASE(a_procfile_is_enough) {
  running_server server;
  const std::filesystem::path app = write_app(server.place(), {});
  std::filesystem::remove(app / "pawl.toml");
  write_text(app / "Procfile", "\xEF\xBB\xBFweb: GREETING=hello exec perl serve.pl\r\n");
  check_exit(server.pawl({"deploy", app, "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "hello");
}

BOOST_AUTO_TEST_CASE(a_job_that_is_told_to_end_says_that_the_deployment_goes_on) {
  running_server server;
  gate build;
  auto job = begin_deploy(server, {.build = build.command()});
  BOOST_REQUIRE(build.reached());
  const auto id = in_flight_of(server);
  job->signal(SIGTERM);
  const auto end = job->wait();
  BOOST_TEST(end.status == 130);
  BOOST_TEST(mentions(end.out + end.err, "deployment " + id + " goes on"), end.out + end.err);
  BOOST_TEST(mentions(end.out + end.err, "pawl cancel " + id), end.out + end.err);
  build.open();
  check_exit(server.pawl({"attach", id}), 0);
}

BOOST_AUTO_TEST_SUITE_END()
