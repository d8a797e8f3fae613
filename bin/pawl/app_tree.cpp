#include "bin/pawl/app_tree.hpp"

#include "config/manifest.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::cli {

namespace {

namespace fs = std::filesystem;

// The server takes no link for a file that says how an app is run.
result<void> check_is_no_link(const fs::path& file) {
  std::error_code unknown;
  if (!fs::is_symlink(file, unknown))
    return {};
  return error{
      errc::invalid_argument,
      fmt::format("{} is a symlink, and the server reads only a file: put a copy of what it "
                  "leads to in its place",
                  printable(file.native())),
      {}};
}

result<void> check_files(const app_tree& tree) {
  std::error_code problem;
  if (!fs::is_directory(tree.directory, problem))
    return error{errc::invalid_argument,
                 fmt::format("{} is not a directory: name the app's directory",
                             printable(tree.directory.native())),
                 {}};
  if (!tree.manifest_file.empty() && !fs::is_regular_file(tree.manifest_file, problem))
    return error{errc::invalid_argument,
                 fmt::format("{} is not a file: name the manifest by its path from here",
                             printable(tree.manifest_file.native())),
                 {}};
  if (tree.manifest_file.empty())
    if (auto fine = check_is_no_link(tree.directory / "pawl.toml"); !fine)
      return fine;
  return check_is_no_link(tree.directory / "Procfile");
}

} // namespace

result<manifest> read_settings(const app_tree& tree, config::app_name needs,
                               bool procfile_is_sent) {
  if (auto fine = check_files(tree); !fine)
    return std::move(fine).error();
  auto toml = read_small_file(tree.manifest());
  auto procfile = procfile_is_sent ? read_small_file(tree.directory / "Procfile") : std::nullopt;
  auto read = config::read_manifest(toml.value_or(""), procfile, needs,
                                    config::start_command::may_be_of_image);
  if (read)
    return read;
  auto place = printable(tree.manifest().lexically_normal().native());
  auto why = std::move(read).error();
  why.message = toml ? fmt::format("{}:\n{}", place, why.message)
                     : fmt::format("there is no {}, and {}", place, why.message);
  return why;
}

result<detection::findings> look_into(const packing::packed_source& packed, const manifest& said) {
  if (!detection::leaves_open(said))
    return detection::findings{said};
  auto files = look_into_tar(packed.file.get(), packed.facts.bytes);
  if (!files)
    return std::move(files).error();
  return detection::fill_in(said, **files);
}

} // namespace pawl::cli
