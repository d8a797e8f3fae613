// A command's talk with a server, over as many connections as it takes.
//
// Connections are lost, deployments are not: what was asked is asked again (requests carry ids of
// their own, so nothing happens twice), an upload goes on where the server has it, a journal goes
// on after the last event that was seen. One thread.
#pragma once

#include "client/link/server_link.hpp"

#include <functional>
#include <optional>

namespace pawl::client {

using connector = std::function<result<std::unique_ptr<server_link>>()>;

// How long a lost server is looked for. The first connection is tried once: a server that is not
// there at the start is the person's to start.
struct patience {
  std::chrono::milliseconds first = std::chrono::milliseconds{100}; // pause; doubles
  std::chrono::milliseconds longest = std::chrono::seconds{5};      // pause
  std::chrono::milliseconds total = std::chrono::seconds{60};       // since the connection was lost
};

// What the person wants when they interrupt.
enum class wish : std::uint8_t { go_on, detach, cancel };

// Hears what happens on the way, in the caller's thread.
class audience {
public:
  audience() = default;
  audience(const audience&) = delete;
  audience& operator=(const audience&) = delete;
  virtual ~audience() = default;

  virtual void accepted(const deployment& record) = 0;
  virtual void uploaded(std::uint64_t bytes, std::uint64_t total) = 0;
  virtual void seen(const std::string& deployment, const event& what) = 0; // each once, in order
  virtual void lost(const error& why) = 0; // and it is being looked for
  virtual void found_again() = 0;
  virtual void cancel_refused(const error& why) = 0;
  // Time goes by: called at least every tick_interval() while the server is waited for.
  virtual void tick() {}
  virtual std::chrono::milliseconds tick_interval() const { return std::chrono::seconds{1}; }
  virtual wish interrupted(bool upload_complete) = 0;
};

// How a followed deployment left its viewer.
struct departure {
  std::optional<deployment> record = {}; // the last that is known; settled, if there is no problem
  std::optional<error> problem = {};     // why the viewer gave up, or was refused
  bool detached = false;                 // the person left; or --detach did, its source complete
  bool upload_complete = true;
};

// The source of a deploy, as it is sent.
struct upload {
  protocol::deploy_request request;
  int file = -1; // the tar, readable at any offset
};

// Takes what instances printed; false: whoever it was for is gone.
using log_sink = std::function<bool(const protocol::log_lines&)>;

class conversation {
public:
  // `interrupts` is readable when the person interrupts (a signalfd); -1: never.
  conversation(connector connect, audience& listener, int interrupts = -1, patience limits = {});

  // The answer to a request that can be repeated. The error of a refusal; unavailable or timed_out
  // if no answer came.
  result<protocol::message> ask(const protocol::message& request,
                                std::chrono::milliseconds timeout = pawl::limits::request_timeout);

  // Asks for the deployment, sends its source, and follows it to its end; or, detached, leaves when
  // the source is complete.
  departure deploy(const upload& what, bool detach);

  // Sends a rollback or promotion (answered by `accepted`), and follows it; or leaves at once.
  departure start(const protocol::message& request, bool detach);

  // Follows a deployment (id or prefix) from an event on.
  departure attach(const std::string& id, std::uint64_t from);

  // Reads what a lane's instances print; with wanted.follow, until the person interrupts. No line
  // is missed or given twice, whatever happens to connections.
  result<void> read_logs(protocol::logs_request wanted, const log_sink& sink);

  // Whether ask() or read_logs() gave up because the person interrupted.
  bool was_interrupted() const { return was_interrupted_; }

private:
  struct journey {
    std::optional<upload> source = {};
    std::optional<protocol::message> opening = {}; // its answer is `accepted`
    std::string id = {};
    std::uint64_t next = 1; // the event to go on from
    bool detach = false;
    bool was_accepted = false;
    bool cancel_wanted = false;
    departure end = {};
  };
  class leg; // a journey's way over one connection
  struct log_reading;

  // For a lost server: since when, and how long the next pause is.
  struct search {
    using clock = std::chrono::steady_clock;

    explicit search(const patience& limits) : pause(limits.first) {}
    // A build or a lane may be silent for long: a connection on which something moved, or that
    // held, ends the search that led to it.
    void lose(bool progressed, const patience& limits);

    clock::time_point since = clock::now();
    clock::time_point connected_at = clock::now();
    std::chrono::milliseconds pause;
  };

  departure travel(journey way);
  result<void> read_logs_here(log_reading& way, const log_sink& sink);
  result<void> connect();
  bool recover(const error& why, search& looking);
  result<protocol::message> exchange(const protocol::message& request,
                                     std::chrono::milliseconds timeout, std::uint64_t& ref);
  // What the server has answered to this ref by now; nothing yet is no error, a refusal is one.
  result<std::optional<protocol::message>> look_for_answer(std::uint64_t ref);
  result<protocol::envelope> next_message(std::chrono::milliseconds timeout);
  bool interrupted(std::chrono::milliseconds wait);

  connector connect_;
  audience& audience_;
  int interrupts_;
  patience patience_;
  std::unique_ptr<server_link> link_;
  bool was_interrupted_ = false;
  bool link_lost_ = false; // of the last exchange()
};

} // namespace pawl::client
