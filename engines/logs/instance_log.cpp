#include "engines/logs/instance_log.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t tail_most = 16 * limits::mib;
constexpr std::uint64_t step_bytes = 64 * limits::kib;
// Holes end at a multiple of it, which is a multiple of every file system's block, so that all
// bytes after a hole were printed.
constexpr std::uint64_t hole_unit = 64 * limits::kib;

struct open_log_file {
  descriptor file;
  std::uint64_t size = 0;
  timestamp written = {};
  std::uint64_t taken = 0; // bytes on the disk
};

std::optional<open_log_file> look(const fs::path& log, int flags) {
  auto file = open_file(log, flags | O_NOFOLLOW | O_NONBLOCK);
  struct stat about {};
  if (!file || ::fstat(file->get(), &about) != 0 || !S_ISREG(about.st_mode))
    return std::nullopt;
  auto written =
      std::chrono::seconds{about.st_mtim.tv_sec} + std::chrono::nanoseconds{about.st_mtim.tv_nsec};
  return open_log_file{std::move(*file), static_cast<std::uint64_t>(about.st_size),
                       timestamp{std::chrono::floor<std::chrono::milliseconds>(written)},
                       static_cast<std::uint64_t>(about.st_blocks) * 512};
}

std::string read_at(const descriptor& file, std::uint64_t from, std::uint64_t most) {
  std::string bytes(most, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    auto got = ::pread(file.get(), bytes.data() + filled, bytes.size() - filled,
                       static_cast<off_t>(from + filled));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

// The first byte at `from` or after it that the log still has.
std::uint64_t kept_from(const open_log_file& log, std::uint64_t from) {
  auto at = ::lseek(log.file.get(), static_cast<off_t>(from), SEEK_DATA);
  if (at < 0)
    return errno == ENXIO ? log.size : from;
  return static_cast<std::uint64_t>(at);
}

// Bytes from a place on, none of which was given up before it was read.
struct kept_bytes {
  std::uint64_t begin = 0;
  std::string bytes;
};

kept_bytes read_kept(const open_log_file& log, std::uint64_t from) {
  while (true) {
    auto begin = from < log.size ? kept_from(log, from) : log.size;
    kept_bytes got{begin,
                   read_at(log.file, begin,
                           std::min<std::uint64_t>(log.size - begin, limits::log_page_bytes))};
    if (begin >= log.size || kept_from(log, begin) == begin)
      return got;
  }
}

// The end of the next line, and the beginning of the one after it; nothing if the line is not
// complete yet. A line that is too long becomes several.
struct line_end {
  std::size_t end = 0;
  std::size_t next = 0;
};

std::optional<line_end> next_line(std::string_view bytes, std::size_t at) {
  auto rest = bytes.substr(at, limits::log_line_bytes + 1);
  if (auto feed = rest.find('\n'); feed != std::string_view::npos)
    return line_end{at + feed, at + feed + 1};
  if (rest.size() > limits::log_line_bytes)
    return line_end{at + limits::log_line_bytes, at + limits::log_line_bytes};
  return std::nullopt;
}

} // namespace

result<descriptor> open_log(const fs::path& log) {
  if (auto made = make_directories(log.parent_path()); !made)
    return std::move(made).error();
  auto file = open_file(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  if (!file)
    return file;
  auto known = look(log, O_RDONLY);
  if (known && known->size > 0 && read_at(known->file, known->size - 1, 1) != "\n")
    if (auto ended = write_all(file->get(), "\n"); !ended)
      return std::move(ended).error();
  return file;
}

log_mark log_extent(const fs::path& log) {
  auto known = look(log, O_RDONLY);
  return known ? log_mark{known->size, known->written} : log_mark{};
}

log_page read_log_page(const fs::path& log, std::uint64_t from, std::size_t most_lines,
                       bool unfinished) {
  log_page page;
  page.next = from;
  page.at_end = true;
  auto known = look(log, O_RDONLY);
  if (!known)
    return page;
  page.size = known->size;
  const auto kept = read_kept(*known, from);
  const auto begin = kept.begin;
  const auto& bytes = kept.bytes;
  std::size_t at = 0;
  if (begin > from) // the log begins anew within a line
    if (auto feed = bytes.find('\n'); feed != std::string::npos)
      at = feed + 1;
  page.skipped = begin > from ? begin - from + at : 0;
  std::vector<std::uint64_t> last_bytes; // of each line; of an empty one its feed
  const auto take = [&](std::size_t end) {
    page.lines.push_back(bytes.substr(at, end - at));
    last_bytes.push_back(begin + std::max(at, end - std::min<std::size_t>(end, 1)));
  };
  while (page.lines.size() < most_lines) {
    auto line = next_line(bytes, at);
    if (!line)
      break;
    take(line->end);
    at = line->next;
  }
  bool all_read = begin + bytes.size() >= page.size;
  bool cut = page.lines.size() >= most_lines && at < bytes.size();
  if (all_read && !cut && unfinished && at < bytes.size()) {
    take(bytes.size());
    at = bytes.size();
  }
  page.times = times_of(log, last_bytes, {known->size, known->written});
  page.next = std::max(from, begin + at);
  page.at_end = all_read && !cut;
  return page;
}

std::uint64_t last_lines_begin(const fs::path& log, std::size_t lines) {
  auto known = look(log, O_RDONLY);
  if (!known || known->size == 0)
    return 0;
  auto lowest = known->size > tail_most ? known->size - tail_most : 0;
  auto last_byte = known->size - 1; // a feed there ends the last line and begins none
  if (lines == 0)
    return known->size;
  std::size_t found = 0;
  for (auto end = last_byte; end > lowest;) {
    auto begin = std::max(lowest, end > step_bytes ? end - step_bytes : 0);
    if (kept_from(*known, begin) != begin)
      return begin;
    auto bytes = read_at(known->file, begin, end - begin);
    for (auto i = bytes.size(); i > 0; --i)
      if (bytes[i - 1] == '\n' && ++found == lines)
        return begin + i;
    end = begin;
  }
  return lowest;
}

std::vector<std::string> last_lines(const fs::path& log, std::size_t lines, std::uint64_t from) {
  std::vector<std::string> all;
  auto at = std::max(from, last_lines_begin(log, lines));
  for (bool more = lines > 0; more;) {
    auto page = read_log_page(log, at, limits::journal_page_events, true);
    std::move(page.lines.begin(), page.lines.end(), std::back_inserter(all));
    if (all.size() > lines)
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
    at = page.next;
    more = !page.at_end;
  }
  return all;
}

void bound_log(const fs::path& log, std::uint64_t most, std::uint64_t kept) {
  auto known = look(log, O_WRONLY);
  if (!known || known->taken <= most || known->size <= kept)
    return;
  auto end = (known->size - kept) / hole_unit * hole_unit;
  if (end > 0)
    ::fallocate(known->file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                static_cast<off_t>(end));
}

void remove_old_logs(const fs::path& directory,
                     const std::function<bool(const std::string&)>& runs) {
  struct stopped_log {
    fs::file_time_type written;
    fs::path path;
    std::uint64_t taken; // with its marks
  };
  std::vector<stopped_log> logs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{directory, ignored})
    if (auto known = look(entry.path(), O_RDONLY); known && !runs(entry.path().filename())) {
      auto marks = look(marks_of(entry.path()), O_RDONLY);
      logs.push_back({entry.last_write_time(ignored), entry.path(),
                      known->taken + (marks ? marks->taken : 0)});
    }
  std::sort(logs.begin(), logs.end(),
            [](const auto& a, const auto& b) { return a.written > b.written; });
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    bytes += logs[i].taken;
    if (i >= stopped_logs_kept || bytes > stopped_logs_bytes)
      fs::remove(logs[i].path, ignored);
  }
  remove_stray_marks(directory);
}

} // namespace pawl
