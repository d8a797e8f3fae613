// Encryption of short texts with a key: AES-256-GCM, which also shows whether the bytes, or what
// they were bound to, were changed.
#pragma once

#include "lifecycle/secret.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

using sealing_key = std::array<unsigned char, 32>;

// Another one each time, of the kernel's randomness. Any thread.
sealing_key random_sealing_key();

// Under a random nonce, which stands in front; the same text gives other bytes each time. It opens
// only with the same key and the same `bound_to`.
std::string seal_bytes(const sealing_key& key, std::string_view bound_to, std::string_view text);

// Nothing if the bytes were not sealed with this key for this place, or were changed.
std::optional<secret> open_sealed(const sealing_key& key, std::string_view bound_to,
                                  std::string_view sealed);

} // namespace pawl
