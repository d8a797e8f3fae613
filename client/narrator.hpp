// Tells a person, line by line, what becomes of a deployment that they follow.
#pragma once

#include "client/text.hpp"
#include "lifecycle/event.hpp"

#include <chrono>
#include <functional>

namespace pawl::client {

// Takes text as it is to be written, line feeds included, and writes it at once.
using writer = std::function<void(std::string_view text)>;

// One line for each step that has ended, the lines of builds as they come, and on a live terminal
// one more line that shows how far the present step is.
class narrator {
public:
  narrator(writer out, look how);

  void accepted(const deployment& record);
  void uploaded(std::uint64_t bytes, std::uint64_t total);
  void seen(const event& what);
  void note(std::string_view text); // a line of the viewer's own
  void warning(std::string_view text);

  // Takes the live line away, before something else is written.
  void clear_live();

private:
  void line(std::string_view text);
  void live(const std::string& text);
  void tell(const event& what, const state_event& moved);
  void tell(const progress_event& progress);
  void tell(const log_event& log);
  void tell(const health_event& health);

  writer out_;
  look look_;
  bool live_shown_ = false;
  std::optional<state> state_ = {};
  timestamp since_ = {};
  std::map<std::string, std::string> health_said_ = {};
  std::chrono::steady_clock::time_point upload_began_ = {};
  std::chrono::steady_clock::time_point live_at_ = {};
};

} // namespace pawl::client
