#include "test/support/certificates.hpp"

#include "test/support/program.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace pawl::test {

namespace {

template <class T, void (*Free)(T*)>
struct freed_by {
  void operator()(T* what) const { Free(what); }
};

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY, EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_by<X509, X509_free>>;
using bio_pointer = std::unique_ptr<BIO, freed_by<BIO, BIO_free_all>>;

void must(bool done) {
  if (!done)
    throw std::runtime_error("OpenSSL has refused to make a certificate");
}

template <class Write>
std::string pem(Write&& write) {
  bio_pointer memory{BIO_new(BIO_s_mem())};
  must(write(memory.get()) == 1);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

key_pointer new_key() {
  key_pointer key{EVP_EC_gen("P-256")};
  must(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  return ::inet_pton(AF_INET, host.c_str(), binary.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), binary.data()) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string list;
  for (const auto& host : hosts)
    list += (list.empty() ? "" : ",") + std::string{is_address(host) ? "IP:" : "DNS:"} + host;
  return list;
}

// Unsigned, with everything but extensions.
certificate_pointer outline(EVP_PKEY* key, const certificate_plan& plan) {
  certificate_pointer made{X509_new()};
  auto* one = made.get();
  std::uint64_t serial = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  must(X509_set_version(one, X509_VERSION_3) == 1 &&
       ASN1_INTEGER_set_uint64(X509_get_serialNumber(one), serial >> 1U) == 1 &&
       X509_set_pubkey(one, key) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(one), plan.valid_from.count()) != nullptr &&
       X509_gmtime_adj(X509_getm_notAfter(one), plan.valid_until.count()) != nullptr);
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(plan.common_name.data()),
                                  static_cast<int>(plan.common_name.size()), -1, 0) == 1);
  return made;
}

key_pointer parsed_key(const std::string& text) {
  bio_pointer memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  key_pointer key{PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr)};
  must(key != nullptr);
  return key;
}

} // namespace

struct certificate_authority::parts {
  key_pointer key;
  certificate_pointer certificate;

  certified_key sign(const key_pointer& subject, const certificate_plan& plan) const {
    auto made = outline(subject.get(), plan);
    must(X509_set_issuer_name(made.get(), X509_get_subject_name(certificate.get())) == 1);
    add_extension(made.get(), certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    if (!plan.hosts.empty())
      add_extension(made.get(), certificate.get(), NID_subject_alt_name,
                    alternative_names(plan.hosts));
    must(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
    return {pem_of(made.get()), pem_of(subject.get())};
  }
};

certificate_plan server_plan() {
  return {.common_name = "localhost", .hosts = {"localhost", "127.0.0.1", "::1"}};
}

certificate_authority::certificate_authority(const std::string& common_name)
    : parts_(std::make_unique<parts>()) {
  parts_->key = new_key();
  parts_->certificate = outline(parts_->key.get(), {.common_name = common_name});
  auto* own = parts_->certificate.get();
  must(X509_set_issuer_name(own, X509_get_subject_name(own)) == 1);
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  must(X509_sign(own, parts_->key.get(), EVP_sha256()) > 0);
}

certificate_authority::~certificate_authority() = default;

certified_key certificate_authority::issue(const certificate_plan& plan) const {
  return parts_->sign(new_key(), plan);
}

certified_key certificate_authority::renew(const std::string& key,
                                           const certificate_plan& plan) const {
  return parts_->sign(parsed_key(key), plan);
}

std::string certificate_authority::certificate() const {
  return pem_of(parts_->certificate.get());
}

void write_certified_key(const std::filesystem::path& directory, const certified_key& what) {
  using std::filesystem::perms;
  const auto put = [&](const char* name, const std::string& text, perms mode) {
    const auto fresh = directory / (std::string{name} + ".new");
    write_text(fresh, text);
    std::filesystem::permissions(fresh, mode);
    std::filesystem::rename(fresh, directory / name);
  };
  put("server.key", what.key, perms::owner_read | perms::owner_write);
  put("server.crt", what.certificate,
      perms::owner_read | perms::owner_write | perms::group_read | perms::others_read);
}

} // namespace pawl::test
