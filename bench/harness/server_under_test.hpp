// A server that is measured, in a process and a directory of its own. Nothing of it is left when
// the object ends.
#pragma once

#include "bench/harness/counters.hpp"
#include "bench/harness/process_usage.hpp"
#include "bench/harness/processors.hpp"
#include "bench/harness/workplace.hpp"
#include "client/link/server_link.hpp"
#include "test/support/program.hpp"

#include <memory>
#include <optional>

namespace pawl::bench {

// The value of a result; throws std::runtime_error with the error's message.
template <class T>
T expect(result<T> outcome) {
  if (!outcome)
    throw std::runtime_error(outcome.error().message);
  if constexpr (!std::is_void_v<T>)
    return *std::move(outcome);
}

struct server_plan {
  std::filesystem::path directory; // `data` and the socket are in it; what is there stays
  std::vector<std::string> command;
  bool counted = false; // loads the counters into it
  processors where = processors::all;
};

class server_under_test {
public:
  // Starts it, and waits until it listens. Throws std::runtime_error with its words if it ends.
  server_under_test(const workplace& place, server_plan plan);
  server_under_test(const server_under_test&) = delete;
  server_under_test& operator=(const server_under_test&) = delete;
  ~server_under_test();

  pid_t pid() const { return server_->pid(); }
  process_usage usage() const { return usage_of(pid()); }
  counts counted() const { return counters_->now(); } // of a plan that says so
  std::filesystem::path socket() const { return plan_.directory / "pawld.sock"; }
  std::filesystem::path data() const { return plan_.directory / "data"; }
  std::string log() const { return server_->err(); }

  std::unique_ptr<client::server_link> connect() const;
  void start(); // again, after kill()
  void kill();  // as by kill -9; waits for its death

private:
  bool listens() const;
  void end_what_it_started() const;

  server_plan plan_;
  std::filesystem::path library_;
  std::optional<counters> counters_;
  std::unique_ptr<test::program> server_;
};

// A real pawld; `settings` are further tables of its pawld.toml, `router` what stands in [router].
server_plan pawld_plan(const workplace& place, const std::filesystem::path& directory,
                       const std::string& settings = "",
                       const std::string& router = "kind = \"none\"\n");

} // namespace pawl::bench
