#include "bin/pawld/server_process.hpp"

#include "actors/runtime/server_scheduler.hpp"
#include "actors/session/session.hpp"
#include "bin/pawld/crash_mark.hpp"
#include "bin/pawld/engines.hpp"
#include "bin/pawld/failpoints.hpp"
#include "bin/pawld/found_settings.hpp"
#include "bin/pawld/listeners.hpp"
#include "bin/pawld/stored_variables.hpp"
#include "config/manifest.hpp"
#include "engines/probes/socket_probe.hpp"
#include "engines/variables/configured_engine.hpp"
#include "identities/oidc/oidc_client.hpp"
#include "lifecycle/exhaustion.hpp"
#include "persistence/lmdb/lmdb_store.hpp"
#include "persistence/sealing_store.hpp"
#include "posix/random_token.hpp"
#include "posix/service_manager.hpp"
#include "routers/direct/direct_router.hpp"
#include "routers/haproxy/haproxy_router.hpp"
#include "sources/files/file_source_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/thread_hook.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <mutex>
#include <random>
#include <system_error>
#include <unistd.h>

namespace pawl {

namespace {

timestamp wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void log_line(std::string_view text) {
  fmt::print(stderr, "{:%Y-%m-%dT%H:%M:%SZ} pawld: {}\n",
             std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), text);
}

[[noreturn]] void end_without_answer(const error& why) {
  log_line(fmt::format("the server ends, because it cannot know which data is on its disk: {}. "
                       "Check the disk, run pawld --verify, and start the server again",
                       why.message));
  _exit(info(why.code).exit);
}

// Aborts, as after any fault of the server's own, so that the next server finds the crash mark.
[[noreturn]] void give_up(std::string_view why) {
  log_line(fmt::format("the server ends: {}. Start it again: deployments in flight go on", why));
  std::abort();
}

std::string new_deployment_id() {
  thread_local std::random_device source;
  const auto high = static_cast<std::uint64_t>(source()) << 32U;
  return make_deployment_id(wall_clock(), high | source());
}

std::shared_ptr<router> make_router(const config::server_config& settings) {
  if (settings.router.kind == "none")
    return std::make_shared<direct_router>();
  haproxy_options options;
  options.directory = settings.data_dir / "router";
  options.listen = settings.router.listen;
  options.domain = settings.router.domain;
  options.trusted_proxies = settings.router.trusted_proxies;
  options.first_cluster = settings.clusters.front().name;
  return std::make_shared<haproxy_router>(std::move(options));
}

class signal_stacks final : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override { give_thread_a_signal_stack(); }
  void thread_terminates() override {}
};

struct system_config : caf::actor_system_config {
  system_config() {
    load<caf::io::middleman>();
    add_thread_hook<signal_stacks>();
    set_up_scheduling(*this);
  }
};

// A start may hang, in the engine, the router or on the disk, and is ended all the same. All of it
// that stop() needs is behind the mutex.
class running_server final : public server_process {
public:
  explicit running_server(config::server_config settings) : settings_(std::move(settings)) {}

  // std::system_error is thrown where the system has no thread for an actor.
  result<void> start() override {
    try {
      auto up = bring_up();
      if (!up)
        close_listener(); // it must not accept clients that nobody would answer
      return up;
    } catch (const std::system_error& why) {
      if (why.code() == std::errc::resource_unavailable_try_again)
        return no_process_left("start the server");
      return error{errc::unavailable, fmt::format("cannot start the server: {}", why.what()), {}};
    }
  }

  void stop() override {
    log_line("stopping: deployments in flight go on at the next start");
    close_listener();
    const auto last = asked_at_the_end();
    if (!last.writer)
      return;
    const auto deadline = std::chrono::steady_clock::now() + limits::shutdown_timeout;
    caf::scoped_actor self{*system_};
    self->request(last.auditor, limits::shutdown_timeout / 2, tell_counts{})
        .receive([](const counts_told&) {},
                 [](const caf::error& why) {
                   log_line(fmt::format("the failed logins and refusals of the last minute are not "
                                        "in the audit journal ({})",
                                        caf::to_string(why)));
                 });
    // A change that is empty comes back after all that was decided before it.
    self->request(last.writer, deadline - std::chrono::steady_clock::now(), change{})
        .receive([](const result<receipt>&) {},
                 [](const caf::error&) { log_line("the store did not answer in time"); });
  }

  bool read_certificates_again() override {
    const std::lock_guard lock{mutex_};
    if (listeners_)
      listeners_->read_certificates_again();
    return settings_.tls.has_value();
  }

private:
  result<void> bring_up() {
    if (auto made = make_parts(settings_); !made)
      return made;
    system_ = std::make_unique<caf::actor_system>(system_config_);
    actors_ = spawn_server(*system_, parts_);
    publish_those_asked_at_the_end();
    // Listens now: requests that need only the store are answered at once, all others wait for the
    // engine and the router.
    if (auto open = open_listener(settings_); !open)
      return open;
    if (auto able = check_engines(parts_->engines, log_line); !able)
      return able;
    auto recovered = recover();
    if (recovered)
      tell_service_is_ready();
    return recovered;
  }

  struct last_actors {
    store_writer_actor writer;
    auditor_actor auditor;
  };

  void publish_those_asked_at_the_end() {
    const std::lock_guard lock{mutex_};
    last_ = {actors_.writer, actors_.auditor};
  }

  std::optional<protocol::server_place> place_for_others() {
    const std::lock_guard lock{mutex_};
    return listeners_ ? listeners_->place_for_others() : std::nullopt;
  }

  last_actors asked_at_the_end() {
    const std::lock_guard lock{mutex_};
    return last_;
  }

  void close_listener() {
    const std::lock_guard lock{mutex_};
    *closing_ = true;
    if (listeners_)
      listeners_->close();
  }

  result<void> open_listener(const config::server_config& settings) {
    auto make_session = make_session_factory(*system_, parts_, actors_);
    if (const auto* file = std::getenv("PAWL_FAILPOINTS"))
      make_session = failpoints::around_answers(*system_, std::move(make_session), file);
    auto lost = [closing = closing_](std::string_view reason) {
      if (!*closing)
        give_up(reason);
    };
    auto opened = listeners::open(*system_, settings, make_session, lost, log_line);
    if (!opened)
      return std::move(opened).error();
    const std::lock_guard lock{mutex_};
    listeners_ = *std::move(opened);
    if (*closing_)
      listeners_->close();
    return {};
  }

  result<void> make_parts(const config::server_config& settings) {
    auto records =
        lmdb_store::open(settings.data_dir / "store", {.on_lost_flush = end_without_answer});
    if (!records)
      return std::move(records).error();
    auto crashed = renew_crash_mark(settings.data_dir);
    if (!crashed)
      return std::move(crashed).error();
    auto parts = std::make_shared<server_parts>();
    const auto vault = std::make_shared<secret_vault>(secret_key_file(settings.data_dir));
    parts->records = std::make_shared<sealing_store>(std::move(*records), vault);
    parts->sources =
        std::make_shared<file_source_store>(settings.data_dir, settings.limits.upload_bytes);
    parts->router = make_router(settings);
    parts->probe = std::make_shared<socket_probe>();
    const auto variables = std::make_shared<stored_variables>(parts->records, vault);
    check_secrets(*parts->records, *vault, log_line);
    parts->engines = make_engines(settings, variables);
    for (auto& [kind, engine] : parts->engines)
      engine = std::make_shared<configured_engine>(engine, variables);
    parts->clusters = settings.clusters;
    parts->read_manifest = [](std::string_view text, const std::optional<std::string>& procfile) {
      // The lane knows its engine, and with that whether a command is missing.
      return config::read_manifest(text, procfile, config::app_name::optional,
                                   config::start_command::may_be_of_image);
    };
    parts->find_settings = settings_finder_of_machine();
    parts->now = wall_clock;
    parts->new_id = new_deployment_id;
    parts->log = log_line;
    parts->upload_bytes_max = settings.limits.upload_bytes;
    parts->upload_timeout = settings.limits.upload_timeout;
    parts->queued_max = settings.limits.queued;
    parts->access = {settings.access.users, ::geteuid(), settings.access.issuers};
    parts->issuers = std::make_shared<oidc_client>();
    parts->new_token = random_token;
    parts->place_for_others = [this] { return place_for_others(); };
    parts->audit_keep = settings.audit.keep;
    parts->crashed_before = *crashed;
    parts->give_up = give_up;
    if (const auto* file = std::getenv("PAWL_FAILPOINTS"))
      failpoints::add_to(*parts, file);
    parts_ = std::move(parts);
    return {};
  }

  result<void> recover() {
    caf::scoped_actor self{*system_};
    result<void> outcome;
    self->request(actors_.supervisor, limits::recovery_timeout, begin_recovery{})
        .receive(
            [&](const result<done>& answer) {
              if (!answer)
                outcome = answer.error();
            },
            [&](const caf::error&) {
              outcome = error{errc::timed_out,
                              "the engines or the router did not answer in time; see the lines "
                              "above, and start the server again",
                              {}};
            });
    // All lanes and instances were looked at together, and never are again.
    parts_->records->release_read_pages();
    ::malloc_trim(0);
    return outcome;
  }

  const config::server_config settings_;
  system_config system_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<const server_parts> parts_;
  server_actors actors_;
  std::mutex mutex_;
  std::unique_ptr<listeners> listeners_;
  last_actors last_; // those of actors_, once there are any
  // Set before the listeners are closed: its end is then no reason to end the server.
  std::shared_ptr<std::atomic<bool>> closing_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace

std::unique_ptr<server_process> server_process::make(config::server_config settings) {
  return std::make_unique<running_server>(std::move(settings));
}

} // namespace pawl
