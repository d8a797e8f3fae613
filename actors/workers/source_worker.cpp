#include "actors/workers/source_worker.hpp"

#include <fmt/format.h>

namespace pawl {

result<std::uint64_t> source_worker_state::open(const open_upload& upload) {
  is_closed = false;
  return sources->open_upload(upload.deployment, upload.app, upload.promised);
}

done source_worker_state::close(const close_upload& upload) {
  is_closed = true;
  sources->close_upload(upload.deployment);
  return {};
}

// A client that gets `unavailable` asks for its deployment again, which opens the upload.
result<std::uint64_t> source_worker_state::append(append_upload& part) {
  if (is_closed)
    return error{errc::unavailable,
                 fmt::format("nothing came of the source of deployment {} for long; ask with the "
                             "same request id where it goes on",
                             part.deployment),
                 {{"deployment", part.deployment}}};
  auto reached = sources->append(part.deployment, part.offset, std::move(part.bytes));
  if (reached)
    self->send(lane, upload_moved{part.deployment, *reached});
  return reached;
}

result<verified_source> source_worker_state::verify(const verify_upload& upload) {
  auto reading = sources->verify(upload.deployment, upload.app, upload.digest);
  if (!reading)
    return std::move(reading).error();
  auto settings = read_manifest(reading->manifest.value_or(""), reading->procfile);
  if (!settings)
    return std::move(settings).error();
  if (!find_settings)
    return verified_source{reading->facts, std::move(*settings)};
  auto found = find_settings(*settings, sources->path(upload.app, upload.digest), upload.engine);
  if (!found)
    return std::move(found).error();
  return verified_source{reading->facts, std::move(found->settings), std::move(found->notes)};
}

source_worker_actor::behavior_type
source_worker(blocking_pointer<source_worker_actor, source_worker_state> self,
              std::shared_ptr<source_store> sources, manifest_reader read_manifest,
              settings_finder find_settings, lane_reports_actor lane) {
  auto& state = self->state;
  state.self = self;
  state.sources = std::move(sources);
  state.read_manifest = std::move(read_manifest);
  state.find_settings = std::move(find_settings);
  state.lane = std::move(lane);
  state.owner.begin(self, state.lane);
  return {
      [self](const open_upload& upload) { return self->state.open(upload); },
      [self](append_upload& part) -> result<std::uint64_t> { return self->state.append(part); },
      [self](const verify_upload& upload) -> result<verified_source> {
        return self->state.verify(upload);
      },
      [self](const close_upload& upload) { return self->state.close(upload); },
      [self](const discard_work& what) {
        self->state.sources->discard_upload(what.deployment);
        return done{};
      },
  };
}

} // namespace pawl
