#include "sources/files/received_upload.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::uint64_t writeback_bytes = 8 * 1024 * 1024;

} // namespace

received_upload::received_upload(descriptor opened, std::uint64_t announced, std::uint64_t begun)
    : file(std::move(opened)), expected(announced), reached(begun) {
  if (begun == 0)
    sum = std::make_unique<background_digest>();
}

int received_upload::write(std::vector<char> bytes) {
  std::size_t written = 0;
  int problem = 0;
  while (written < bytes.size() && problem == 0) {
    auto more = ::pwrite(file.get(), bytes.data() + written, bytes.size() - written,
                         static_cast<off_t>(reached + written));
    if (more >= 0)
      written += static_cast<std::size_t>(more);
    else if (errno != EINTR)
      problem = errno;
  }
  reached += written;
  if (sum) {
    bytes.resize(written);
    sum->add(std::move(bytes));
    if (reached == expected) { // its thread ends, however long the lane waits
      known_digest = sum->text();
      sum.reset();
    }
  }
  return problem;
}

void received_upload::write_behind() {
  if (reached - given_to_disk < writeback_bytes)
    return;
  const auto before = given_to_disk - std::min(given_to_disk, writeback_bytes);
  if (before < given_to_disk) // no bytes would stand for all of the file
    ::sync_file_range(
        file.get(), static_cast<off_t>(before), static_cast<off_t>(given_to_disk - before),
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  ::sync_file_range(file.get(), static_cast<off_t>(given_to_disk),
                    static_cast<off_t>(reached - given_to_disk), SYNC_FILE_RANGE_WRITE);
  given_to_disk = reached;
}

} // namespace pawl
