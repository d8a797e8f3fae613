// A pawld of the test's own, with a real HAProxy and real sandboxes, and pawl to talk to it.
// Nothing of it is left when the object ends, which is checked.
#pragma once

#include "test/end_to_end/sample_app.hpp"
#include "test/support/http_client.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace pawl::test {

using nlohmann::json;
using words = std::vector<std::string>;

class running_server {
public:
  // Starts it with these clusters and further tables of pawld.toml. They keep nothing warm, unless
  // one of them says `warm`.
  // As root, with a user: everything of it runs as that one.
  explicit running_server(std::string clusters = "[cluster.local]\ndrain = \"1s\"\n",
                          std::optional<unsigned> user = {});
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;
  ~running_server();

  // --- the server
  void start(); // waits until it listens
  // For the pawlds from here on: further variables, and what they run under (strace, prlimit).
  void set_environment(std::map<std::string, std::string> more) { more_ = std::move(more); }
  void run_under(words command) { under_ = std::move(command); }
  void kill();          // as by kill -9; waits for its death
  outcome stop();       // by SIGTERM; its exit status, which must come within 10 s
  bool listens() const; // whether somebody accepts connections at the socket
  // Whether it lives, after something that may have killed it and does so no more. A process that
  // was killed looks alive for a while, and its clients may end first: only an answer tells.
  bool still_lives();
  program& server() { return *server_; }
  std::string log() const; // of all its lives
  // Another pawld with these arguments; or with a flag and its file.
  std::unique_ptr<program> begin_pawld(words arguments);
  std::unique_ptr<program> begin_pawld(const std::string& flag, const std::filesystem::path& file) {
    return begin_pawld({flag, file.string()});
  }
  // Ends all that outlives the server: instances, builds, the router.
  void end_everything() const;
  // data() becomes a file system of so many bytes, in memory and empty. As root, with the server
  // stopped.
  void give_disk(std::uint64_t bytes);
  void fill_disk() const;  // to its last byte
  void clear_disk() const; // of what has filled it
  void write_config(const std::string& clusters, const std::string& router = "haproxy");

  // --- the client
  // Runs pawl, beside the test, and under a command that is given its arguments.
  std::unique_ptr<program> begin(words arguments, const words& under = {});
  outcome pawl(words arguments); // and waits for its end

  // --- the world
  const std::filesystem::path& place() const { return place_.path(); }
  std::filesystem::path data() const { return place() / "data"; }
  std::filesystem::path socket() const { return place() / "pawld.sock"; }
  std::uint16_t port() const { return port_; } // of the router
  // The router's answer for this app: the body's first line, else the status, else "lost".
  std::string answer_of(const std::string& app) const;
  pid_t router_pid() const; // 0 if there is none

  // The engine's running sandboxes: "build-ID", "instance-NAME".
  std::set<std::string> jobs() const;
  // The process that the sandbox of an instance began with, as its record names it; 0 if there is
  // no record, as while the instance is started again.
  pid_t instance_pid(const std::string& name) const;

private:
  words as_user(words command) const;
  void install_for_user();

  temporary_directory place_;
  const std::optional<unsigned> user_;
  std::filesystem::path programs_ = PAWL_BIN_DIR;
  std::uint16_t port_;
  std::string log_before_; // of earlier lives
  unsigned runs_ = 0;      // of programs, for the names of their output
  std::map<std::string, std::string> more_;
  words under_;
  bool own_disk_ = false;
  std::unique_ptr<program> server_;
};

// The one JSON document of an output.
json document_of(const outcome& end);
// Each line of it, as --jsonl gives them.
std::vector<json> lines_of(const std::string& out);
// The record that ends a document.
json record_of(const outcome& end);
std::set<std::string> keys_of(const json& object);

// Deploys the app, which must become active, and gives its record.
json deploy(running_server& server, const sample_app& app, const words& flags = {});
// The same without waiting, and with the flags that are given.
std::unique_ptr<program> begin_deploy(running_server& server, const sample_app& app,
                                      const words& flags = {});
// The record as the server has it now.
json show(running_server& server, const std::string& id);
// Its journal has every number from 1 on, once.
void check_journal(running_server& server, const std::string& id);
// The only lane of `pawl status`.
json lane_of(running_server& server);
// The id of the lane's deployment in flight, once there is one.
std::string in_flight_of(running_server& server, const std::string& app = "shop");

// An app with so many bytes to send that its upload can be met halfway.
std::string write_big_app(const running_server& server, const std::string& name);
// Stops the client (as by SIGSTOP) when a part of its source has arrived; gives its deployment.
std::string stop_halfway(const running_server& server, const program& client);

bool mentions(const std::string& text, const std::string& what);

// The exit status must be this one; else the test says what the program said.
void check_exit(const outcome& end, int status);

} // namespace pawl::test
