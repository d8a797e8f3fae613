// Where an instance takes connections, and whether that is where it should: what an app is told
// that ignores PORT, or that other machines can reach.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// Where the processes of an instance take connections.
struct listening_places {
  std::vector<std::string> tcp = {};   // IP:PORT or [IP]:PORT, each once
  std::vector<std::string> local = {}; // paths of Unix sockets, printable
  bool own_network = false;            // the addresses are not those of the machine
  bool reached_on_loopback = true;     // in that network: what listens on 127.0.0.1 is asked too

  friend bool operator==(const listening_places&, const listening_places&) = default;
};

enum class listening_verdict {
  as_asked,  // at the address at which the instance is asked
  elsewhere, // only at others
  nowhere,
};

// `address`, IP:PORT, is where the instance is asked. In a network of its own only the port counts,
// and whether loopback is reached: how its address leads there is the engine's.
listening_verdict judge_listening(std::string_view address, const listening_places& places);

// A sentence without its full stop: where `who` listens and should listen; empty for `as_asked`.
std::string listening_advice(std::string_view who, std::string_view address,
                             const listening_places& places);

// The places that other machines may reach without the router: those on addresses of the machine
// that are not its loopback.
std::vector<std::string> open_places(const listening_places& places);

// So many of the places as a message can have: "127.0.0.1:3000, [::1]:3000 and 5 more".
std::string places_text(const std::vector<std::string>& places);

} // namespace pawl
