// Lets a call block without a thread: each step of an actor runs on a stack of its own, so that a
// call that takes virtual time stays where it is while others go on, as a blocking actor does on
// its own thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace pawl::test {

class stacks {
public:
  class stack;

  stacks();
  ~stacks(); // every step has ended
  stacks(const stacks&) = delete;
  stacks& operator=(const stacks&) = delete;

  // Runs the step until it ends or waits.
  void run(std::function<void()> step);

  // The stack that this is called on; nullptr outside of a step.
  stack* current() const { return current_; }

  // In a step: goes back to who called run() or resume(), and returns when the stack is resumed.
  void wait();

  // Goes on with a step that waits, until it ends or waits again.
  void resume(stack* waiting);

private:
  void enter(stack* next);

  struct home;
  std::unique_ptr<home> home_;
  std::vector<std::unique_ptr<stack>> all_;
  std::vector<stack*> idle_;
  stack* current_ = nullptr;
};

} // namespace pawl::test
