// The stores that Pawl's is measured beside: started with empty data, and driven by a program of
// their own that speaks to them as their documentation advises (bench/peers).
#pragma once

#include "bench/harness/process_usage.hpp"
#include "bench/harness/workplace.hpp"
#include "test/support/program.hpp"

#include <memory>
#include <optional>

namespace pawl::bench {

// Ends a server as its own documentation says, with an interrupt, and by force when that takes
// long.
struct ended_politely {
  void operator()(test::program* server) const;
};

// One that runs; ended with its object.
struct running_peer {
  std::string driver;  // the name of its program
  std::string address; // as that takes it
  std::unique_ptr<test::program, ended_politely> server =
      {}; // none: it works in the driver's process

  double cpu_seconds() const; // of the server, all its processes
};

struct peer_figures {
  double operations = 0;
  double rate = 0; // operations a second
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0; // of an operation; of the server alone, or of the driver that is one; with its
                     // share of what it takes to connect
};

struct store_peer {
  std::string name;
  std::string durability; // how it is configured to be as durable as we are
  // The name of what is not installed or not built; empty if it can be started.
  std::string (*missing)(const workplace& place);
  std::unique_ptr<running_peer> (*start)(const workplace& place);
};

const store_peer& postgresql();
const store_peer& sqlite();
const store_peer& etcd();
const store_peer& redis();

// Those that are there; for each other, a note.
std::vector<const store_peer*> present(const std::vector<const store_peer*>& wanted,
                                       const workplace& place, std::vector<std::string>& notes);

// Fresh tables, with so many records for "page"; throws std::runtime_error with the driver's words.
void prepare_peer(const workplace& place, const running_peer& peer, const std::string& workload,
                  std::size_t clients, std::size_t records = 0);

// The workload (bench/peers/workload.hpp) on what was prepared.
peer_figures drive_again(const workplace& place, const running_peer& peer,
                         const std::string& workload, std::size_t clients,
                         std::chrono::milliseconds time);

// Both, one after the other.
peer_figures drive_peer(const workplace& place, const running_peer& peer,
                        const std::string& workload, std::size_t clients,
                        std::chrono::milliseconds time);

} // namespace pawl::bench
