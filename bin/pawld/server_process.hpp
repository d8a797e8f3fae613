// The server of one process: the concrete parts, put together.
#pragma once

#include "config/server_config.hpp"

#include <memory>

namespace pawl {

class server_process {
public:
  // Opens the store, finds the engine and the router, goes on with what was in flight, and listens.
  // Says what it does on stderr. Returns when clients can connect, or with what is in the way: then
  // threads of it may still run, and the process has to end by _exit.
  static result<std::unique_ptr<server_process>> start(const config::server_config& settings);

  virtual ~server_process() = default;

  // Accepts no more connections, and returns when all decisions are durable; after
  // limits::shutdown_timeout in any case.
  virtual void stop() = 0;
};

} // namespace pawl
