#include "identities/oidc/signed_token.hpp"

#include "lifecycle/limits.hpp"

#include <cjose/cjose.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pawl {

namespace {

struct jws_release {
  void operator()(cjose_jws_t* token) const { ::cjose_jws_release(token); }
};
struct jwk_release {
  void operator()(cjose_jwk_t* key) const { ::cjose_jwk_release(key); }
};
struct memory_release {
  void operator()(char* text) const { std::free(text); } // NOLINT: the library's memory
};

using jws_pointer = std::unique_ptr<cjose_jws_t, jws_release>;
using jwk_pointer = std::unique_ptr<cjose_jwk_t, jwk_release>;

// An algorithm for public keys, and the keys that it is for. All others are refused: `none`, and
// those for which who checks has to have the secret.
struct algorithm {
  std::string_view name;
  cjose_jwk_kty_t key;
  std::size_t curve_bits; // of a key of a curve
};

constexpr std::array<algorithm, 9> algorithms{{{"RS256", CJOSE_JWK_KTY_RSA, 0},
                                               {"RS384", CJOSE_JWK_KTY_RSA, 0},
                                               {"RS512", CJOSE_JWK_KTY_RSA, 0},
                                               {"PS256", CJOSE_JWK_KTY_RSA, 0},
                                               {"PS384", CJOSE_JWK_KTY_RSA, 0},
                                               {"PS512", CJOSE_JWK_KTY_RSA, 0},
                                               {"ES256", CJOSE_JWK_KTY_EC, 256},
                                               {"ES384", CJOSE_JWK_KTY_EC, 384},
                                               {"ES512", CJOSE_JWK_KTY_EC, 521}}};

const algorithm* find_algorithm(std::string_view name) {
  const auto found = std::find_if(algorithms.begin(), algorithms.end(),
                                  [&](const algorithm& one) { return one.name == name; });
  return found == algorithms.end() ? nullptr : &*found;
}

jws_pointer import(const secret& token) {
  cjose_err why{};
  return jws_pointer{::cjose_jws_import(token.reveal().data(), token.size(), &why)};
}

std::string header_text(const jws_pointer& token, const char* name) {
  cjose_err why{};
  const auto* found = ::cjose_header_get(::cjose_jws_get_protected(token.get()), name, &why);
  return found == nullptr ? std::string{} : std::string{found};
}

// Extensions that the one who checks has to know: this one knows none.
bool has_critical_extensions(const jws_pointer& token) {
  cjose_err why{};
  const std::unique_ptr<char, memory_release> found{
      ::cjose_header_get_raw(::cjose_jws_get_protected(token.get()), "crit", &why)};
  return found != nullptr;
}

std::string_view payload(const jws_pointer& token) {
  cjose_err why{};
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!::cjose_jws_get_plaintext(token.get(), &bytes, &size, &why))
    return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

error refused(std::string why) {
  return {errc::unauthenticated, std::move(why), {}};
}

struct checking_key {
  std::string id;
  std::string algorithm; // that it is for; empty: any that fits
  jwk_pointer key;

  std::size_t bits() const {
    cjose_err why{};
    return ::cjose_jwk_get_keysize(key.get(), &why);
  }

  bool fits(const pawl::algorithm& one) const {
    cjose_err why{};
    return ::cjose_jwk_get_kty(key.get(), &why) == one.key &&
           (one.curve_bits == 0 || one.curve_bits == bits()) &&
           (algorithm.empty() || algorithm == one.name);
  }
};

class jose_keys final : public key_set {
public:
  explicit jose_keys(std::vector<checking_key> keys) : keys_(std::move(keys)) {}

  bool has(std::string_view key) const override { return find(key) != nullptr; }

  result<oidc_claims> verify(const secret& text) const override {
    const auto token = import(text);
    if (!token)
      return refused("it is no signed token");
    if (has_critical_extensions(token))
      return refused("it has extensions that are not known here (crit)");
    const auto name = header_text(token, CJOSE_HDR_ALG);
    const auto* how = find_algorithm(name);
    if (how == nullptr)
      return refused("its algorithm is none for public keys");
    const auto* key = find(header_text(token, CJOSE_HDR_KID));
    if (key == nullptr)
      return refused("its key is none of the issuer's");
    if (!key->fits(*how))
      return refused("its algorithm does not fit its key");
    cjose_err why{};
    if (!::cjose_jws_verify(token.get(), key->key.get(), &why))
      return refused("its signature is wrong");
    return claims_in(payload(token));
  }

private:
  const checking_key* find(std::string_view id) const {
    if (id.empty())
      return keys_.size() == 1 ? &keys_.front() : nullptr;
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [&](const checking_key& one) { return one.id == id; });
    return found == keys_.end() ? nullptr : &*found;
  }

  std::vector<checking_key> keys_;
};

} // namespace

std::optional<token_heading> heading_of(const secret& text) {
  const auto token = import(text);
  if (!token)
    return std::nullopt;
  const auto issuer = issuer_in(payload(token));
  if (issuer.empty())
    return std::nullopt;
  return token_heading{issuer, header_text(token, CJOSE_HDR_KID)};
}

std::shared_ptr<const key_set> make_key_set(const std::vector<published_key>& published) {
  std::vector<checking_key> keys;
  for (const auto& one : published) {
    cjose_err why{};
    checking_key read{one.id, one.algorithm,
                      jwk_pointer{::cjose_jwk_import(one.text.data(), one.text.size(), &why)}};
    if (!read.key)
      continue;
    const bool is_rsa = ::cjose_jwk_get_kty(read.key.get(), &why) == CJOSE_JWK_KTY_RSA;
    if (!is_rsa || read.bits() >= limits::issuer_key_bits)
      keys.push_back(std::move(read));
  }
  if (keys.empty())
    return nullptr;
  return std::make_shared<const jose_keys>(std::move(keys));
}

} // namespace pawl
