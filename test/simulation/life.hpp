// One life of a server, from a seed: some lanes, some clients with their requests, and failures
// (the weather). Then the failures end, and everything has to settle.
#pragma once

#include "actors/supervision/server.hpp"
#include "test/simulation/simulated_client.hpp"
#include "test/simulation/simulated_engine.hpp"
#include "test/simulation/simulated_router.hpp"
#include "test/simulation/simulated_store.hpp"

namespace pawl::test {

// The findings, and the circumstances.
struct life_report {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::map<std::string, std::size_t> counts;
  std::uint64_t digest = 0;     // of everything that happened, in its order
  std::string text;             // the same to read, if it was asked for
  bool call_has_failed = false; // it came to the call of life_options::failing_call
};

// The fixed conditions of a life; all others are chance.
struct life_options {
  std::uint64_t seed = 1;
  machine::tracing tracing = machine::tracing::digest;
  std::optional<weather> sky = {};                      // instead of the seed's
  commit_function commit = {};                          // instead of the store's
  std::function<void(server_parts&)> change_parts = {}; // to break the server on purpose
  bool back_and_forth = false;  // many rollbacks, and all that was replaced stays warm
  std::size_t failing_call = 0; // the N-th call of the world fails; 0: none does so
};

class life {
public:
  explicit life(life_options options);
  ~life();
  life(const life&) = delete;
  life& operator=(const life&) = delete;

  life_report run();

private:
  // --- the server's process
  std::shared_ptr<server_parts> make_parts();
  void start_server();
  void recovered(const result<done>& how);
  void bury_server();
  void end_actors();

  // --- its clients (life_clients.cpp)
  void plan_clients();
  errand errand_of_processes(const lane_key& lane, std::uint64_t what);
  errand any_errand(const lane_key& lane);
  void add_client(duration when, errand wanted);
  caf::actor connect(std::function<void(const result<protocol::envelope>&)> receive,
                     std::function<void()> lost);

  // --- weather and calm
  void every_second();
  void settle();
  void disturb_rest();
  bool run_until(duration end, const std::function<bool()>& enough);
  std::vector<std::string> unrest();
  void check_serving(const lane_record& lane, std::set<std::string>& wanted,
                     std::vector<std::string>& found);
  void check_outcomes();
  bool sound() const { return machine_.violations().empty(); }

  life_options options_;
  machine machine_;
  std::shared_ptr<store> below_;
  record_checker record_checker_;
  effect_checker effect_checker_;
  std::shared_ptr<simulated_store> records_;
  std::shared_ptr<simulated_engine> engine_;
  std::shared_ptr<simulated_router> router_;
  std::shared_ptr<simulated_sources> sources_;
  std::shared_ptr<server_parts> parts_;
  server_actors actors_;
  std::vector<caf::actor> helpers_; // of ours: they die with the server
  bool listens_ = false;
  bool buried_ = true; // nothing is left of the server's process
  bool calm_ = false;  // the weather has ended
  bool fair_ = false;  // there was none
  std::uint64_t ids_ = 0;
  clients_world clients_world_;
  std::vector<std::shared_ptr<simulated_client>> clients_;
};

} // namespace pawl::test
