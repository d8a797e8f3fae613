// Notices when the files of a TLS server's credentials change, and reads them again.
#pragma once

#include "gateway/transport/tls_credentials.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace pawl::gateway {

// The states of the credentials' files, as the system tells them without reading the files.
class credential_file_states {
public:
  explicit credential_file_states(const credential_files& files);

  friend bool operator==(const credential_file_states&, const credential_file_states&) = default;

private:
  struct state {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1; // there is no file
    std::chrono::nanoseconds changed{0};

    friend bool operator==(const state&, const state&) = default;
  };

  void look_at(const std::filesystem::path& path);

  std::vector<state> states_;
};

// After which of the looks files that could not be used are read again, though they have not
// changed: the first, the second after that, then the fourth, up to
// limits::certificate_retry_looks.
class retries_by_looks {
public:
  void begin() { pause_ = left_ = 1; }
  void stop() { left_ = 0; }

  // At each look. True where one is due; there is another, unless it is stopped.
  bool is_due();

private:
  unsigned pause_ = 1;
  unsigned left_ = 0; // looks; 0: nothing is to be read again
};

class certificate_watch {
public:
  using milliseconds = std::chrono::milliseconds;
  // Is told of new credentials, or why the files that are there now cannot be used: once for each
  // reason, though they are read again by themselves until they can be. In the watch's thread.
  using listener = std::function<void(const result<tls_credentials>&)>;

  // Watches with a thread of its own, which looks at the files that often. `used`: as they were
  // before they were read last. Throws std::system_error where the system has no thread left.
  certificate_watch(credential_files files, credential_file_states used,
                    std::function<timestamp()> now, listener tell, milliseconds look);
  ~certificate_watch(); // waits for a call of `tell` that has begun
  certificate_watch(const certificate_watch&) = delete;
  certificate_watch& operator=(const certificate_watch&) = delete;

  // Reads them soon, whatever their times say. Any thread.
  void read_again();

private:
  bool wait(); // false at the end
  void run();
  void read(bool is_retry);

  const credential_files files_;
  const std::function<timestamp()> now_;
  const listener tell_;
  const milliseconds look_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  bool ending_ = false;
  credential_file_states used_; // as they were read last
  retries_by_looks retries_;
  std::string told_problem_; // of the reads since the files have changed
  std::thread thread_;       // last: it uses the others
};

} // namespace pawl::gateway
