// The messages about volumes; and their answers.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks for the volumes of one app or all, in one cluster or all; answered by `volume_list`.
struct volumes_request {
  static constexpr std::string_view kind = "volumes_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
};

template <class Visit, is_a<volumes_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const volumes_request& m);

// Asks that a volume of a lane is removed with all that is in it; answered by `volume_removed`.
struct volume_remove_request {
  static constexpr std::string_view kind = "volume_remove_request";

  std::string app;
  std::string cluster; // empty: the server's only one
  std::string name;
};

template <class Visit, is_a<volume_remove_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("volume", x.name);
}

result<void> check(const volume_remove_request& m);

// --- answers

struct volume_view {
  std::string app;
  std::string cluster;
  std::string name;
  std::string path = {};   // where the active version has it; empty: it does not use it
  std::uint64_t bytes = 0; // that it takes of the disk
  bool measured = true;    // false: it may take more
};

template <class Visit, is_a<volume_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("name", x.name);
  visit("path", x.path);
  visit("bytes", x.bytes);
  visit("measured", x.measured);
}

// By app, cluster and name.
struct volume_list {
  static constexpr std::string_view kind = "volume_list";

  std::vector<volume_view> volumes = {};
  bool complete = true; // false: there are more than limits::volumes_listed
};

template <class Visit, is_a<volume_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("volumes", x.volumes);
  visit("complete", x.complete);
}

result<void> check(const volume_list& m);

struct volume_removed {
  static constexpr std::string_view kind = "volume_removed";

  std::string app;
  std::string cluster;
  std::string name;
};

template <class Visit, is_a<volume_removed> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("name", x.name);
}

result<void> check(const volume_removed& m);

} // namespace pawl::protocol
