#include "test/faults/container_world.hpp"

#include "posix/process_table.hpp"

#include <fmt/format.h>

#include <csignal>

namespace pawl::test {

namespace {

constexpr bool live_restore = true;
constexpr auto no_failpoint = "none";

} // namespace

std::vector<std::string> places_of_containers() {
  return {"effect build before",   "effect build after",  "effect push after",
          "effect release before", "effect start before", "effect start after",
          "effect switch before",  "effect switch after", "effect stop before"};
}

container_world::container_world() : daemon_(live_restore), server_(cluster_on(daemon_)) {
  server_.set_environment({{"PAWL_FAILPOINTS", server_.place() / "failpoint"}});
  write_text(server_.place() / "failpoint", no_failpoint);
  server_.stop();
  server_.start();
  deploy_that_ends(0);
}

std::unique_ptr<program> container_world::begin(container_app app) {
  app.greeting = fmt::format("g{}", ++deploys_);
  app.settings += "[run]\nstop_timeout = \"1s\"\n[release]\ncommand = \"true\"\n";
  return begin_deploying_containers(server_, app);
}

std::string container_world::deploy_that_ends(int status, container_app app) {
  const auto end = begin(std::move(app))->wait();
  check_exit(end, status);
  check();
  return end.out + end.err;
}

void container_world::stop_at(const std::string& place, const std::set<int>& ends,
                              const std::function<void()>& blow) {
  BOOST_TEST_CONTEXT(place) {
    write_text(server_.place() / "failpoint", "stop " + place);
    const auto client = begin({});
    BOOST_REQUIRE(eventually([&] {
      const auto found = find_process(server_.server().pid());
      return found && found->state == 'T';
    }));
    write_text(server_.place() / "failpoint", no_failpoint);
    blow();
    check_serving();
    server_.server().signal(SIGCONT);
    check_end(*client, ends);
  }
}

void container_world::die_at(const std::string& place, const std::set<int>& ends,
                             const std::function<void()>& blow) {
  BOOST_TEST_CONTEXT(place) {
    write_text(server_.place() / "failpoint", place);
    const auto client = begin({});
    server_.server().wait();
    write_text(server_.place() / "failpoint", no_failpoint);
    blow();
    check_serving();
    server_.start();
    check_end(*client, ends);
  }
}

// At a switch it may be the new one as well.
void container_world::check_serving() {
  const auto answer = server_.answer_of("shop");
  BOOST_TEST((answer == serving_ || answer == fmt::format("g{}", deploys_)), answer);
}

void container_world::check_end(program& client, const std::set<int>& ends) {
  const auto end = client.wait();
  BOOST_TEST(ends.contains(end.status),
             fmt::format("the client ended with {}: {}{}", end.status, end.out, end.err));
  check();
}

void container_world::check() {
  BOOST_TEST(eventually([&] { return lane_of(server_).at("in_flight").is_null(); }));
  const auto lane = lane_of(server_);
  const std::string id = lane.at("active").at("id");
  const auto history =
      document_of(server_.pawl({"history", "-a", "shop", "--json"})).at("deployments");
  std::size_t active = 0;
  for (const auto& one : history) {
    active += one.at("state") == "active" ? 1 : 0;
    const std::string state = one.at("state");
    BOOST_TEST(
        (state == "active" || state == "retired" || state == "rolled_back" || state == "failed"),
        one.dump());
  }
  BOOST_TEST(active == 1U);
  check_journal(server_, history.at(0).at("id"));
  const auto one_is_left = [&] {
    const auto all = containers_of(daemon_);
    return all.size() == 1 && mentions(all.front(), id);
  };
  BOOST_TEST(eventually(one_is_left), fmt::format("containers that are not of {} are left", id));
  const auto no_build_is_left = [&] {
    const auto all = images_of(daemon_);
    return std::none_of(all.begin(), all.end(),
                        [](const std::string& name) { return mentions(name, ":build-"); });
  };
  BOOST_TEST(eventually(no_build_is_left));
  const auto answers = [&] { return server_.answer_of("shop").starts_with("g"); };
  BOOST_TEST(eventually(answers), server_.answer_of("shop"));
  serving_ = server_.answer_of("shop");
}

} // namespace pawl::test
