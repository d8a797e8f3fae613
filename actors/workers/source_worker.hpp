// Takes one deployment's source in.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/runtime/owner_watch.hpp"

#include <functional>
#include <memory>

namespace pawl {

// Reads a pawl.toml (and a Procfile, if there is one) into a manifest, or says everything that is
// wrong with it.
using manifest_reader = std::function<result<manifest>(std::string_view manifest,
                                                       const std::optional<std::string>& procfile)>;

// How an app is built and started, and why so: a sentence for each choice.
struct found_settings {
  manifest settings;
  std::vector<std::string> notes = {};
};

// Finds in the verified tar what a manifest leaves open, for a cluster with that engine. Fails if
// nothing says how the app is started, or if the machine lacks a program that its build needs.
using settings_finder = std::function<result<found_settings>(
    const manifest& said, const std::filesystem::path& tar, const std::string& engine)>;

struct source_worker_state {
  static inline const char* name = "source_worker";

  blocking_pointer<source_worker_actor, source_worker_state> self;
  std::shared_ptr<source_store> sources;
  manifest_reader read_manifest;
  settings_finder find_settings;
  lane_reports_actor lane;
  owner_watch owner;
  bool is_closed = false; // parts come only by way of an open_upload

  result<std::uint64_t> open(const open_upload& upload);
  result<std::uint64_t> append(append_upload& part);
  result<verified_source> verify(const verify_upload& upload);
  done close(const close_upload& upload);
};

// Writes an upload to disk and verifies it. Without a `find_settings` the manifest has to say all.
// Blocks.
source_worker_actor::behavior_type
source_worker(blocking_pointer<source_worker_actor, source_worker_state> self,
              std::shared_ptr<source_store> sources, manifest_reader read_manifest,
              settings_finder find_settings, lane_reports_actor lane);

} // namespace pawl
