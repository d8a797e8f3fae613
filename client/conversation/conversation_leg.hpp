// A journey's way over one connection: the part of a conversation that ends with it. Included by
// the two files of conversation only.
#pragma once

#include "client/conversation/conversation.hpp"

namespace pawl::client {

// How often a silent link is asked whether it still lives.
inline constexpr auto look_around = std::chrono::seconds{1};

// Whether the error says that there is no connection, or no answer over it.
inline bool is_lost(const error& problem) {
  return problem.code == errc::unavailable || problem.code == errc::timed_out;
}

class conversation::leg {
public:
  leg(conversation& talk, journey& way) : talk_(talk), way_(way) {}

  // True when the journey is over (its end says how), false when the connection is lost.
  bool run();

  // Whether the server said anything of the deployment: an acceptance, were it the same again, a
  // chunk that arrived, an event.
  bool progressed() const { return progressed_; }

  // Why the connection counts as lost.
  const error& why() const { return why_; }

private:
  server_link& link() { return *talk_.link_; }

  void lose(error why);
  void finish(error problem);
  void finish(deployment record);
  void leave();
  // Whether it was sent; if not, the connection is lost or the journey is over.
  template <class Sent>
  bool went(Sent sent) {
    if (sent)
      return true;
    if (is_lost(sent.error()))
      lose(std::move(sent).error());
    else
      finish(std::move(sent).error());
    return false;
  }
  bool open();
  bool ask_for_it();
  bool follow();
  void advance();
  bool fill_window();
  bool send_cancel();
  void person_interrupts();
  void take(protocol::envelope got);
  void take_refusal(std::uint64_t ref, error why);
  void take_state_after_refusal(deployment now);
  void take_progress(std::uint64_t offset);
  void take_events(const protocol::events& batch);

  conversation& talk_;
  journey& way_;
  std::uint64_t opening_ref_ = 0;
  std::uint64_t follow_ref_ = 0;
  std::optional<std::uint64_t> show_ref_ = {};
  std::optional<std::uint64_t> cancel_ref_ = {};
  std::optional<error> upload_refused_ = {};
  std::uint64_t sent_ = 0;         // bytes of the source, over this connection or an earlier one
  std::uint64_t acknowledged_ = 0; // of them
  std::uint32_t consumed_ = 0;     // events since credit was renewed
  bool progressed_ = false;
  bool over_ = false;
  bool lost_ = false;
  error why_ = {};
};

} // namespace pawl::client
