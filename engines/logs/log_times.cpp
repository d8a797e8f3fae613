#include "engines/logs/log_times.hpp"

#include "posix/files.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr auto marks_directory = "times"; // no instance is called so
constexpr std::size_t mark_bytes = 16;
constexpr std::size_t marks_at_once = 256; // of one read

using packed_mark = std::array<char, mark_bytes>;

timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void put(std::uint64_t value, char* to) {
  for (std::size_t i = 0; i < 8; ++i)
    to[i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t get(const char* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  return value;
}

packed_mark pack(const log_mark& mark) {
  packed_mark bytes{};
  put(mark.size, bytes.data());
  put(static_cast<std::uint64_t>(mark.at.time_since_epoch().count()), bytes.data() + 8);
  return bytes;
}

log_mark unpack(const char* bytes) {
  timestamp at{std::chrono::milliseconds{static_cast<std::int64_t>(get(bytes + 8))}};
  return {get(bytes), std::max(at, timestamp{})};
}

// Marks from an index on, as many as there are, at most `most`.
std::vector<log_mark> read_marks(const descriptor& file, std::size_t first, std::size_t most) {
  std::vector<char> bytes(most * mark_bytes);
  auto got =
      ::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(first * mark_bytes));
  std::vector<log_mark> marks;
  for (std::size_t i = 0; got > 0 && (i + 1) * mark_bytes <= static_cast<std::size_t>(got); ++i)
    marks.push_back(unpack(bytes.data() + i * mark_bytes));
  return marks;
}

std::size_t count_marks(const descriptor& file) {
  struct stat about {};
  return ::fstat(file.get(), &about) == 0 ? static_cast<std::size_t>(about.st_size) / mark_bytes
                                          : 0;
}

// The index of the first mark with a size over `place`; `count` if there is none.
std::size_t first_over(const descriptor& file, std::size_t count, std::uint64_t place) {
  std::size_t low = 0;
  while (low < count) {
    auto middle = low + (count - low) / 2;
    auto mark = read_marks(file, middle, 1);
    if (mark.empty() || mark.front().size > place)
      count = middle;
    else
      low = middle + 1;
  }
  return low;
}

// No time is right that is later than now, or earlier than that of the mark before: clocks are set,
// and an app may set the time of its file.
timestamp bounded(timestamp at, timestamp least, timestamp most) {
  return std::clamp(at, std::min(least, most), most);
}

// The marks of a log from the one over a place on, read a part at a time.
class marks_in_order {
public:
  marks_in_order(const fs::path& log, std::uint64_t place)
      : file_(open_file(marks_of(log), O_RDONLY | O_NOFOLLOW)) {
    if (!file_)
      return;
    next_ = first_over(*file_, count_marks(*file_), place);
    if (next_ > 0)
      if (auto last = read_marks(*file_, next_ - 1, 1); !last.empty())
        before_ = last.front().at;
    take_part();
  }

  // The first mark over the place, which is not before that of the last call; nullptr: there is
  // none.
  const log_mark* over(std::uint64_t place) {
    while (at_ < part_.size() && part_[at_].size <= place) {
      before_ = part_[at_].at;
      if (++at_ == part_.size())
        take_part();
    }
    return at_ < part_.size() ? &part_[at_] : nullptr;
  }

  // The time of the mark before that one.
  timestamp before() const { return before_; }

private:
  void take_part() {
    part_ = read_marks(*file_, next_, marks_at_once);
    next_ += part_.size();
    at_ = 0;
  }

  result<descriptor> file_;
  std::size_t next_ = 0; // the index of the mark behind the part
  std::vector<log_mark> part_ = {};
  std::size_t at_ = 0;
  timestamp before_ = {};
};

} // namespace

fs::path marks_of(const fs::path& log) {
  return log.parent_path() / marks_directory / log.filename();
}

void remove_stray_marks(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{directory / marks_directory, ignored})
    if (!fs::exists(directory / entry.path().filename(), ignored))
      fs::remove(entry.path(), ignored);
}

// Takes up what an earlier server noted. Half of a mark, and marks past the end of the log, are
// what a power failure leaves.
void log_times::begin(std::uint64_t size) {
  begun_ = true;
  auto file = open_file(marks_, O_RDWR | O_NOFOLLOW);
  if (!file)
    return;
  count_ = first_over(*file, count_marks(*file), size);
  [[maybe_unused]] auto cut = ::ftruncate(file->get(), static_cast<off_t>(count_ * mark_bytes));
  if (count_ > 0)
    if (auto last = read_marks(*file, count_ - 1, 1); !last.empty())
      last_ = last.front();
}

void log_times::note(log_mark present) {
  if (!begun_)
    begin(present.size);
  if (present.size <= last_.size)
    return;
  if (count_ >= log_marks_most)
    thin_out();
  if (count_ >= log_marks_most)
    return;
  present.at = bounded(present.at, last_.at, now());
  auto made = make_directories(marks_.parent_path());
  auto file = open_file(marks_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  auto bytes = pack(present);
  if (!made || !file || !write_all(file->get(), {bytes.data(), bytes.size()}))
    return;
  last_ = present;
  ++count_;
}

void log_times::thin_out() {
  auto whole = open_file(marks_, O_RDONLY | O_NOFOLLOW);
  if (!whole)
    return;
  auto marks = read_marks(*whole, 0, log_marks_most);
  std::string kept;
  for (std::size_t i = 1; i < marks.size(); i += 2) {
    auto bytes = pack(marks[i]);
    kept.append(bytes.data(), bytes.size());
  }
  auto fresh = marks_;
  fresh += ".new";
  auto file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  std::error_code problem;
  if (!file || !write_all(file->get(), kept))
    return;
  fs::rename(fresh, marks_, problem);
  if (!problem)
    count_ = kept.size() / mark_bytes;
}

std::vector<timestamp> times_of(const fs::path& log, std::span<const std::uint64_t> places,
                                log_mark present) {
  std::vector<timestamp> times;
  if (places.empty())
    return times;
  const auto latest = now();
  marks_in_order marks{log, places.front()};
  for (auto place : places) {
    const auto* mark = marks.over(place);
    times.push_back(bounded(mark == nullptr ? present.at : mark->at, marks.before(), latest));
  }
  return times;
}

} // namespace pawl
