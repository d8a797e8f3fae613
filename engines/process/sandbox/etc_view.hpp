// The /etc of sandboxes: those files of the machine's /etc that programs need and that are nobody's
// secret.
//
// Shown is what every user of the machine may read, through folders that every user may read, but
// for what etc_rules.hpp names and the server's own files. A folder of which all is shown is
// mounted as it is, and so follows the machine's; of another one, each file and folder is.
// A link is shown if it leads into /etc or to the machine's programs. One that leads elsewhere to
// such a file (/etc/resolv.conf, into /run) is shown as that file.
//
// Dropped: /etc itself with covers over the rest (the kernel takes a cover away when the machine
// replaces the covered file), a copy of all files (hundreds of new files for each data directory),
// and mounts that bubblewrap makes (a millisecond for each).
#pragma once

#include "posix/child_process.hpp"

#include <filesystem>
#include <map>

namespace pawl {

struct etc_source {
  std::filesystem::path from = "/etc";         // another one in tests
  std::vector<std::filesystem::path> own = {}; // the server's files, which are never shown
};

// The steps that make the view at the directory `at`, in a file system in memory. `instead` are
// files that it has in place of the machine's, by their names. Looks at 20,000 files at most, in 16
// folders within each other, and makes 1,000 mounts at most; what is beyond that is not shown.
// Blocks; any thread.
std::vector<file_step> etc_view(const etc_source& source, const std::string& at,
                                const std::map<std::string, std::string>& instead);

} // namespace pawl
