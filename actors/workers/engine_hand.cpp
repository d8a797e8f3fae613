#include "actors/workers/engine_hand.hpp"

namespace pawl {

engine_hand_actor::behavior_type engine_hand(blocking<asking<engine_hand_actor::base>>*,
                                             std::shared_ptr<engine> hands,
                                             std::shared_ptr<source_store> sources,
                                             std::shared_ptr<probe> prober) {
  return {
      [hands](const instance_spec& spec) { return hands->start(spec); },
      [hands](const stop_instance& what) -> result<done> {
        auto stopped = hands->stop(what.name, what.grace);
        if (!stopped)
          return std::move(stopped).error();
        return done{};
      },
      [hands](const list_instances&) { return hands->list(); },
      [prober](const probe_instance& what) { return prober->ask(what.address, what.health); },
      [hands, sources](const discard_work& what) {
        hands->discard(what.deployment);
        sources->discard_upload(what.deployment);
        return done{};
      },
      [hands, sources](const list_leftovers&) {
        auto found = hands->leftovers();
        auto uploads = sources->uploads();
        found.insert(found.end(), uploads.begin(), uploads.end());
        return found;
      },
      [hands](const tail_instance& what) {
        return hands->logs().last_lines(what.name, what.lines);
      },
      [hands](const read_log& what) {
        auto& logs = hands->logs();
        auto from = what.from ? *what.from : logs.last_lines_begin(what.name, what.lines);
        read_page got{logs.read(what.name, from, what.most_lines, what.unfinished)};
        if (what.more && got.page.at_end)
          got.watch = logs.watch(what.name, got.page, what.more);
        return got;
      },
  };
}

} // namespace pawl
