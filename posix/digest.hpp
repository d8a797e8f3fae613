// SHA-256 in the form in which sources and artifacts are named: "sha256:" and 64 hexadecimal digits
// (is_digest() in lifecycle/names.hpp checks it).
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

  // Called once, after the last add().
  std::string text();

private:
  struct context;
  std::unique_ptr<context> context_;
};

// The digest of the file from offset 0 to its end; does not use the descriptor's position. Blocks.
result<std::string> digest_of_file(int fd);

// The digest as part of a file's name: "sha256-…".
std::string digest_file_name(std::string_view digest_text);

} // namespace pawl
