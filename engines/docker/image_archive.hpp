// Artifacts of the Docker engine as files, for backups: each is an image as `docker save` writes
// it, with its id, its labels and the name by which the engine finds it. Any thread; every call
// blocks.
#pragma once

#include "engines/docker/docker_host.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pawl {

class image_archive {
public:
  // For the server with this data directory.
  explicit image_archive(docker_engine_config config) : host_(std::move(config)) {}

  using source = std::function<std::optional<std::size_t>(std::span<char>)>; // as of api_call
  using target = std::function<result<void>(std::string_view)>;

  // unavailable, with the reason, if no daemon answers.
  result<void> find_daemon();

  // Bytes of the image by the daemon's word; nothing if it is not there any more.
  result<std::optional<std::uint64_t>> bytes_of(const std::string& app,
                                                const std::string& digest) const;

  // Gives the image piece by piece, and returns the bytes. too_large after twice the bytes that the
  // daemon names, and 64 MiB: it would be no image. The error of `to`, if it fails.
  result<std::uint64_t> save(const std::string& app, const std::string& digest,
                             const target& to) const;

  // Takes it back. data_corruption if the daemon makes another image of it.
  result<void> load(const std::string& app, const std::string& digest, const source& from) const;

  // The names of this server's instances whose containers run.
  result<std::vector<std::string>> running() const;

  const std::filesystem::path& socket() const { return host_.config().socket; }

private:
  docker_host host_;
};

} // namespace pawl
