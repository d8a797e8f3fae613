// Runs the system's tar, for backups. Its messages go to stderr. Blocks; any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace pawl {

// Whether files may change while tar reads them: of those the archive has parts of different
// moments.
enum class live_files : std::uint8_t { refused, taken };

// Runs it to its end; unavailable unless it says that all went well. `doing` goes on after
// "cannot".
result<void> run_tar(std::vector<std::string> arguments, std::string_view doing,
                     live_files changing = live_files::refused);

// One that runs, and whose stdout is read here. The object's end waits for that of the program.
class tar_reader {
public:
  static result<tar_reader> begin(std::vector<std::string> arguments, std::string_view doing);
  tar_reader(tar_reader&& other) noexcept;
  tar_reader& operator=(tar_reader&&) = delete;
  ~tar_reader();

  int output() const { return output_.get(); }

  // When all was read: unavailable unless it says that all went well.
  result<void> finish();

private:
  tar_reader(pid_t pid, descriptor output, std::string doing);

  pid_t pid_;
  descriptor output_;
  std::string doing_;
};

} // namespace pawl
