// A file that holds one secret.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <cstddef>
#include <filesystem>

namespace pawl {

// The text of a regular file, which may be behind links, without the line end at its end. Blocks;
// any thread. invalid_argument with the file and the remedy if it cannot be read, is no file, is
// open to its group or to others, is empty, has a NUL or a line end within, or more than `most`
// bytes. No error has a part of the text in it.
result<secret> read_secret_file(const std::filesystem::path& file, std::size_t most);

} // namespace pawl
