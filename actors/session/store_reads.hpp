// How a session asks for what is read from the store.
#pragma once

#include "actors/runtime/own_thread.hpp"
#include "actors/session/store_reader.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>

namespace pawl {

// The reads of one session. There is a store reader while it has something to read, and never two:
// a store that does not answer holds no more than one thread of a session.
class store_reads {
public:
  // `look` is called on the reader's thread.
  store_reads(caf::event_based_actor* owner, std::shared_ptr<const store> records,
              listing::engine_looks look)
      : owner_(owner), records_(std::move(records)), look_(std::move(look)) {}

  // Reads this store from now on. Before the first read.
  void read_from(std::shared_ptr<const store> records) { records_ = std::move(records); }

  // Calls `then` once, later, in the owner: with what was read, or an error. unavailable if the
  // store has not answered within limits::request_timeout. An error right away if there is no
  // thread for a reader; then nothing is called.
  template <class Answer, class Request>
  result<void> read(Request request, std::function<void(result<Answer>&)> then);

  // Ends the reader after what it does now. Nothing that was not answered will be.
  void end();

private:
  result<void> need_reader();
  void one_is_done();
  // A read of `reader` got no answer. Another reader may be at work by now.
  void one_failed(const store_reader_actor& reader, const caf::error& why);

  caf::event_based_actor* owner_;
  std::shared_ptr<const store> records_;
  listing::engine_looks look_;
  store_reader_actor reader_;
  std::size_t under_way_ = 0; // not answered yet
};

template <class Answer, class Request>
result<void> store_reads::read(Request request, std::function<void(result<Answer>&)> then) {
  if (auto ready = need_reader(); !ready)
    return ready;
  ++under_way_;
  owner_->request(reader_, limits::request_timeout, std::move(request))
      .then(
          [this, then](result<Answer>& outcome) {
            one_is_done();
            then(outcome);
          },
          [this, then, reader = reader_](const caf::error& why) {
            one_failed(reader, why);
            result<Answer> none{
                error{errc::unavailable, "the store did not answer in time; try again", {}}};
            then(none);
          });
  return {};
}

} // namespace pawl
