// A server that is killed at chosen places while it works, with two other deployments in flight,
// each in another state; and the look at everything from outside, that nothing was lost, doubled or
// left behind.
#pragma once

#include "test/end_to_end/running_server.hpp"

#include <csignal>
#include <functional>

namespace pawl::test {

using clients = std::vector<std::unique_ptr<program>>;
clients one(std::unique_ptr<program> client);

// Waits until a command is there, as the one that a new server has begun again, and opens.
void let_through(gate& door);

// The exit statuses of the programs, by the names of the contract.
namespace exits {
inline constexpr int success = 0;
inline constexpr int usage = 2;
inline constexpr int build_failed = 3;
inline constexpr int release_failed = 4;
inline constexpr int unhealthy = 5;
inline constexpr int superseded = 7;
inline constexpr int cancelled = 8;
inline constexpr int unavailable = 11;
inline constexpr int internal = 12;
} // namespace exits

inline constexpr int killed = 128 + SIGKILL; // the exit status then

// The exit status that a client must end with.
class ending {
public:
  // NOLINTNEXTLINE(google-explicit-constructor): tests give the number
  ending(int status) : allowed_{status} {}
  // Only where the moment itself is by chance: any of these.
  static ending any_of(std::set<int> statuses);
  bool allows(int status) const { return allowed_.contains(status); }

private:
  std::set<int> allowed_;
};

// The endings of all clients, in their order.
using endings = std::vector<ending>;

// strace upon all threads of the server: `options` are its -e options. Gone with the object.
class tracer {
public:
  tracer(running_server& server, const words& options);
  // Lets go of the server, which goes on by itself if it lives; comes back soon also if it has died
  // or is dying. What strace was to do to the server it does no more.
  void end();

private:
  pid_t traced_;
  std::unique_ptr<program> strace_;
};

class damaged_world {
public:
  // shop serves as v2 in local, and has v1; blog is building, and wiki activating. As root it can
  // have a disk of its own, of so many bytes.
  explicit damaged_world(std::optional<std::uint64_t> disk = {});
  // The deployments that were in flight all the time have lost nothing either: they go on, and end.
  void finish();

  running_server& server() { return server_; }

  // Lets the server die at a failpoint (bin/pawld/failpoints.hpp) during `work`, which begins
  // clients and gives them back; starts it again; waits for the clients, which must end like this;
  // and checks everything. `held` is called after the start, for what waits at a gate.
  void die_at(
      const std::string& place, const endings& ends, const std::function<clients()>& work,
      const std::function<void()>& held = [] {});

  // A deploy of shop to local, with a greeting and a request id of its own.
  std::unique_ptr<program> deploy(sample_app how = {}, const words& flags = {});
  // The same, with no failpoint set until it waits at the gate: in its build, unless told how.
  std::unique_ptr<program> deploy_to(gate& door);
  std::unique_ptr<program> deploy_to(gate& door, const sample_app& how);
  // That in its build, and one behind it with these flags, which may come to the failpoint.
  clients deploy_behind(gate& door, const words& flags);
  // The same, with no failpoint set until it waits behind the one that is in flight.
  std::unique_ptr<program> deploy_queued();
  std::string in_flight(const std::string& app = "shop") { return in_flight_of(server_, app); }
  // Whether the server has taken the last one: a client that has never reached it promises nothing.
  bool last_is_accepted();

  // The same with strace, which kills the server at its threads' n-th call of a system call, from
  // now on. False if all clients have ended before that: then the server lives. A call for somebody
  // else (a viewer of before is pinged) may be the n-th: the last client, if it was not welcomed
  // before that, asks again.
  bool die_at_call(const std::string& call, unsigned n, const endings& ends,
                   const std::function<clients()>& work);
  // The same with a disk on which each flush of the store fails from that place on.
  void lose_flushes_at(
      const std::string& place, const endings& ends, const std::function<clients()>& work,
      const std::function<void()>& held = [] {});
  // The same with whatever `blow` does to anything when the work has begun.
  void strike(const endings& ends, const std::function<clients()>& work,
              const std::function<void(const clients&)>& blow);

  // The same, with the server stopped (as by SIGSTOP) at a failpoint while `blow` does its thing;
  // it goes on by itself. `then` is called after that.
  void stop_at(
      const std::string& place, const endings& ends, const std::function<clients()>& work,
      const std::function<void(const clients&)>& blow, const std::function<void()>& then = [] {});

  // The sandboxes of one kind ("build-") that the engine runs for a deployment of shop ("build-ID",
  // "instance-NAME").
  std::string job(const std::string& kind);
  std::string serving_instance(); // of shop in local, as the checks have seen it last

  // As by the kernel's memory killer.
  void kill_serving_instance();
  void kill_newest_instance(); // of the newest deployment, which may serve or not

  // The last deploy again: the same request.
  std::unique_ptr<program> ask_again() { return server_.begin(last_deploy_); }

  // The other one of shop's v1 and v2 than this lane has active, or v1.
  std::string other_version(const std::string& cluster);

  // Starts the server, and lets the build that begins again come to its gate.
  void restart();
  // At the end it is not looked at as one that goes on.
  void expect_blog_to_fail() { blog_fails_ = true; }
  // Now, so that no build is in flight but those that a test begins.
  void end_blog();

  // Everything that can be seen from outside.
  void check_invariants();

private:
  std::unique_ptr<program> unharmed(const std::function<std::unique_ptr<program>()>& work);
  // From before a blow that ends the server.
  struct moment {
    std::string answer; // of shop
    unsigned requests;
  };
  moment now() { return {server_.answer_of("shop"), requests_}; }
  void go_on_after_death(const moment& before, const clients& all, const endings& ends,
                         const std::function<void()>& held);
  void wait_until_stopped();
  void check_between(const moment& before);
  bool was_never_welcomed(program& client);
  void check_ends(const clients& all, const endings& ends);
  json history();
  json lanes();
  void wait_for_rest();
  void check_records();
  void check_record(const json& record);
  void check_lane(const json& lane);
  void check_leftovers(const json& lanes);
  void check_request_again();

  running_server server_;
  gate building_;
  gate activating_;
  std::string blog_;
  std::string wiki_;
  std::unique_ptr<program> blog_viewer_;
  std::unique_ptr<program> wiki_viewer_;
  std::map<std::string, json> known_; // records, as they were seen last
  words last_deploy_;                 // its arguments: the same request again
  unsigned requests_ = 0;
  bool blog_fails_ = false;
  bool blog_ended_ = false;
};

// "PREFIX before" and "PREFIX after" of each.
std::vector<std::string> places(const std::string& kind, const std::vector<std::string>& names);

} // namespace pawl::test
