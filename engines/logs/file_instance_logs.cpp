#include "engines/logs/file_instance_logs.hpp"

namespace pawl {

file_instance_logs::file_instance_logs(std::filesystem::path directory, stopped_test stopped)
    : directory_(std::move(directory)), stopped_(std::move(stopped)), watcher_(directory_) {}

result<descriptor> file_instance_logs::open(const std::string& name) {
  return open_log(directory_ / name);
}

void file_instance_logs::say(const std::string& name, std::string_view line) const {
  if (auto log = open_log(directory_ / name)) [[maybe_unused]]
    auto said = write_all(log->get(), std::string{line} + "\n");
}

void file_instance_logs::finish(const std::string& name) {
  if (size(name) > 0) // open_log() ends an open line; a log that cannot be written stays as it is
      [[maybe_unused]]
    auto ended = open_log(directory_ / name);
}

void file_instance_logs::close(const std::string& name) {
  watcher_.forget(name);
  bound_log(directory_ / name, stopped_log_kept, stopped_log_kept);
  remove_old_logs(directory_, [this](const std::string& other) { return !stopped_(other); });
}

std::vector<std::string> file_instance_logs::last_lines(const std::string& name,
                                                        std::size_t lines) {
  return last_lines_from(name, lines, 0);
}

std::vector<std::string> file_instance_logs::last_lines_from(const std::string& name,
                                                             std::size_t lines,
                                                             std::uint64_t from) const {
  return is_plain_name(name) ? pawl::last_lines(directory_ / name, lines, from)
                             : std::vector<std::string>{};
}

std::uint64_t file_instance_logs::last_lines_begin(const std::string& name, std::size_t lines) {
  return is_plain_name(name) ? pawl::last_lines_begin(directory_ / name, lines) : 0;
}

// Whether it was stopped is asked first: all its output is then in the log before the page is read.
log_page file_instance_logs::read(const std::string& name, std::uint64_t from,
                                  std::size_t most_lines, bool unfinished) {
  log_page page;
  page.next = from;
  page.at_end = page.stopped = true;
  if (!is_plain_name(name))
    return page;
  bool stopped = stopped_(name);
  page = read_log_page(directory_ / name, from, most_lines, unfinished || stopped);
  page.stopped = stopped;
  return page;
}

std::shared_ptr<void> file_instance_logs::watch(const std::string& name, const log_page& seen,
                                                std::function<void()> callback) {
  auto watching = watcher_.call_when_longer(name, seen.size, callback);
  if (seen.stopped != stopped_(name))
    callback();
  return watching;
}

} // namespace pawl
