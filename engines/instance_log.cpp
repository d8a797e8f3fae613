#include "engines/instance_log.hpp"

#include "engines/files.hpp"
#include "engines/line_splitter.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t running_most = 64 * limits::mib;
constexpr std::uint64_t running_kept = 32 * limits::mib;
constexpr std::uint64_t stopped_kept = 1 * limits::mib;
constexpr std::uint64_t tail_most = 16 * limits::mib;
constexpr std::size_t logs_kept = 200;

// The last bytes, from the beginning of a line on where the file is longer.
std::string read_end(const fs::path& log, std::uint64_t most) {
  auto file = open_file(log, O_RDONLY | O_NOFOLLOW);
  struct stat about {};
  if (!file || ::fstat(file->get(), &about) != 0)
    return {};
  auto size = static_cast<std::uint64_t>(about.st_size);
  auto from = size > most ? size - most : 0;
  std::string bytes(size - from, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    auto got = ::pread(file->get(), bytes.data() + filled, bytes.size() - filled,
                       static_cast<off_t>(from + filled));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  auto first = from == 0 ? std::string::npos : bytes.find('\n');
  return first == std::string::npos ? bytes : bytes.substr(first + 1);
}

} // namespace

std::vector<std::string> last_lines(const fs::path& log, std::size_t lines) {
  std::vector<std::string> all;
  if (lines == 0)
    return all;
  auto most = lines < tail_most / limits::log_line_bytes
                  ? std::max<std::uint64_t>(lines * limits::log_line_bytes, 64 * limits::kib)
                  : tail_most;
  line_splitter splitter;
  auto emit = [&](std::string_view line) { all.emplace_back(line); };
  splitter.feed(read_end(log, most), emit);
  splitter.finish(emit);
  if (all.size() > lines)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return all;
}

void bound_log(const fs::path& log) {
  auto file = open_file(log, O_WRONLY | O_NOFOLLOW);
  struct stat about {};
  if (!file || ::fstat(file->get(), &about) != 0)
    return;
  // Appending goes on at the end, wherever that is: a hole moves nothing.
  if (static_cast<std::uint64_t>(about.st_blocks) * 512 > running_most)
    ::fallocate(file->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                about.st_size - static_cast<off_t>(running_kept));
}

void keep_log(const fs::path& log, const fs::path& kept) {
  std::error_code ignored;
  if (!fs::exists(log, ignored) || !make_directories(kept.parent_path()))
    return;
  if (fs::file_size(log, ignored) > stopped_kept) {
    if (auto file = open_file(kept, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW); file)
      if (!write_all(file->get(), read_end(log, stopped_kept)))
        fs::remove(kept, ignored); // a log may be lost to a full disk; the stop goes on
  } else {
    fs::rename(log, kept, ignored);
  }
  std::vector<std::pair<fs::file_time_type, fs::path>> logs;
  for (const auto& entry : fs::directory_iterator{kept.parent_path(), ignored})
    logs.emplace_back(entry.last_write_time(ignored), entry.path());
  std::sort(logs.rbegin(), logs.rend());
  for (std::size_t i = logs_kept; i < logs.size(); ++i)
    fs::remove(logs[i].second, ignored);
}

} // namespace pawl
