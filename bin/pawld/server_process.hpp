// The server of one process: the concrete parts, put together.
#pragma once

#include "config/server_config.hpp"

#include <memory>

namespace pawl {

class server_process {
public:
  static std::unique_ptr<server_process> make(config::server_config settings);

  virtual ~server_process() = default;

  // Opens the store, finds the engine and the router, goes on with what was in flight, and listens.
  // Says what it does on stderr. Returns when clients can connect, or with what is in the way.
  // Once.
  virtual result<void> start() = 0;

  // Accepts no more connections, and returns when all decisions are durable; after
  // limits::shutdown_timeout in any case. Any thread, also while start() runs: it then does not
  // wait for it.
  virtual void stop() = 0;

  // New connections over TLS get the certificate that is in its file then; the log says how that
  // went. False if the server does not listen for TLS, and nothing was done. Any thread.
  virtual bool read_certificates_again() = 0;

  // Threads of it run on: the process has to end by _exit, before this object does.
};

} // namespace pawl
