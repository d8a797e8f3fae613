#include "actors/session/uploads.hpp"

#include <fmt/format.h>

namespace pawl {

bool uploads::may_begin(std::uint64_t ref) const {
  if (open_.size() < limits::uploads_at_once)
    return true;
  context_.refuse(ref, {errc::resource_exhausted,
                        fmt::format("one connection has at most {} uploads that are not complete",
                                    limits::uploads_at_once),
                        {}});
  return false;
}

void uploads::open(const std::string& deployment, source_worker_actor worker, std::uint64_t bytes) {
  open_[deployment] = {std::move(worker), bytes};
}

void uploads::append(std::uint64_t ref, protocol::upload_chunk& chunk) {
  auto upload = open_.find(chunk.deployment);
  if (upload == open_.end()) {
    context_.refuse(ref, {errc::invalid_argument,
                          fmt::format("no upload of deployment {} was opened on this connection",
                                      chunk.deployment),
                          {}});
    return context_.request_is_handled();
  }
  context_.self
      ->request(upload->second.worker, limits::request_timeout,
                append_upload{chunk.deployment, chunk.offset, std::move(chunk.bytes)})
      .then(
          [this, ref, id = chunk.deployment](result<std::uint64_t>& reached) {
            if (reached) {
              forget_complete(id, *reached);
              context_.answer(ref, protocol::upload_progress{id, *reached});
            } else {
              context_.refuse(ref, std::move(reached).error());
            }
            context_.request_is_handled();
          },
          // The deployment needs no more of its source: it has ended, or the rest came another way.
          [this, ref, id = chunk.deployment](const caf::error&) {
            open_.erase(id);
            context_.refuse(ref, {errc::unavailable,
                                  fmt::format("deployment {} takes no more of its source", id),
                                  {{"deployment", id}}});
            context_.request_is_handled();
          });
}

void uploads::forget_complete(const std::string& deployment, std::uint64_t reached) {
  if (auto upload = open_.find(deployment);
      upload != open_.end() && reached >= upload->second.bytes)
    open_.erase(upload);
}

} // namespace pawl
