// Reads documents of issuers over HTTPS.
#pragma once

#include "lifecycle/result.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace pawl {

struct https_request {
  std::string url;
  // PEM: the authorities that count; without it those of this machine.
  std::optional<std::filesystem::path> ca = {};
  std::chrono::milliseconds timeout{}; // for all of it
};

// The body of an answer with status 200. unavailable, with the reason, for everything else: another
// status, a redirection, a server that is not the one of the URL, a body of more than
// limits::issuer_document_bytes, an address that is not https://. A proxy that the environment
// names (https_proxy) is used. Blocks.
result<std::string> https_get(const https_request& asked);

} // namespace pawl
