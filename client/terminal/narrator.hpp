// Prints the progress of a followed deployment for people.
#pragma once

#include "client/terminal/screen.hpp"
#include "client/terminal/step_view.hpp"
#include "client/terminal/text.hpp"
#include "lifecycle/event.hpp"

#include <chrono>

namespace pawl::client {

// Which lines of builds and checks stay on a live terminal.
enum class keep_lines : std::uint8_t {
  of_failures, // the last of a step that failed stay, those of others go
  all,         // a journal is replayed to be read
};

// Prints one line for each step that has ended. On a live terminal the present step is below them
// and is redrawn about ten times a second; elsewhere each line of a build or a check is printed.
class narrator {
public:
  narrator(
      writer out, look how, measure size = [] { return terminal_size{}; },
      keep_lines keep = keep_lines::of_failures);

  void accepted(const deployment& record);
  void uploaded(std::uint64_t bytes, std::uint64_t total);
  void seen(const event& what);
  void searching(bool lost);        // whether the server is being looked for
  void note(std::string_view text); // a line of the viewer's own
  void warning(std::string_view text);

  // Draws the live display again when it is time to: to be called about ten times a second.
  void tick();

  // Takes the live display away, before something else is written.
  void clear_live() { screen_.clear(); }

  // Whether lines of the log of the step that ended last were told, and can be read above.
  bool told_log() const { return told_log_; }

private:
  void line(std::string_view text) { screen_.print(text); }
  void draw();
  void tell(const event& what, const state_event& moved);
  void tell(const progress_event& progress);
  void tell(const log_event& log);
  void tell(const health_event& health);
  void step_ended(state next, duration took);
  bool keeps_all() const { return !look_.live || keep_ == keep_lines::all; }

  screen screen_;
  look look_;
  keep_lines keep_;
  step_view step_ = {};
  std::optional<state> state_ = {};
  timestamp since_ = {};
  bool told_log_ = false;
  bool sends_ = false; // the source is ours: uploaded() knows better than the journal
  std::map<std::string, std::string> health_said_ = {};
  std::chrono::steady_clock::time_point drawn_at_ = {};
};

} // namespace pawl::client
