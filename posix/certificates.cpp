#include "posix/certificates.hpp"

#include "lifecycle/ip_address.hpp"
#include "posix/tls_identity.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace pawl {

namespace {

// Frees what OpenSSL has made.
struct openssl_free {
  void operator()(BIO* x) const { ::BIO_free_all(x); }
  void operator()(EVP_PKEY* x) const { ::EVP_PKEY_free(x); }
  void operator()(X509* x) const { ::X509_free(x); }
  void operator()(X509_EXTENSION* x) const { ::X509_EXTENSION_free(x); }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

// The first reason in OpenSSL's queue, which is empty afterwards.
error openssl_error(std::string_view doing) {
  std::array<char, 256> reason{};
  ::ERR_error_string_n(::ERR_get_error(), reason.data(), reason.size());
  ::ERR_clear_error();
  return {errc::internal, fmt::format("cannot {}: {}", doing, reason.data()), {}};
}

std::string text_in(BIO* memory) {
  char* begin = nullptr;
  const auto size = ::BIO_get_mem_data(memory, &begin);
  return {begin, static_cast<std::size_t>(size)};
}

// A name in the list below ends where a comma does.
bool is_host(const std::string& text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                 "0123456789.-_:*") == std::string::npos;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string list;
  for (const auto& host : hosts)
    list +=
        fmt::format("{}{}:{}", list.empty() ? "" : ",", is_ip_address(host) ? "IP" : "DNS", host);
  return list;
}

struct extension {
  int kind;
  std::string value;
};

std::vector<extension> extensions_of_authority() {
  return {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
          {NID_key_usage, "critical,keyCertSign,cRLSign"},
          {NID_subject_key_identifier, "hash"}};
}

std::vector<extension> extensions_of(const certificate_content& wanted) {
  std::vector<extension> all{{NID_basic_constraints, "critical,CA:FALSE"},
                             {NID_key_usage, "critical,digitalSignature"},
                             {NID_subject_key_identifier, "hash"},
                             {NID_authority_key_identifier, "keyid"}};
  all.push_back({NID_ext_key_usage, wanted.hosts.empty() ? "clientAuth" : "serverAuth"});
  if (!wanted.hosts.empty())
    all.push_back({NID_subject_alt_name, alternative_names(wanted.hosts)});
  return all;
}

bool add_extensions(X509* certificate, X509* issuer, const std::vector<extension>& all) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& each : all) {
    owned<X509_EXTENSION> made{
        ::X509V3_EXT_conf_nid(nullptr, &context, each.kind, each.value.c_str())};
    if (!made || ::X509_add_ext(certificate, made.get(), -1) != 1)
      return false;
  }
  return true;
}

// A serial number that nobody can foretell, as authorities give them.
bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> random{};
  if (::RAND_bytes(random.data(), random.size()) != 1)
    return false;
  random[0] &= 0x7fU; // positive
  std::unique_ptr<BIGNUM, decltype(&::BN_free)> number{
      ::BN_bin2bn(random.data(), random.size(), nullptr), &::BN_free};
  return number &&
         ::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* time, timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
  return ::ASN1_TIME_set(time, seconds.count()) != nullptr;
}

// Clients look for the server's names elsewhere, where they have room.
bool set_subject(X509* certificate, const std::string& name) {
  constexpr std::size_t most = 64; // X.520, ub-common-name
  return ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(name.data()),
                                      static_cast<int>(std::min(name.size(), most)), -1, 0) == 1;
}

// Signed by `issuer`'s key; without an issuer by its own.
owned<X509> make_certificate(const certificate_content& wanted, EVP_PKEY* key, X509* issuer,
                             EVP_PKEY* signing) {
  constexpr long version_3 = 2;
  owned<X509> made{::X509_new()};
  if (!made)
    return nullptr;
  auto* signer = issuer == nullptr ? made.get() : issuer;
  const auto extensions = issuer == nullptr ? extensions_of_authority() : extensions_of(wanted);
  const bool good = ::X509_set_version(made.get(), version_3) == 1 && set_serial(made.get()) &&
                    set_time(::X509_getm_notBefore(made.get()), wanted.valid_from) &&
                    set_time(::X509_getm_notAfter(made.get()), wanted.valid_until) &&
                    set_subject(made.get(), wanted.subject) &&
                    ::X509_set_issuer_name(made.get(), ::X509_get_subject_name(signer)) == 1 &&
                    ::X509_set_pubkey(made.get(), key) == 1 &&
                    add_extensions(made.get(), signer, extensions) &&
                    ::X509_sign(made.get(), signing, ::EVP_sha256()) > 0;
  return good ? std::move(made) : nullptr;
}

result<key_with_certificate> as_texts(X509* certificate, EVP_PKEY* key) {
  owned<BIO> certificate_text{::BIO_new(::BIO_s_mem())};
  owned<BIO> key_text{::BIO_new(::BIO_s_secmem())}; // overwritten when it is freed
  if (!certificate_text || !key_text ||
      ::PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      ::PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_error("write a certificate");
  return key_with_certificate{secret{text_in(key_text.get())}, text_in(certificate_text.get()),
                              fingerprint_of(*certificate)};
}

template <class Read>
auto read_pem(std::string_view text, Read read) {
  owned<BIO> memory{::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  return memory ? read(memory.get(), nullptr, nullptr, nullptr) : nullptr;
}

} // namespace

result<key_with_certificate> make_authority(const certificate_content& wanted) {
  owned<EVP_PKEY> key{::EVP_EC_gen("P-256")};
  if (!key)
    return openssl_error("make a key");
  auto made = make_certificate(wanted, key.get(), nullptr, key.get());
  if (!made)
    return openssl_error("make the certificate of an authority");
  return as_texts(made.get(), key.get());
}

result<key_with_certificate> certify(const certificate_content& wanted,
                                     const key_with_certificate& authority) {
  for (const auto& host : wanted.hosts)
    if (!is_host(host))
      return error{errc::invalid_argument,
                   fmt::format("\"{}\" is neither a host name nor an IP address", printable(host)),
                   {}};
  owned<X509> issuer{read_pem(authority.certificate, ::PEM_read_bio_X509)};
  owned<EVP_PKEY> signing{read_pem(authority.key.reveal(), ::PEM_read_bio_PrivateKey)};
  if (!issuer || !signing)
    return openssl_error("read the certificate and the key of the authority");
  owned<EVP_PKEY> key{::EVP_EC_gen("P-256")};
  if (!key)
    return openssl_error("make a key");
  auto made = make_certificate(wanted, key.get(), issuer.get(), signing.get());
  if (!made)
    return openssl_error(fmt::format("make a certificate for {}", wanted.subject));
  return as_texts(made.get(), key.get());
}

} // namespace pawl
