#include "gateway/remote/certificate_watch.hpp"

#include "lifecycle/limits.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace pawl::gateway {

credential_file_states::credential_file_states(const credential_files& files) {
  look_at(files.certificate);
  look_at(files.key);
  if (files.client_ca)
    look_at(*files.client_ca);
}

void credential_file_states::look_at(const std::filesystem::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    states_.emplace_back();
    return;
  }
  // The time of the inode: a mode that was mended is a change too, and nobody can set it back.
  states_.push_back({about.st_dev, about.st_ino, about.st_size,
                     std::chrono::seconds{about.st_ctim.tv_sec} +
                         std::chrono::nanoseconds{about.st_ctim.tv_nsec}});
}

bool retries_by_looks::is_due() {
  if (left_ == 0 || --left_ > 0)
    return false;
  pause_ = std::min(2 * pause_, limits::certificate_retry_looks);
  left_ = pause_;
  return true;
}

certificate_watch::certificate_watch(credential_files files, credential_file_states used,
                                     std::function<timestamp()> now, listener tell,
                                     milliseconds look)
    : files_(std::move(files)), now_(std::move(now)), tell_(std::move(tell)), look_(look),
      used_(std::move(used)) {
  thread_ = std::thread{[this] { run(); }};
}

certificate_watch::~certificate_watch() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void certificate_watch::read_again() {
  {
    const std::lock_guard lock{mutex_};
    asked_ = true;
  }
  changed_.notify_all();
}

bool certificate_watch::wait() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, look_, [this] { return asked_ || ending_; });
  return !ending_;
}

// A certificate and its key are two files: they are read when nothing has changed for one look.
void certificate_watch::run() {
  auto seen = used_;
  while (wait()) {
    const bool asked = [this] {
      const std::lock_guard lock{mutex_};
      return std::exchange(asked_, false);
    }();
    credential_file_states now{files_};
    const bool settled = now == seen;
    seen = std::move(now);
    const bool changed = settled && seen != used_;
    const bool retry = settled && !changed && retries_.is_due();
    if (!asked && !changed && !retry)
      continue;
    used_ = seen;
    read(!asked && !changed);
  }
}

// The reason may pass without a change of the files: no descriptor was left, or the disk is back.
void certificate_watch::read(bool is_retry) {
  const auto outcome = read_credentials(files_, now_());
  const auto problem = outcome ? "" : outcome.error().message;
  if (outcome)
    retries_.stop();
  else if (!is_retry)
    retries_.begin();
  if (outcome || !is_retry || problem != told_problem_)
    tell_(outcome);
  told_problem_ = problem;
}

} // namespace pawl::gateway
