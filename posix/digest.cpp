#include "posix/digest.hpp"

#include "posix/files.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include <unistd.h>

namespace pawl {

struct digest::context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
};

digest::digest() : context_(std::make_unique<context>()) {
  if (context_->evp == nullptr || EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) != 1)
    std::abort();
}

digest::~digest() {
  EVP_MD_CTX_free(context_->evp);
}

void digest::add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) != 1)
    std::abort();
}

std::string digest::text() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_->evp, raw.data(), &size) != 1)
    std::abort();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "sha256:";
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[raw[i] >> 4U];
    out += digits[raw[i] & 15U];
  }
  return out;
}

result<std::string> digest_of_file(int fd) {
  digest sum;
  std::vector<char> buffer(256 * 1024);
  off_t offset = 0;
  while (true) {
    auto got = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return system_error("read", errno);
    if (got == 0)
      return sum.text();
    sum.add({buffer.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
}

std::string digest_file_name(std::string_view digest_text) {
  std::string name{digest_text};
  std::replace(name.begin(), name.end(), ':', '-');
  return name;
}

} // namespace pawl
