// SHA-256, written the way sources and artifacts are named: "sha256:" and 64 hexadecimal digits.
#pragma once

#include "lifecycle/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pawl {

class digest {
public:
  digest();
  digest(const digest&) = delete;
  digest& operator=(const digest&) = delete;
  ~digest();

  void add(std::string_view bytes);

  // Once, when everything was added.
  std::string text();

private:
  struct context;
  std::unique_ptr<context> context_;
};

// The digest of what the descriptor reads from offset 0 to its end; its position is not used.
result<std::string> digest_of_file(int fd);

// The digest as it stands in a file's name: "sha256-…".
std::string digest_file_name(std::string_view digest_text);

} // namespace pawl
