// A digest that is computed in a thread of its own, beside whoever brings the bytes.
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
  ~background_digest(); // what waits is not read any more

  // Waits while these and what is not read yet would be more than limits::digest_backlog: the
  // memory that they take is bounded. The beginning, in most cases the whole, is read at once, as a
  // thread costs more than it gives; and so is all where no thread is to be had.
  void add(std::vector<char> bytes);

  // Once, when everything was added: waits until all of it is read, and ends the thread.
  std::string text();

private:
  bool start_thread();
  void run();
  void end_thread();

  std::mutex mutex_; // guards what follows
  std::condition_variable moved_;
  std::deque<std::vector<char>> waiting_; // the first is being read
  std::size_t backlog_ = 0;               // bytes of them
  bool ended_ = false;                    // no more will be added

  digest sum_;            // the thread's, while there is one
  std::size_t alone_ = 0; // bytes that were read without it
  std::thread thread_;
};

} // namespace pawl
