// A file where nobody but this process's user can put, read or lock one. Any thread.
#pragma once

#include "posix/files.hpp"

namespace pawl {

// Opens DIRECTORY/name for reading and writing. The directory and the file are made if they are
// missing; the directory's parent has to exist, and others may write to it, as to /tmp. unavailable
// if the directory is a link, belongs to another user or is open to others, with the reason.
result<descriptor> open_private_file(const std::filesystem::path& directory,
                                     const std::string& name);

} // namespace pawl
