#include "actors/workers/engine_caller.hpp"

namespace pawl {

engine_caller_actor::behavior_type engine_caller(blocking<asking<engine_caller_actor::base>>*,
                                                 std::shared_ptr<engine> target,
                                                 std::shared_ptr<source_store> sources,
                                                 std::shared_ptr<probe> prober,
                                                 std::shared_ptr<unsettled_instances> unsettled) {
  return {
      [target, unsettled](const instance_spec& spec) {
        const auto noted =
            unsettled->begin({spec.name, spec.deployment, spec.lane, instance_state::running, {}});
        return target->start(spec);
      },
      [target, unsettled](const stop_instance& what) -> result<done> {
        const auto noted = unsettled->begin({what.name, {}, {}, instance_state::running, {}});
        auto stopped = target->stop(what.name, what.grace);
        if (!stopped)
          return std::move(stopped).error();
        return done{};
      },
      [target, unsettled](const list_instances&) { return unsettled->list(*target); },
      [target](const find_artifact& what) { return target->has_artifact(what.app, what.digest); },
      [target, prober](const probe_instance& what) {
        auto own = what.health.path ? std::nullopt : target->own_check(what.name);
        return own ? *std::move(own) : prober->ask(what.address, what.health);
      },
      [target](const find_listening& what) { return target->listening(what.name); },
      [target, sources](const discard_work& what) {
        target->discard(what.deployment);
        sources->discard_upload(what.deployment);
        return done{};
      },
      [target](const erase_volume& what) -> result<done> {
        auto removed = target->remove_volume(what.lane, what.name);
        if (!removed)
          return std::move(removed).error();
        return done{};
      },
      [target, sources](const list_leftovers&) {
        auto found = target->leftovers();
        auto uploads = sources->uploads();
        found.insert(found.end(), uploads.begin(), uploads.end());
        return found;
      },
      [target](const tail_instance& what) {
        return target->logs().last_lines(what.name, what.lines);
      },
      [target](const read_log& what) {
        auto& logs = target->logs();
        auto from = what.from ? *what.from : logs.last_lines_begin(what.name, what.lines);
        read_page got{logs.read(what.name, from, what.most_lines, what.unfinished)};
        if (what.more && got.page.at_end)
          got.watch = logs.watch(what.name, got.page, what.more);
        return got;
      },
  };
}

} // namespace pawl
