#include "test/engines/engine_contract.hpp"

#include "test/engines/contract_steps.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <algorithm>
#include <atomic>
#include <future>

namespace pawl::test {

// Named, as unity builds put several contracts into one file.
namespace engine_cases {

names listed(engine_site& site, instance_state state) {
  auto all = site.engine().list();
  require(all);
  names found;
  for (const auto& one : *all)
    if (one.state == state)
      found.push_back(one.name);
  std::sort(found.begin(), found.end());
  return found;
}

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

void it_says_which_artifacts_it_has(engine_site& site) {
  auto job = site.job("d1", sample::runs);
  auto made = built(site, job);
  const auto unknown = "sha256:" + std::string(64, '0');
  for (int lives = 0; lives < 2; ++lives) {
    BOOST_TEST(site.engine().has_artifact(job.app, made.digest));
    BOOST_TEST(!site.engine().has_artifact(job.app, unknown));
    site.restart();
  }
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
  BOOST_TEST(std::find(left.begin(), left.end(), "d2") != left.end());
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
  BOOST_TEST(running.lane == spec.lane);
  BOOST_TEST(running.state == instance_state::running);
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

void instances_of_other_processes_are_found_by_their_names(engine_site& site) {
  auto spec = spec_of(site, "d1");
  started(site, spec);
  spec.process = "worker";
  spec.name = instance_name("d1", spec.process, 1);
  BOOST_TEST(started(site, spec).name == "d1-worker-1");
  site.restart();
  BOOST_TEST(listed(site, instance_state::running) == (names{"d1-1", "d1-worker-1"}),
             boost::test_tools::per_element());
  require(site.engine().stop("d1-worker-1", no_grace));
  BOOST_TEST(listed(site, instance_state::running) == names{"d1-1"},
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
  BOOST_TEST(end.get().state == instance_state::exited);
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
  BOOST_TEST(started(site, spec).state == instance_state::running);
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
  BOOST_TEST(late.get().state == instance_state::exited);
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(one.times() == 1);
  BOOST_TEST(other.times() == 1);
}

void a_stop_is_told_to_watchers(engine_site& site) {
  started(site, spec_of(site, "d1"));
  watched_end end{site, "d1-1"};
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(end.get().state == instance_state::exited);
}

void it_says_where_an_instance_listens(engine_site& site) {
  const auto address = started(site, spec_of(site, "d1")).address;
  const auto listens = [&] {
    return judge_listening(address, site.engine().listening("d1-1")) == listening_verdict::as_asked;
  };
  BOOST_TEST(eventually(listens));
  site.restart();
  BOOST_TEST(listens());
  require(site.engine().stop("d1-1", no_grace));
  for (const auto* none : {"d1-1", "never-started-1", "../d1-1", ""})
    BOOST_TEST((site.engine().listening(none) == listening_places{}), none);
}

// --- volumes

instance_spec with_volume(instance_spec spec) {
  spec.settings.volumes["data"] = {"/data"};
  return spec;
}

names volumes_of(engine_site& site) {
  auto all = site.engine().volumes();
  require(all);
  names found;
  for (const auto& one : *all)
    found.push_back(one.lane.app + " " + one.lane.cluster + " " + one.name);
  return found;
}

void a_volume_outlives_its_instances_and_the_server(engine_site& site) {
  const auto spec = with_volume(spec_of(site, "d1"));
  const names one{"shop local data"};
  BOOST_TEST(volumes_of(site) == names{}, boost::test_tools::per_element());
  started(site, spec);
  BOOST_TEST(volumes_of(site) == one, boost::test_tools::per_element());
  require(site.engine().stop(spec.name, no_grace));
  site.restart();
  BOOST_TEST(volumes_of(site) == one, boost::test_tools::per_element());
}

void each_lane_has_volumes_of_its_own(engine_site& site) {
  auto spec = with_volume(spec_of(site, "d1"));
  started(site, spec);
  spec.name = instance_name("d1", 2);
  spec.lane.cluster = "staging";
  started(site, spec);
  BOOST_TEST(volumes_of(site) == (names{"shop local data", "shop staging data"}),
             boost::test_tools::per_element());
}

void a_volume_is_removed_only_when_no_instance_has_it(engine_site& site) {
  const auto spec = with_volume(spec_of(site, "d1"));
  BOOST_TEST(code_of(site.engine().remove_volume(spec.lane, "data")) == "not_found");
  started(site, spec);
  for (int lives = 0; lives < 2; ++lives) {
    BOOST_TEST(code_of(site.engine().remove_volume(spec.lane, "data")) == "invalid_transition");
    site.restart();
  }
  require(site.engine().stop(spec.name, no_grace));
  require(site.engine().remove_volume(spec.lane, "data"));
  BOOST_TEST(volumes_of(site) == names{}, boost::test_tools::per_element());
  BOOST_TEST(code_of(site.engine().remove_volume(spec.lane, "data")) == "not_found");
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
          PAWL_CASE(it_says_which_artifacts_it_has),
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
          PAWL_CASE(instances_of_other_processes_are_found_by_their_names),
          PAWL_CASE(an_instance_that_exits_is_listed_as_exited_until_it_is_stopped),
          PAWL_CASE(an_exited_instance_is_started_again),
          PAWL_CASE(every_watcher_is_told_once_of_an_end),
          PAWL_CASE(a_stop_is_told_to_watchers),
          PAWL_CASE(it_says_where_an_instance_listens),
          PAWL_CASE(a_volume_outlives_its_instances_and_the_server),
          PAWL_CASE(each_lane_has_volumes_of_its_own),
          PAWL_CASE(a_volume_is_removed_only_when_no_instance_has_it),
      },
      make, std::move(exempt));
}

#undef PAWL_CASE

} // namespace pawl::test
