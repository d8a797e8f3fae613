#include "engines/logs/process_logs.hpp"

namespace pawl {

namespace fs = std::filesystem;

process_logs::process_logs(const fs::path& data_dir)
    : directory_(data_dir / "logs"), instances_(data_dir / "instances"), watcher_(directory_) {}

bool process_logs::stopped(const std::string& name) const {
  std::error_code ignored;
  return !fs::exists(instances_ / name, ignored);
}

result<descriptor> process_logs::open(const std::string& name) {
  return open_log(directory_ / name);
}

void process_logs::say(const std::string& name, std::string_view line) const {
  if (auto log = open_log(directory_ / name)) // a full disk loses the line
      [[maybe_unused]]
    auto said = write_all(log->get(), std::string{line} + "\n");
}

void process_logs::finish(const std::string& name) {
  if (size(name) > 0) // a log that cannot be written to stays as it is
      [[maybe_unused]]
    auto ended = open_log(directory_ / name);
}

void process_logs::close(const std::string& name) {
  watcher_.forget(name);
  bound_log(directory_ / name, stopped_log_kept, stopped_log_kept);
  remove_old_logs(directory_, [this](const std::string& other) { return !stopped(other); });
}

std::vector<std::string> process_logs::tail(const std::string& name, std::size_t lines,
                                            std::uint64_t from) const {
  return is_plain_name(name) ? last_lines(directory_ / name, lines, from)
                             : std::vector<std::string>{};
}

std::uint64_t process_logs::log_tail(const std::string& name, std::size_t lines) const {
  return is_plain_name(name) ? last_lines_begin(directory_ / name, lines) : 0;
}

// Whether it was stopped is looked at first: it has then printed all before the page is read.
log_page process_logs::read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                            bool unfinished) const {
  log_page page;
  page.next = from;
  page.at_end = page.stopped = true;
  if (!is_plain_name(name))
    return page;
  bool over = stopped(name);
  page = read_log_page(directory_ / name, from, most_lines, unfinished || over);
  page.stopped = over;
  return page;
}

std::shared_ptr<void> process_logs::watch(const std::string& name, const log_page& seen,
                                          std::function<void()> callback) {
  auto watching = watcher_.call_when_longer(name, seen.size, callback);
  if (seen.stopped != stopped(name))
    callback();
  return watching;
}

} // namespace pawl
