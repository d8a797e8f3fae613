// One attempt to do the task of a conversation: the state that ends with its connection. Included
// by the files of conversation only.
#pragma once

#include "client/conversation/conversation.hpp"

namespace pawl::client {

// How often a silent connection is asked whether it is still open.
inline constexpr auto look_around = std::chrono::seconds{1};

// Whether the error says that there is no connection, or no answer over it.
inline bool is_lost(const error& problem) {
  return problem.code == errc::unavailable || problem.code == errc::timed_out;
}

// Names what the viewer leaves behind, and the command that shows it or goes on with it.
error with_what_goes_on(error why, const std::string& id, bool upload_complete,
                        const std::string& request_id);

class conversation::attempt {
public:
  attempt(conversation& talk, task& what) : talk_(talk), task_(what) {}

  // True when the task is done (its end says how), false when the connection is lost.
  bool run();

  // Whether the server said anything about the deployment: an acceptance (even a repeated one), a
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
  // Whether the message was sent; if not, the connection is lost, or the task has failed.
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
  void user_interrupts();
  void take(protocol::envelope got);
  void take_refusal(std::uint64_t ref, error why);
  void take_state_after_refusal(deployment now);
  void take_progress(std::uint64_t offset);
  void take_events(const protocol::events& batch);

  conversation& talk_;
  task& task_;
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
