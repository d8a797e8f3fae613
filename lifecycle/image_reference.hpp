// The name of an image, in its parts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl {

struct image_reference {
  std::string registry;   // HOST[:PORT]; "docker.io" where the name has none
  std::string repository; // "library/nginx" for "nginx"
  std::string tag;        // empty if there is none; "latest" is meant where there is no digest
  std::string digest;     // "sha256:" and 64 digits; empty if there is none

  friend bool operator==(const image_reference&, const image_reference&) = default;
};

// Reads a name as `docker pull` does: [HOST[:PORT]/]PATH[:TAG][@sha256:DIGITS]. The part before the
// first slash is a host if it has a dot or a colon in it, or is "localhost". Nothing if no image
// can have the name, as one with upper-case letters, with spaces, or with more than
// limits::image_name_bytes.
std::optional<image_reference> parse_image_reference(std::string_view name);

// Whether the text is HOST or HOST:PORT as the name of an image has it: lower-case letters, digits,
// dots and hyphens, or an address of IPv6 in brackets; a port is from 1 to 65535.
bool is_registry_name(std::string_view text);

} // namespace pawl
