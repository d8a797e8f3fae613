// The sources that a session's client sends.
#pragma once

#include "actors/session/session_context.hpp"

#include <map>

namespace pawl {

class uploads {
public:
  // The context outlives this.
  explicit uploads(session_context& context) : context_(context) {}

  // False, and the request is refused, if limits::uploads_at_once are not complete.
  bool may_begin(std::uint64_t ref) const;

  // The client may send parts of this deployment's source, which has so many bytes as a whole.
  void open(const std::string& deployment, source_worker_actor worker, std::uint64_t bytes);

  // Has the part written, and answers. The request is handled when its bytes are in its file.
  void append(std::uint64_t ref, protocol::upload_chunk& chunk);

private:
  void forget_complete(const std::string& deployment, std::uint64_t reached);

  struct open_source {
    source_worker_actor worker;
    std::uint64_t bytes = 0;
  };

  session_context& context_;
  std::map<std::string, open_source> open_; // by deployment; those that are not complete
};

} // namespace pawl
