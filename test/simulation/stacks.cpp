#include "test/simulation/stacks.hpp"

#include <cstdint>
#include <utility>

#include <ucontext.h>

#if defined(PAWL_ADDRESS_SANITIZER)
// As sanitizer/common_interface_defs.h says.
extern "C" void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom,
                                               std::size_t bytes);
extern "C" void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom_before,
                                                std::size_t* bytes_before);
#endif

namespace pawl::test {

namespace {

constexpr std::size_t stack_bytes = std::size_t{512} * 1024;

// The address sanitizer has to be told where the stack is now.
class sanitized_switch {
public:
  sanitized_switch([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t bytes) {
#if defined(PAWL_ADDRESS_SANITIZER)
    __sanitizer_start_switch_fiber(&fake_stack_, bottom, bytes);
#endif
  }
  ~sanitized_switch() {
#if defined(PAWL_ADDRESS_SANITIZER)
    __sanitizer_finish_switch_fiber(fake_stack_, nullptr, nullptr);
#endif
  }
  sanitized_switch(const sanitized_switch&) = delete;
  sanitized_switch& operator=(const sanitized_switch&) = delete;

private:
  [[maybe_unused]] void* fake_stack_ = nullptr;
};

} // namespace

struct stacks::home {
  ucontext_t context = {};
  const void* bottom = nullptr;
  std::size_t bytes = 0;
};

class stacks::stack {
public:
  explicit stack(stacks& owner) : owner_(owner), memory_(new char[stack_bytes]) {
    ::getcontext(&context_);
    context_.uc_stack.ss_sp = memory_.get();
    context_.uc_stack.ss_size = stack_bytes;
    context_.uc_link = nullptr;
    auto address = reinterpret_cast<std::uintptr_t>(this);
    // makecontext passes ints.
    ::makecontext(&context_, reinterpret_cast<void (*)()>(&stack::begin), 2,
                  static_cast<unsigned>(address >> 32U), static_cast<unsigned>(address));
  }

  void give(std::function<void()> step) { step_ = std::move(step); }
  bool busy() const { return static_cast<bool>(step_); }

  void enter(home& from) {
    sanitized_switch announced{memory_.get(), stack_bytes};
    ::swapcontext(&from.context, &context_);
  }

  void leave() {
    sanitized_switch announced{owner_.home_->bottom, owner_.home_->bytes};
    ::swapcontext(&context_, &owner_.home_->context);
  }

private:
  static void begin(unsigned high, unsigned low) {
    auto address = (static_cast<std::uintptr_t>(high) << 32U) | low;
    reinterpret_cast<stack*>(address)->work();
  }

  [[noreturn]] void work() {
#if defined(PAWL_ADDRESS_SANITIZER)
    __sanitizer_finish_switch_fiber(nullptr, &owner_.home_->bottom, &owner_.home_->bytes);
#endif
    for (;;) {
      step_();
      step_ = nullptr;
      leave();
    }
  }

  stacks& owner_;
  std::unique_ptr<char[]> memory_;
  ucontext_t context_ = {};
  std::function<void()> step_;
};

stacks::stacks() : home_(std::make_unique<home>()) {}

stacks::~stacks() = default;

void stacks::run(std::function<void()> step) {
  if (idle_.empty())
    idle_.push_back(all_.emplace_back(std::make_unique<stack>(*this)).get());
  auto* free = idle_.back();
  idle_.pop_back();
  free->give(std::move(step));
  enter(free);
}

void stacks::wait() {
  current_->leave();
}

void stacks::resume(stack* waiting) {
  enter(waiting);
}

void stacks::enter(stack* next) {
  auto* before = std::exchange(current_, next);
  next->enter(*home_);
  current_ = before;
  if (!next->busy())
    idle_.push_back(next);
}

} // namespace pawl::test
