#include "test/engines/engine_contract.hpp"

#include "test/support/eventually.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>

namespace pawl::test {

// Named, as unity builds put several contracts into one file.
namespace engine_cases {

using namespace std::chrono_literals;

constexpr auto no_grace = 0ms;

template <class T>
std::string code_of(const result<T>& what) {
  return what ? "" : std::string{to_string(what.error().code)};
}
template <class T>
void require(const result<T>& what) {
  BOOST_REQUIRE_MESSAGE(what.has_value(), (what ? "" : what.error().message));
}

void ignore_line(std::string_view, std::string_view) {}

artifact built(engine_site& site, const build_job& job) {
  require(site.engine().build(job, ignore_line, {}));
  auto pushed = site.engine().push(job, {});
  require(pushed);
  return *pushed;
}

// An instance of the app in the job, which is built for it.
instance_spec spec_of(engine_site& site, const std::string& deployment,
                      sample which = sample::runs) {
  auto job = site.job(deployment, which);
  instance_spec spec;
  spec.name = instance_name(deployment, 1);
  spec.deployment = deployment;
  spec.lane = {job.app, "local"};
  spec.version = {1};
  spec.artifact = built(site, job).digest;
  spec.settings = job.settings;
  spec.memory_bytes = 128 * limits::mib;
  return spec;
}

instance started(engine_site& site, const instance_spec& spec) {
  auto running = site.engine().start(spec);
  require(running);
  return *running;
}

std::vector<std::string> listed(engine_site& site, instance_state state) {
  auto all = site.engine().list();
  require(all);
  std::vector<std::string> names;
  for (const auto& one : *all)
    if (one.state == state)
      names.push_back(one.name);
  return names;
}

using names = std::vector<std::string>;

// The end of an instance, as watch() tells it; also that it is told once.
class watched_end {
public:
  watched_end(engine_site& site, const std::string& name) {
    site.engine().watch(name, [told = told_](const instance& ended) {
      if (told->times++ == 0)
        told->end.set_value(ended);
    });
  }
  instance get() {
    auto future = told_->end.get_future();
    BOOST_REQUIRE(future.wait_for(patience) == std::future_status::ready);
    return future.get();
  }
  bool was_told() const { return told_->times > 0; }
  int times() const { return told_->times; }

private:
  struct state {
    std::promise<instance> end;
    std::atomic<int> times = 0;
  };
  std::shared_ptr<state> told_ = std::make_shared<state>();
};

// --- builds

void this_machine_has_what_the_engine_needs(engine_site& site) {
  require(site.engine().check());
}

void push_finds_nothing_before_a_build(engine_site& site) {
  BOOST_TEST(code_of(site.engine().push(site.job("d1", sample::runs), {})) == "not_found");
}

void an_artifact_is_named_by_its_digest(engine_site& site) {
  BOOST_TEST(is_digest(built(site, site.job("d1", sample::runs)).digest));
}

void a_push_can_be_repeated_also_after_a_restart(engine_site& site) {
  auto job = site.job("d1", sample::runs);
  auto first = built(site, job);
  auto again = site.engine().push(job, {});
  require(again);
  BOOST_TEST(again->digest == first.digest);
  site.restart();
  again = site.engine().push(job, {});
  require(again);
  BOOST_TEST(again->digest == first.digest);
}

void a_build_can_be_repeated(engine_site& site) {
  auto job = site.job("d1", sample::runs);
  auto first = built(site, job);
  BOOST_TEST(built(site, job).digest == first.digest);
}

void a_failed_build_leaves_nothing_to_push(engine_site& site) {
  auto job = site.job("d1", sample::build_fails);
  BOOST_TEST(code_of(site.engine().build(job, ignore_line, {})) == "build_failed");
  BOOST_TEST(code_of(site.engine().push(job, {})) == "not_found");
}

void a_cancelled_build_leaves_nothing_to_push(engine_site& site) {
  auto job = site.job("d1", sample::runs);
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST(code_of(site.engine().build(job, ignore_line, stop.get_token())) == "cancelled");
  BOOST_TEST(code_of(site.engine().push(job, {})) == "not_found");
}

void discard_removes_a_build_and_keeps_the_artifact(engine_site& site) {
  auto spec = spec_of(site, "d1");
  auto unpushed = site.job("d2", sample::runs);
  require(site.engine().build(unpushed, ignore_line, {}));
  auto left = site.engine().leftovers();
  BOOST_TEST((std::find(left.begin(), left.end(), "d2") != left.end()));
  for (const auto* deployment : {"d1", "d2", "d2", "never-built"})
    site.engine().discard(deployment);
  BOOST_TEST(site.engine().leftovers().empty());
  BOOST_TEST(code_of(site.engine().push(unpushed, {})) == "not_found");
  started(site, spec);
}

// --- release commands

void a_release_command_runs_in_the_artifact(engine_site& site) {
  require(site.engine().run_release(spec_of(site, "d1"), ignore_line, {}));
}

void a_release_command_that_fails_is_told(engine_site& site) {
  auto spec = spec_of(site, "d1", sample::release_fails);
  BOOST_TEST(code_of(site.engine().run_release(spec, ignore_line, {})) == "release_failed");
}

// --- instances

void a_started_instance_has_an_address_and_is_what_was_asked_for(engine_site& site) {
  auto spec = spec_of(site, "d1");
  auto running = started(site, spec);
  BOOST_TEST(running.name == "d1-1");
  BOOST_TEST(running.deployment == "d1");
  BOOST_TEST((running.lane == spec.lane));
  BOOST_TEST((running.state == instance_state::running));
  BOOST_TEST(running.address.find(':') != std::string::npos);
}

void an_instance_of_an_unknown_artifact_is_not_started(engine_site& site) {
  auto spec = spec_of(site, "d1");
  spec.artifact = "sha256:" + std::string(64, '0');
  BOOST_TEST(code_of(site.engine().start(spec)) == "not_found");
  BOOST_TEST(listed(site, instance_state::running) == names{}, boost::test_tools::per_element());
}

void a_start_of_what_runs_gives_what_runs(engine_site& site) {
  auto spec = spec_of(site, "d1");
  auto address = started(site, spec).address;
  BOOST_TEST(started(site, spec).address == address);
  site.restart();
  BOOST_TEST(started(site, spec).address == address);
}

void instances_outlive_the_server_and_are_listed(engine_site& site) {
  auto spec = spec_of(site, "d1");
  started(site, spec);
  spec.name = instance_name("d1", 2);
  started(site, spec);
  site.restart();
  BOOST_TEST(listed(site, instance_state::running) == (names{"d1-1", "d1-2"}),
             boost::test_tools::per_element());
}

void a_stopped_instance_is_not_listed_and_can_be_stopped_again(engine_site& site) {
  started(site, spec_of(site, "d1"));
  for (int times = 0; times < 2; ++times)
    require(site.engine().stop("d1-1", no_grace));
  require(site.engine().stop("never-started-1", no_grace));
  auto all = site.engine().list();
  require(all);
  BOOST_TEST(all->empty());
}

void an_instance_that_exits_is_listed_as_exited_until_it_is_stopped(engine_site& site) {
  started(site, spec_of(site, "d1"));
  watched_end end{site, "d1-1"};
  site.end("d1-1");
  BOOST_TEST((end.get().state == instance_state::exited));
  BOOST_TEST(listed(site, instance_state::exited) == names{"d1-1"},
             boost::test_tools::per_element());
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(listed(site, instance_state::exited) == names{}, boost::test_tools::per_element());
}

void an_exited_instance_is_started_again(engine_site& site) {
  auto spec = spec_of(site, "d1");
  started(site, spec);
  watched_end end{site, "d1-1"};
  site.end("d1-1");
  end.get();
  BOOST_TEST((started(site, spec).state == instance_state::running));
}

void every_watcher_is_told_once_of_an_end(engine_site& site) {
  started(site, spec_of(site, "d1"));
  watched_end one{site, "d1-1"};
  watched_end other{site, "d1-1"};
  BOOST_TEST(!one.was_told());
  site.end("d1-1");
  BOOST_TEST(one.get().name == "d1-1");
  BOOST_TEST(other.get().name == "d1-1");
  watched_end late{site, "d1-1"};
  BOOST_TEST((late.get().state == instance_state::exited));
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(one.times() == 1);
  BOOST_TEST(other.times() == 1);
}

void a_stop_is_told_to_watchers(engine_site& site) {
  started(site, spec_of(site, "d1"));
  watched_end end{site, "d1-1"};
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST((end.get().state == instance_state::exited));
}

// --- logs

const names three{"one", "two", "three"};

instance_logs& printed_three(engine_site& site) {
  started(site, spec_of(site, "d1"));
  site.print("d1-1", three);
  return site.engine().logs();
}

log_page read_all(instance_logs& logs, bool unfinished = false) {
  return logs.read("d1-1", 0, 100, unfinished);
}

void a_log_is_read_from_its_beginning_to_its_end(engine_site& site) {
  auto& logs = printed_three(site);
  auto page = read_all(logs);
  BOOST_TEST(page.lines == three, boost::test_tools::per_element());
  BOOST_TEST(page.skipped == 0U);
  BOOST_TEST(page.at_end);
  BOOST_TEST(!page.stopped);
  page = logs.read("d1-1", page.next, 100, false);
  BOOST_TEST(page.lines.empty());
  BOOST_TEST(page.at_end);
}

void a_log_is_read_in_pages(engine_site& site) {
  auto& logs = printed_three(site);
  names read;
  std::uint64_t from = 0;
  for (bool more = true; more;) {
    auto page = logs.read("d1-1", from, 1, false);
    BOOST_REQUIRE(page.lines.size() <= 1U);
    BOOST_REQUIRE((page.next > from || page.at_end));
    read.insert(read.end(), page.lines.begin(), page.lines.end());
    from = page.next;
    more = !page.at_end;
  }
  BOOST_TEST(read == three, boost::test_tools::per_element());
}

void the_last_lines_are_found(engine_site& site) {
  auto& logs = printed_three(site);
  const names last{"two", "three"};
  BOOST_TEST(logs.last_lines("d1-1", 2) == last, boost::test_tools::per_element());
  BOOST_TEST(logs.last_lines("d1-1", 100) == three, boost::test_tools::per_element());
  auto page = logs.read("d1-1", logs.last_lines_begin("d1-1", 2), 100, false);
  BOOST_TEST(page.lines == last, boost::test_tools::per_element());
}

void a_log_outlives_the_server_and_its_instance(engine_site& site) {
  printed_three(site);
  site.restart();
  BOOST_TEST(read_all(site.engine().logs()).lines == three, boost::test_tools::per_element());
  require(site.engine().stop("d1-1", no_grace));
  auto page = read_all(site.engine().logs());
  BOOST_TEST(page.lines == three, boost::test_tools::per_element());
  BOOST_TEST(page.stopped);
}

void the_log_of_an_instance_that_never_existed_is_empty(engine_site& site) {
  auto& logs = site.engine().logs();
  auto page = logs.read("never-started-1", 0, 100, true);
  BOOST_TEST(page.lines.empty());
  BOOST_TEST(page.at_end);
  BOOST_TEST(page.stopped);
  BOOST_TEST(logs.last_lines("never-started-1", 5).empty());
  BOOST_TEST(logs.last_lines_begin("never-started-1", 5) == 0U);
}

void a_log_that_grows_is_told_once(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  BOOST_TEST(told == 0);
  site.print("d1-1", {"four"});
  BOOST_TEST(eventually([&] { return told == 1; }));
  site.print("d1-1", {"five"});
  BOOST_TEST(told == 1);
}

void a_log_that_has_grown_already_is_told(engine_site& site) {
  auto& logs = printed_three(site);
  auto seen = read_all(logs);
  site.print("d1-1", {"four"});
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", seen, [&] { ++told; });
  BOOST_TEST(eventually([&] { return told == 1; }));
}

void a_stop_is_told_to_watchers_of_the_log(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(eventually([&] { return told == 1; }));
}

void a_watch_that_was_given_up_is_not_told(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto given_up = logs.watch("d1-1", read_all(logs), [&] { told += 100; });
  given_up.reset();
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  site.print("d1-1", {"four"});
  BOOST_TEST(eventually([&] { return told > 0; }));
  BOOST_TEST(told == 1);
}

} // namespace engine_cases

#define PAWL_CASE(name)                                                                            \
  { #name, engine_cases::name }

bool add_engine_contract(const make_site<engine_site>& make, std::set<std::string> exempt) {
  return add_contract<engine_site>(
      {
          PAWL_CASE(this_machine_has_what_the_engine_needs),
          PAWL_CASE(push_finds_nothing_before_a_build),
          PAWL_CASE(an_artifact_is_named_by_its_digest),
          PAWL_CASE(a_push_can_be_repeated_also_after_a_restart),
          PAWL_CASE(a_build_can_be_repeated),
          PAWL_CASE(a_failed_build_leaves_nothing_to_push),
          PAWL_CASE(a_cancelled_build_leaves_nothing_to_push),
          PAWL_CASE(discard_removes_a_build_and_keeps_the_artifact),
          PAWL_CASE(a_release_command_runs_in_the_artifact),
          PAWL_CASE(a_release_command_that_fails_is_told),
          PAWL_CASE(a_started_instance_has_an_address_and_is_what_was_asked_for),
          PAWL_CASE(an_instance_of_an_unknown_artifact_is_not_started),
          PAWL_CASE(a_start_of_what_runs_gives_what_runs),
          PAWL_CASE(instances_outlive_the_server_and_are_listed),
          PAWL_CASE(a_stopped_instance_is_not_listed_and_can_be_stopped_again),
          PAWL_CASE(an_instance_that_exits_is_listed_as_exited_until_it_is_stopped),
          PAWL_CASE(an_exited_instance_is_started_again),
          PAWL_CASE(every_watcher_is_told_once_of_an_end),
          PAWL_CASE(a_stop_is_told_to_watchers),
      },
      make, std::move(exempt));
}

bool add_instance_logs_contract(const make_site<engine_site>& make, std::set<std::string> exempt) {
  return add_contract<engine_site>(
      {
          PAWL_CASE(a_log_is_read_from_its_beginning_to_its_end),
          PAWL_CASE(a_log_is_read_in_pages),
          PAWL_CASE(the_last_lines_are_found),
          PAWL_CASE(a_log_outlives_the_server_and_its_instance),
          PAWL_CASE(the_log_of_an_instance_that_never_existed_is_empty),
          PAWL_CASE(a_log_that_grows_is_told_once),
          PAWL_CASE(a_log_that_has_grown_already_is_told),
          PAWL_CASE(a_stop_is_told_to_watchers_of_the_log),
          PAWL_CASE(a_watch_that_was_given_up_is_not_told),
      },
      make, std::move(exempt));
}

#undef PAWL_CASE

} // namespace pawl::test
