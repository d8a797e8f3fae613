// rsync over ssh, as people send a source to a server: an sshd of the run's own on loopback.
#pragma once

#include "bench/harness/peer_store.hpp"

namespace pawl::bench {

class rsync_peer {
public:
  // The name of what is not installed; empty if nothing misses.
  static std::string missing();

  // Makes keys, starts sshd, and waits until a login works. Throws std::runtime_error.
  explicit rsync_peer(const workplace& place);

  // The seconds of sending one file into an empty directory, each file flushed there.
  double seconds_to_send(const std::filesystem::path& file) const;

private:
  std::vector<std::string> shell() const;

  const workplace& place_;
  std::filesystem::path directory_;
  std::uint16_t port_;
  std::unique_ptr<test::program, ended_politely> sshd_;
};

} // namespace pawl::bench
