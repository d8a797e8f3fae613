// A client of a simulated server: one request, asked over a connection that may break, again and
// again with the same request id until it is answered; then it follows the deployment to its end.
// It keeps what it was told, and misses nothing of a journal nor sees anything twice.
#pragma once

#include "test/simulation/record_checker.hpp"
#include "test/support/over_the_wire.hpp"

namespace pawl::test {

// The goal of a client.
struct errand {
  lane_key lane;
  std::variant<protocol::deploy_request, protocol::rollback_request, protocol::promote_request,
               protocol::cancel_request, protocol::destroy_request, protocol::freeze_request,
               protocol::unfreeze_request, protocol::scale_request, protocol::stop_request,
               protocol::start_request, protocol::restart_request, protocol::configure_request>
      what;
};

// The lanes that are frozen for certain, as far as clients were told: what is asked for from then
// on must not begin.
struct known_freezes {
  std::map<lane_key, duration> since = {};    // a client was told so
  std::set<lane_key> lifted = {};             // somebody has asked for it, sooner or later
  std::map<std::string, duration> asked = {}; // when each request was sent first, by its id
};

// The knowledge that all clients of a life share.
struct clients_world {
  machine& on;
  record_checker& checker;
  // A session with the server, if it listens; then what that says comes to the client's inbox.
  std::function<caf::actor(std::function<void(const result<protocol::envelope>&)> receive,
                           std::function<void()> lost)>
      connect;
  std::vector<std::string> deployments = {}; // that were accepted
  std::set<std::string> uploaded = {};       // whose whole source was taken
  std::size_t busy = 0;                      // clients that still want something
  known_freezes freezes = {};
  std::map<std::string, config_number> configs = {}; // that were answered, by request id
};

class simulated_client : public std::enable_shared_from_this<simulated_client> {
public:
  simulated_client(clients_world& world, errand wanted);

  void begin();
  // Does not come back.
  void leave();
  // The connection breaks; it comes back.
  void lose_connection();
  bool done() const { return done_; }

private:
  static constexpr std::size_t chunk = 40;

  void connect();
  void reconnect_later();
  void ask();
  void say(protocol::message body);
  void hear(const result<protocol::envelope>& said);
  void take(const protocol::hello& answer);
  void take(const protocol::accepted& answer);
  void take(const protocol::upload_progress& answer);
  void take(const protocol::events& answer);
  void take(const protocol::followed& answer);
  void take(const protocol::shown& answer);
  void take(const protocol::destroyed& answer);
  void take(const protocol::process_list& answer);
  void take(const protocol::frozen& answer);
  void take(const protocol::unfrozen& answer);
  void take(const protocol::configured& answer);
  void take(const protocol::refused& answer);
  template <class Other>
  void take(const Other&) {
    world_.on.violate("a client was answered something else");
  }
  void check_may_begin(const deployment& d);
  void send_chunk(std::uint64_t offset);
  void follow();
  void finish();

  clients_world& world_;
  errand wanted_;
  std::uint64_t bytes_ = 0; // of its source
  caf::actor session_;
  std::uint64_t connection_ = 0; // counts them: what comes of an earlier one is void
  std::uint64_t ref_ = 0;
  std::optional<deployment> accepted_;
  std::uint64_t seen_ = 0;      // the number of the last event
  std::uint64_t following_ = 0; // ref of the follow_request
  std::size_t refusals_ = 0;
  bool done_ = false;
};

} // namespace pawl::test
