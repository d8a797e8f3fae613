// The sandbox of builds, release commands and instances: bubblewrap, with its own namespaces for
// users, processes, IPC and the host's name; /usr, a copy of what /etc has for everybody, and the
// app's tree at /app; /tmp, /var/tmp, /run and /dev/shm in memory of its own; and nothing else of
// the machine. Only those four, and what is bound writable, can be written.
//
// Identities, when the server runs as root:
//   apps    1900000000 + 26 bits of the SHA-256 of the app's name: the same for all its instances
//   builds  1968000000 + the lowest number that no other build of this server has
// Both ranges are above those of people, of systemd's dynamic users and containers (up to
// 1879048191) and of the usual subordinate ids. The server of an ordinary user runs everything as
// that user; then only the namespaces isolate.
#pragma once

#include "engines/process/sandbox/etc_view.hpp"
#include "posix/child_process.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

inline constexpr std::uint32_t first_app_identity = 1'900'000'000;
inline constexpr std::uint32_t first_build_identity = 1'968'000'000;

std::uint32_t app_identity(const std::string& app);

// Whether sandboxes of this server run as this user: their outer processes, or, with `inside`, what
// is in them.
bool is_sandbox_user(std::uint32_t user, bool inside);

struct sandbox_bind {
  std::string inside_tree; // below the sandbox's tree; "" is the tree itself
  std::string at;          // in the sandbox
  bool writable = false;
};

// A directory outside of the sandbox's tree, which can be written at this place in the sandbox.
struct sandbox_volume {
  std::filesystem::path from;
  std::string at;
};

struct sandbox {
  std::string bubblewrap; // absolute
  etc_source etc;         // of its /etc
  std::string mark;       // argv[0] of its outer processes
  std::string tree;       // the part of the data directory that it sees
  std::vector<sandbox_bind> binds;
  std::vector<sandbox_volume> volumes = {};
  std::map<std::string, std::string> env; // all of it, with PATH and HOME
  std::string command;                    // for /bin/sh
  bool network = true;                    // false: only its own loopback
  // With a network of its own: its /etc/resolv.conf. It waits, before its command begins, until
  // sandbox_gate_fd can be read.
  std::optional<std::string> isolated = {};
  bool dies_with_parent = true; // with the thread that started it
  std::uint32_t identity = 0;   // uid and gid inside, and outside when root
  // Directories of its control group, which it sees at these places below /sys/fs/cgroup, so that
  // runtimes know their limits.
  std::vector<std::pair<std::filesystem::path, std::string>> control_groups = {};
  std::string directory = {};      // below /app, in which the command begins; empty: /app itself
  std::uint64_t scratch_bytes = 0; // the most in each of its places in memory; 0: no limit
};

// The numbers of descriptors in a sandbox's outer process.
inline constexpr int sandbox_info_fd = 6;   // "child-pid", once, at the start
inline constexpr int sandbox_status_fd = 7; // "exit-code", at the end
inline constexpr int sandbox_gate_fd = 10;

// The error for a sandbox that bubblewrap could not set up, made from bubblewrap's own message.
error sandbox_refused(std::string_view which, const std::string& words);

// The launch of a sandbox, without descriptors 0 to 2, cgroups and limits. `held` receives the
// descriptors that must stay open until spawn() has returned.
result<launch> launch_of(const sandbox& box, std::vector<descriptor>& held);

} // namespace pawl
