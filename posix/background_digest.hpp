// A digest that is computed in its own thread, so that adding bytes does not wait for it.
#pragma once

#include "posix/digest.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace pawl {

// Used by one thread at a time.
class background_digest {
public:
  background_digest() = default;
  background_digest(const background_digest&) = delete;
  background_digest& operator=(const background_digest&) = delete;
  ~background_digest(); // bytes that are not read yet are dropped

  // Blocks while these bytes and those that are not read yet are more than limits::digest_backlog,
  // so that the memory is bounded. The beginning, in most cases all there is, is read in the
  // calling thread, which costs less than a thread; so is everything if no thread can be made.
  void add(std::vector<char> bytes);

  // Called once, after the last add(): waits until all bytes are read, and ends the thread.
  std::string text();

private:
  bool start_thread();
  void run();
  void end_thread();

  std::mutex mutex_; // guards the four below
  std::condition_variable moved_;
  std::deque<std::vector<char>> waiting_; // the first is being read
  std::size_t backlog_ = 0;               // their bytes
  bool ended_ = false;                    // no more will be added

  digest sum_;            // used by the thread, while there is one
  std::size_t alone_ = 0; // bytes that were read without a thread
  std::thread thread_;
};

} // namespace pawl
