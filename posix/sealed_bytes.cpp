#include "posix/sealed_bytes.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include <sys/random.h>

namespace pawl {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

void fill_randomly(unsigned char* bytes, std::size_t size) {
  // So few bytes always come at once, and whole.
  while (::getrandom(bytes, size, 0) != static_cast<ssize_t>(size)) {
  }
}

struct free_context {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, free_context>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

sealing_key random_sealing_key() {
  sealing_key key{};
  fill_randomly(key.data(), key.size());
  return key;
}

std::string seal_bytes(const sealing_key& key, std::string_view bound_to, std::string_view text) {
  std::string out(nonce_bytes + text.size() + tag_bytes, '\0');
  fill_randomly(bytes_of(out), nonce_bytes);
  const cipher_context context{EVP_CIPHER_CTX_new()};
  int length = 0;
  auto* body = bytes_of(out) + nonce_bytes;
  const bool done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(out)) ==
          1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(bound_to),
                        static_cast<int>(bound_to.size())) == 1 &&
      (text.empty() || EVP_EncryptUpdate(context.get(), body, &length, bytes_of(text),
                                         static_cast<int>(text.size())) == 1) &&
      EVP_EncryptFinal_ex(context.get(), body + text.size(), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, body + text.size()) == 1;
  if (!done) // only without memory: nothing else of it can fail
    std::abort();
  return out;
}

std::optional<secret> open_sealed(const sealing_key& key, std::string_view bound_to,
                                  std::string_view sealed) {
  if (sealed.size() < nonce_bytes + tag_bytes)
    return std::nullopt;
  const auto body = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag{sealed.substr(sealed.size() - tag_bytes)};
  const cipher_context context{EVP_CIPHER_CTX_new()};
  std::string text(body.size(), '\0');
  int length = 0;
  const bool done =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(sealed)) ==
          1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(bound_to),
                        static_cast<int>(bound_to.size())) == 1 &&
      (body.empty() || EVP_DecryptUpdate(context.get(), bytes_of(text), &length, bytes_of(body),
                                         static_cast<int>(body.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(text) + text.size(), &length) == 1;
  secret opened{std::move(text)}; // which also wipes what must not be used
  if (!done)
    return std::nullopt;
  return opened;
}

} // namespace pawl
