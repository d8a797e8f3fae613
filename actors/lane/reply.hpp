// The answer to a request of a client or the SUPERVISOR, when a lane gives it later.
#pragma once

#include "lifecycle/result.hpp"

#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace pawl {

// Is called once, now or later; copies are of the same answer. If the last copy goes before that,
// because the actor ends, the answer is `unavailable`: CAF would say nothing, and the asker would
// wait for its timeout.
template <class T>
class reply {
public:
  explicit reply(caf::typed_response_promise<result<T>> promise)
      : promise_(std::make_shared<kept_promise>(std::move(promise))) {}

  void operator()(result<T> outcome) const { promise_->give(std::move(outcome)); }

private:
  class kept_promise {
  public:
    explicit kept_promise(caf::typed_response_promise<result<T>> promise)
        : promise_(std::move(promise)) {}
    kept_promise(const kept_promise&) = delete;
    kept_promise& operator=(const kept_promise&) = delete;
    ~kept_promise() {
      if (!given_)
        give(error{
            errc::unavailable, "the lane was restarted before it could answer; try again", {}});
    }

    void give(result<T> outcome) {
      given_ = true;
      promise_.deliver(std::move(outcome));
    }

  private:
    caf::typed_response_promise<result<T>> promise_;
    bool given_ = false;
  };

  std::shared_ptr<kept_promise> promise_;
};

} // namespace pawl
