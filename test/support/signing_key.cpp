#include "test/support/signing_key.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace pawl::test {

namespace {

void signing_must(bool done) {
  if (!done)
    throw std::runtime_error("OpenSSL has refused to sign a token");
}

const EVP_MD* digest_of(std::string_view algorithm) {
  const auto bits = algorithm.substr(2);
  return bits == "256" ? ::EVP_sha256() : bits == "384" ? ::EVP_sha384() : ::EVP_sha512();
}

// Of a fixed size where one is given, as the coordinates of a curve are.
std::string number_of(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  signing_must(::EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
  ::BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
  ::BN_free(number);
  return base64url(bytes);
}

// A token has the two numbers of a signature side by side, and OpenSSL a structure of them.
std::string side_by_side(const std::string& structure, int size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(structure.data());
  auto* pair = ::d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(structure.size()));
  signing_must(pair != nullptr);
  std::string both(2 * static_cast<std::size_t>(size), '\0');
  auto* to = reinterpret_cast<unsigned char*>(both.data());
  ::BN_bn2binpad(::ECDSA_SIG_get0_r(pair), to, size);
  ::BN_bn2binpad(::ECDSA_SIG_get0_s(pair), to + size, size);
  ::ECDSA_SIG_free(pair);
  return both;
}

std::string unsigned_part(std::string_view header, std::string_view claims) {
  return base64url(header) + "." + base64url(claims);
}

} // namespace

struct signing_key::key {
  EVP_PKEY* pair;

  explicit key(EVP_PKEY* made) : pair(made) { signing_must(made != nullptr); }
  key(const key&) = delete;
  key& operator=(const key&) = delete;
  ~key() { ::EVP_PKEY_free(pair); }

  bool is_rsa() const { return ::EVP_PKEY_get_base_id(pair) == EVP_PKEY_RSA; }
  int coordinate_bytes() const { return (::EVP_PKEY_get_bits(pair) + 7) / 8; }
};

std::string base64url(std::string_view bytes) {
  constexpr std::string_view characters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6)
      text.push_back(characters[bits >> (held - 6) & 63U]);
  }
  if (held > 0)
    text.push_back(characters[bits << (6 - held) & 63U]);
  return text;
}

signing_key::signing_key(std::string id, std::shared_ptr<key> pair)
    : id_(std::move(id)), key_(std::move(pair)) {}

signing_key signing_key::rsa(std::string id, unsigned bits) {
  return {std::move(id), std::make_shared<key>(EVP_RSA_gen(bits))};
}

signing_key signing_key::curve(std::string id, const char* name) {
  return {std::move(id), std::make_shared<key>(EVP_EC_gen(name))};
}

std::string signing_key::published(std::string_view more) const {
  const auto* pair = key_->pair;
  if (key_->is_rsa())
    return fmt::format(R"({{"kty":"RSA","kid":"{}","n":"{}","e":"{}"{}}})", id_,
                       number_of(pair, OSSL_PKEY_PARAM_RSA_N),
                       number_of(pair, OSSL_PKEY_PARAM_RSA_E), more);
  const int size = key_->coordinate_bytes();
  const auto* name = size == 32 ? "P-256" : size == 48 ? "P-384" : "P-521";
  return fmt::format(R"({{"kty":"EC","kid":"{}","crv":"{}","x":"{}","y":"{}"{}}})", id_, name,
                     number_of(pair, OSSL_PKEY_PARAM_EC_PUB_X, size),
                     number_of(pair, OSSL_PKEY_PARAM_EC_PUB_Y, size), more);
}

std::string signing_key::public_pem() const {
  auto* memory = ::BIO_new(::BIO_s_mem());
  signing_must(::PEM_write_bio_PUBKEY(memory, key_->pair) == 1);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  std::string text{bytes, static_cast<std::size_t>(size)};
  ::BIO_free(memory);
  return text;
}

std::string signing_key::sign(std::string_view algorithm, std::string_view header,
                              std::string_view claims) const {
  const auto text = unsigned_part(header, claims);
  auto* context = ::EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  signing_must(::EVP_DigestSignInit(context, &options, digest_of(algorithm), nullptr, key_->pair) ==
               1);
  if (algorithm.starts_with("PS"))
    signing_must(::EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                 ::EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  signing_must(::EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
  std::string signature(size, '\0');
  signing_must(::EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                bytes, text.size()) == 1);
  signature.resize(size);
  ::EVP_MD_CTX_free(context);
  if (!key_->is_rsa())
    signature = side_by_side(signature, key_->coordinate_bytes());
  return text + "." + base64url(signature);
}

std::string signing_key::sign(std::string_view algorithm, std::string_view claims) const {
  return sign(algorithm, fmt::format(R"({{"alg":"{}","typ":"JWT","kid":"{}"}})", algorithm, id_),
              claims);
}

std::string sign_by_secret(std::string_view secret, std::string_view header,
                           std::string_view claims) {
  const auto text = unsigned_part(header, claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return text + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

std::string key_set_of(std::initializer_list<std::string> published) {
  std::string all;
  for (const auto& one : published)
    all += (all.empty() ? "" : ",") + one;
  return R"({"keys":[)" + all + "]}";
}

} // namespace pawl::test
