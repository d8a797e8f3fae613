#include "bin/pawld/image_backup.hpp"

#include "bin/pawld/tar_run.hpp"
#include "engines/docker/image_archive.hpp"
#include "lifecycle/cluster.hpp"
#include "persistence/lmdb/version_scan.hpp"
#include "posix/digest.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <sstream>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view image_list = "pawl-images";
constexpr std::size_t image_list_bytes = 16 * limits::mib; // some 100,000 images
constexpr std::string_view way_out = "or do without images, by --without-images: their versions "
                                     "cannot be released again after the restore, unless the "
                                     "Docker Engine has them";

error with_way_out(error why) {
  why.message += fmt::format("; {}", way_out);
  return why;
}

error no_engine() {
  return {errc::invalid_argument,
          fmt::format("versions are images of a Docker Engine, and no cluster of the configuration "
                      "has engine = \"docker\": give --config with such a cluster, {}",
                      way_out),
          {}};
}

image_archive archive_on(const fs::path& data_dir, const image_choice& images) {
  docker_engine_config config;
  config.data_dir = data_dir;
  config.socket = *images.socket;
  return image_archive{std::move(config)};
}

std::string path_of(const std::string& app, const std::string& digest) {
  return fmt::format("images/{}/{}.tar", app, digest_file_name(digest));
}

// The image is in the working directory and in the archive at the same time.
result<void> check_room(const fs::path& work, const std::string& app, std::uint64_t bytes) {
  struct statvfs room {};
  if (::statvfs(work.c_str(), &room) != 0)
    return system_error("look at the file system of " + work.native(), errno);
  const std::uint64_t free = room.f_bavail * room.f_frsize;
  const std::uint64_t needed = 2 * bytes + 64 * limits::mib;
  if (free >= needed)
    return {};
  return error{errc::resource_exhausted,
               fmt::format("an image of {} takes {} bytes in a backup while it is written, and {} "
                           "are free beside the file: make room, name a file on another disk, {}",
                           app, needed, free, way_out),
               {}};
}

// The bytes of the image in the archive.
result<std::uint64_t> add_image(const image_archive& engine, const fs::path& archive,
                                const fs::path& work, const std::string& app,
                                const std::string& digest) {
  const auto name = path_of(app, digest);
  if (auto made = make_directories((work / name).parent_path()); !made)
    return std::move(made).error();
  auto spool = open_file(work / name, O_WRONLY | O_CREAT | O_TRUNC);
  if (!spool)
    return std::move(spool).error();
  auto saved = engine.save(app, digest,
                           [&](std::string_view part) { return write_all(spool->get(), part); });
  if (!saved)
    return saved;
  if (auto added = run_tar(
          {"--append", "--file", archive.native(), "--numeric-owner", "-C", work.native(), name},
          "write the backup");
      !added)
    return std::move(added).error();
  if (::unlink((work / name).c_str()) != 0)
    return system_error("remove " + (work / name).native(), errno);
  return saved;
}

// The lines of the list that are of possible names: others are none of pawld's.
result<image_set> read_list(const fs::path& file) {
  auto text = read_file(file, image_list_bytes);
  if (!text && text.error().code == errc::not_found)
    return image_set{};
  if (!text)
    return std::move(text).error();
  image_set found;
  std::istringstream lines{*text};
  for (std::string app, digest; lines >> app >> digest;)
    if (is_plain_name(app) && is_digest(digest))
      found.emplace(app, digest);
  return found;
}

result<void> load_one(const image_archive& engine, const fs::path& archive, const std::string& app,
                      const std::string& digest) {
  auto there = engine.bytes_of(app, digest);
  if (!there)
    return std::move(there).error();
  if (*there)
    return {};
  auto reader = tar_reader::begin(
      {"--extract", "--to-stdout", "--file", archive.native(), path_of(app, digest)},
      "read the backup");
  if (!reader)
    return std::move(reader).error();
  auto loaded = engine.load(
      app, digest, [fd = reader->output()](std::span<char> to) -> std::optional<std::size_t> {
        ssize_t got = 0;
        while ((got = ::read(fd, to.data(), to.size())) < 0 && errno == EINTR) {
        }
        return got < 0 ? std::nullopt : std::optional{static_cast<std::size_t>(got)};
      });
  auto whole = reader->finish();
  return loaded ? whole : loaded;
}

// Says which versions of the store are images that are not in the set.
result<void> tell_missing(const fs::path& store, const image_set& there, std::string_view where) {
  return each_version(store, [&](const version_record& version) {
    if (version.engine == to_string(engine_kind::docker) &&
        !there.contains({version.app, version.artifact}))
      fmt::print("without the image of {} {}, which is not {}\n", version.app,
                 to_string(version.number), where);
  });
}

} // namespace

result<image_set> images_in(const fs::path& store) {
  image_set found;
  auto read = each_version(store, [&](const version_record& version) {
    if (version.engine == to_string(engine_kind::docker) && is_plain_name(version.app) &&
        is_digest(version.artifact))
      found.emplace(version.app, version.artifact);
  });
  return read ? result<image_set>{std::move(found)} : std::move(read).error();
}

result<void> add_images(const fs::path& archive, const fs::path& work, const image_choice& images) {
  auto wanted = images_in(work / "store");
  if (!wanted)
    return std::move(wanted).error();
  if (wanted->empty())
    return {};
  if (images.without) {
    fmt::print("without images, of which the versions in it are {}: --restore says which of them "
               "the Docker Engine lacks\n",
               wanted->size());
    return {};
  }
  if (!images.socket)
    return no_engine();
  auto engine = archive_on(work, images);
  if (auto up = engine.find_daemon(); !up)
    return with_way_out(std::move(up).error());
  image_set kept;
  std::uint64_t bytes = 0;
  for (const auto& [app, digest] : *wanted) {
    auto there = engine.bytes_of(app, digest);
    if (!there)
      return with_way_out(std::move(there).error());
    if (!*there)
      continue;
    if (auto room = check_room(work, app, **there); !room)
      return room;
    auto added = add_image(engine, archive, work, app, digest);
    if (!added && added.error().code == errc::not_found) // removed just now
      continue;
    if (!added)
      return with_way_out(std::move(added).error());
    bytes += *added;
    kept.emplace(app, digest);
  }
  std::string list;
  for (const auto& [app, digest] : kept)
    list += fmt::format("{} {}\n", app, digest);
  if (auto written = write_file_durably(work / image_list, list); !written)
    return written;
  if (auto added = run_tar({"--append", "--file", archive.native(), "--numeric-owner", "-C",
                            work.native(), std::string{image_list}},
                           "write the backup");
      !added)
    return added;
  fmt::print("images: {}, {} bytes\n", kept.size(), bytes);
  return tell_missing(work / "store", kept, "with the Docker Engine any more");
}

result<void> check_containers(const fs::path& data_dir, const image_choice& images) {
  if (!images.socket)
    return {};
  auto engine = archive_on(data_dir, images);
  auto up = engine.find_daemon();
  auto running = up ? engine.running() : result<std::vector<std::string>>{std::move(up).error()};
  if (!running && !images.without)
    return with_way_out(std::move(running).error());
  if (!running) {
    fmt::print("warning: {}. Whether containers of an earlier data directory at {} run is not "
               "known: the server would stop them\n",
               running.error().message, data_dir.native());
    return {};
  }
  if (running->empty())
    return {};
  return error{errc::invalid_argument,
               fmt::format("containers of an earlier data directory at {} still run: {}. Stop them "
                           "first (docs/operating.md, \"To take everything down\")",
                           data_dir.native(), fmt::join(*running, ", ")),
               {}};
}

result<void> restore_images(const fs::path& archive, const fs::path& data_dir,
                            const image_choice& images) {
  const auto list = data_dir / image_list;
  auto held = read_list(list);
  if (!held)
    return std::move(held).error();
  auto wanted = images_in(data_dir / "store");
  if (!wanted)
    return std::move(wanted).error();
  if (::unlink(list.c_str()) != 0 && errno != ENOENT)
    return system_error("remove " + list.native(), errno);
  if (wanted->empty())
    return {};
  if (images.without || (!images.socket && held->empty())) {
    fmt::print("without images: {} versions' images are looked for when they are released\n",
               wanted->size());
    return {};
  }
  if (!images.socket)
    return no_engine();
  auto engine = archive_on(data_dir, images);
  image_set there;
  for (const auto& [app, digest] : *wanted) {
    if (held->contains({app, digest}))
      if (auto loaded = load_one(engine, archive, app, digest); !loaded)
        return with_way_out(std::move(loaded).error());
    auto found = engine.bytes_of(app, digest);
    if (!found)
      return with_way_out(std::move(found).error());
    if (*found)
      there.emplace(app, digest);
  }
  fmt::print("images: {} of {}\n", there.size(), wanted->size());
  return tell_missing(data_dir / "store", there,
                      "in the backup, nor with the Docker Engine: deploy its source again");
}

} // namespace pawl
