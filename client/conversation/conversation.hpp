// The dialogue of one command with a server, over as many connections as it takes.
//
// When a connection is lost, the conversation makes another and goes on: it sends the request again
// (requests carry an id, so nothing happens twice), the upload continues at the server's offset,
// and the journal after the last event that was seen. To be used by one thread.
#pragma once

#include "client/link/server_link.hpp"

#include <functional>
#include <optional>

namespace pawl::client {

using connector = std::function<result<std::unique_ptr<server_link>>()>;

// How long a lost server is looked for. The first connection is tried once: if no server runs at
// the start, the user has to start it.
struct patience {
  std::chrono::milliseconds first = std::chrono::milliseconds{100}; // pause; doubles
  std::chrono::milliseconds longest = std::chrono::seconds{5};      // pause
  std::chrono::milliseconds total = std::chrono::seconds{60};       // since the connection was lost
};

// The user's choice after an interrupt.
enum class interrupt_choice : std::uint8_t { go_on, detach, cancel };

// Is told of everything that happens, in the thread of the caller.
class observer {
public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  virtual void accepted(const deployment& record) = 0;
  virtual void uploaded(std::uint64_t bytes, std::uint64_t total) = 0;
  virtual void seen(const std::string& deployment, const event& what) = 0; // each once, in order
  virtual void lost(const error& why) = 0; // and it is being looked for
  virtual void found_again() = 0;
  virtual void cancel_refused(const error& why) = 0;
  // Called at least every tick_interval() while the conversation waits for the server.
  virtual void tick() {}
  virtual std::chrono::milliseconds tick_interval() const { return std::chrono::seconds{1}; }
  virtual interrupt_choice interrupted(bool upload_complete) = 0;
};

// The end of following a deployment.
struct follow_end {
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

// Takes lines that instances printed. Returns false when its reader is gone and wants no more.
using log_sink = std::function<bool(const protocol::log_lines&)>;

// For an answer of another kind than the request has: internal.
error unexpected_answer();

class conversation {
public:
  // `interrupts` is readable when the user interrupts (a signalfd); -1: never.
  conversation(connector connect, observer& listener, int interrupts = -1, patience limits = {});

  // The answer to a request that can be repeated. The error of a refusal; unavailable or timed_out
  // if no answer came.
  result<protocol::message> ask(const protocol::message& request,
                                std::chrono::milliseconds timeout = pawl::limits::request_timeout);

  // Asks for the deployment, sends its source, and follows it to its end; or, detached, leaves when
  // the source is complete.
  follow_end deploy(const upload& what, bool detach);

  // Sends a rollback or promotion (answered by `accepted`), and follows it; or leaves at once.
  follow_end start(const protocol::message& request, bool detach);

  // Follows a deployment (id or prefix) from an event on.
  follow_end attach(const std::string& id, std::uint64_t from);

  // Reads the output of a lane's instances; with wanted.follow, until the user interrupts. No line
  // is lost or given twice, whatever happens to connections.
  result<void> read_logs(protocol::logs_request wanted, const log_sink& sink);

  // Whether ask() or read_logs() gave up because the user interrupted.
  bool was_interrupted() const { return was_interrupted_; }

private:
  struct task {
    std::optional<upload> source = {};
    std::optional<protocol::message> opening = {}; // its answer is `accepted`
    std::string id = {};
    std::uint64_t next = 1; // the event to go on from
    bool detach = false;
    bool was_accepted = false;
    bool cancel_wanted = false;
    follow_end end = {};
  };
  class attempt; // one try at a task, over one connection
  struct log_reading;

  // The search for a lost server: since when, and how long the next pause is.
  struct search {
    using clock = std::chrono::steady_clock;

    explicit search(const patience& limits) : pause(limits.first) {}
    // To be called when a connection was lost. If it made progress, or held for longer than the
    // longest pause (a build or a lane may be silent for long), the search that led to it has
    // ended, and a new one begins.
    void lose(bool progressed, const patience& limits);

    clock::time_point since = clock::now();
    clock::time_point connected_at = clock::now();
    std::chrono::milliseconds pause;
  };

  follow_end carry_out(task what);
  result<void> read_logs_here(log_reading& reading, const log_sink& sink);
  result<void> connect();
  std::optional<error> recover(const error& why, search& looking);
  result<protocol::message> exchange(const protocol::message& request,
                                     std::chrono::milliseconds timeout, std::uint64_t& ref);
  // The server's answer to this ref, if it has come; the error of a refusal.
  result<std::optional<protocol::message>> look_for_answer(std::uint64_t ref);
  result<protocol::envelope> next_message(std::chrono::milliseconds timeout);
  bool interrupted(std::chrono::milliseconds wait);

  connector connect_;
  observer& observer_;
  int interrupts_;
  patience patience_;
  std::unique_ptr<server_link> link_;
  bool was_interrupted_ = false;
  bool was_told_to_end_ = false; // by SIGTERM or SIGHUP: nobody is there to be asked
  bool link_lost_ = false;       // of the last exchange()
};

} // namespace pawl::client
