#include "bin/pawld/failpoints.hpp"

#include "engines/forwarding_engine.hpp"
#include "persistence/forwarding_store.hpp"

#include <caf/event_based_actor.hpp>
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <new>
#include <unistd.h>

namespace pawl::failpoints {

namespace {

// Never returns; written so that no compiler makes a loop of it.
// NOLINTNEXTLINE(misc-no-recursion)
std::size_t overflow_stack(std::size_t depth) {
  std::array<volatile char, 4096> frame;
  frame[depth % frame.size()] = 1;
  return depth == std::numeric_limits<std::size_t>::max()
             ? 0
             : overflow_stack(depth + 1) + static_cast<std::size_t>(frame[depth % frame.size()]);
}

// Ends or stops this process at the place that the file names. Any thread.
class trap {
public:
  explicit trap(std::filesystem::path file) : file_(std::move(file)) {}

  void reach(std::string_view kind, std::string_view what, std::string_view moment) const {
    std::ifstream in{file_};
    std::string wanted;
    std::getline(in, wanted);
    auto place = fmt::format("{} {} {}", kind, what, moment);
    if (wanted == place)
      ::kill(::getpid(), SIGKILL);
    if (wanted == "stop " + place)
      ::raise(SIGSTOP); // of this thread: another one's would let it go on for a moment
    if (wanted == "crash " + place)
      std::abort();
    if (wanted == "overflow " + place)
      static_cast<void>(overflow_stack(0));
    if (wanted == "exhaust " + place)
      std::get_new_handler()(); // as operator new does
  }

  // Makes the call between its two places.
  template <class Call>
  auto around(std::string_view what, Call call) const {
    reach("effect", what, "before");
    auto outcome = call();
    reach("effect", what, "after");
    return outcome;
  }

private:
  std::filesystem::path file_;
};

using shared_trap = std::shared_ptr<const trap>;

// Nothing for a change without a deployment: lines of a journal, a mark of the writer's.
std::optional<std::string_view> name_of(const change& wanted) {
  if (wanted.deployments.empty())
    return std::nullopt;
  return wanted.journal.empty() ? "resumed" : to_string(wanted.deployments.front().state);
}

class trapped_store final : public forwarding_store {
public:
  trapped_store(shared_trap trap, std::shared_ptr<store> below)
      : forwarding_store(std::move(below)), trap_(std::move(trap)) {}

  std::vector<result<receipt>> commit(std::span<const change> changes) override {
    reach_all(changes, "before");
    auto outcomes = below().commit(changes);
    reach_all(changes, "after");
    return outcomes;
  }

private:
  void reach_all(std::span<const change> changes, std::string_view moment) const {
    for (const auto& one : changes)
      if (auto name = name_of(one))
        trap_->reach("commit", *name, moment);
  }

  shared_trap trap_;
};

class trapped_sources final : public source_store {
public:
  trapped_sources(shared_trap trap, std::shared_ptr<source_store> inner)
      : trap_(std::move(trap)), inner_(std::move(inner)) {}

  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override {
    return inner_->open_upload(deployment, app, promised);
  }
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override {
    return trap_->around("upload",
                         [&] { return inner_->append(deployment, offset, std::move(bytes)); });
  }
  void close_upload(const std::string& deployment) override { inner_->close_upload(deployment); }
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override {
    return trap_->around("verify", [&] { return inner_->verify(deployment, app, digest); });
  }
  std::filesystem::path path(const std::string& app, const std::string& digest) const override {
    return inner_->path(app, digest);
  }
  std::vector<std::string> uploads() const override { return inner_->uploads(); }
  void discard_upload(const std::string& deployment) override {
    inner_->discard_upload(deployment);
  }

private:
  shared_trap trap_;
  std::shared_ptr<source_store> inner_;
};

class trapped_engine final : public forwarding_engine {
public:
  trapped_engine(shared_trap trap, std::shared_ptr<engine> below)
      : forwarding_engine(std::move(below)), trap_(std::move(trap)) {}

  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override {
    return trap_->around("build", [&] { return below().build(job, sink, stop); });
  }
  result<artifact> push(const build_job& job, std::stop_token stop) override {
    return trap_->around("push", [&] { return below().push(job, stop); });
  }
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override {
    return trap_->around("release", [&] { return below().run_release(spec, sink, stop); });
  }
  result<instance> start(const instance_spec& spec) override {
    return trap_->around("start", [&] { return below().start(spec); });
  }
  result<void> stop(const std::string& name, duration grace) override {
    return trap_->around("stop", [&] { return below().stop(name, grace); });
  }
  void discard(const std::string& deployment) override {
    trap_->around("discard", [&] {
      below().discard(deployment);
      return true;
    });
  }

private:
  shared_trap trap_;
};

class trapped_router final : public router {
public:
  trapped_router(shared_trap trap, std::shared_ptr<router> inner)
      : trap_(std::move(trap)), inner_(std::move(inner)) {}

  result<void> restore(const std::vector<route>& routes) override {
    return trap_->around("restore", [&] { return inner_->restore(routes); });
  }
  result<void> switch_to(const route& to) override {
    return trap_->around("switch", [&] { return inner_->switch_to(to); });
  }
  bool is_running() const override { return inner_->is_running(); }
  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override {
    return inner_->let_clients_go(lane, deployment);
  }
  result<void> forget(const lane_key& lane, const std::string& deployment) override {
    return trap_->around("forget", [&] { return inner_->forget(lane, deployment); });
  }
  std::vector<std::string> hosts(const lane_key& lane) const override {
    return inner_->hosts(lane);
  }
  std::vector<std::string> urls(const lane_key& lane) const override { return inner_->urls(lane); }
  void watch(std::function<void()> on_death) override { inner_->watch(std::move(on_death)); }
  void stop() override { inner_->stop(); }

private:
  shared_trap trap_;
  std::shared_ptr<router> inner_;
};

// Stands for the connection towards its session, and lives as long as the connection.
caf::behavior answers_layer(caf::event_based_actor* self, shared_trap trap,
                            const caf::actor& connection) {
  self->monitor(connection);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  return {
      [self, trap, connection](server_answer& answer) {
        const auto kind = protocol::kind(answer.message.body);
        trap->reach("answer", kind, "before");
        answer.sent = [trap, kind] { trap->reach("answer", kind, "after"); };
        self->send(connection, std::move(answer));
      },
      [self, trap, connection](server_events& what) {
        static constexpr auto kind = protocol::events::kind;
        trap->reach("answer", kind, "before");
        what.sent = [trap] { trap->reach("answer", kind, "after"); };
        self->send(connection, std::move(what));
      },
      [self, connection](const request_handled& what) { self->send(connection, what); },
      [self, connection](const close_connection& what) { self->send(connection, what); },
  };
}

} // namespace

session_factory around_answers(caf::actor_system& system, session_factory inner,
                               const std::filesystem::path& file) {
  return [&system, inner = std::move(inner), shared = std::make_shared<const trap>(file)](
             const caf::actor& connection, const peer& who) {
    return inner(system.spawn(answers_layer, shared, connection), who);
  };
}

void add_to(server_parts& parts, const std::filesystem::path& file) {
  auto shared = std::make_shared<const trap>(file);
  parts.records = std::make_shared<trapped_store>(shared, parts.records);
  parts.sources = std::make_shared<trapped_sources>(shared, parts.sources);
  parts.router = std::make_shared<trapped_router>(shared, parts.router);
  for (auto& [kind, engine] : parts.engines)
    engine = std::make_shared<trapped_engine>(shared, engine);
}

} // namespace pawl::failpoints
