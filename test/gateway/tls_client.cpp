#include "test/gateway/tls_client.hpp"

#include "posix/tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <csignal>
#include <map>
#include <stdexcept>

namespace pawl::test {

struct tls_client::parts {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                            &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
};

namespace {

int version_number(const std::string& name) {
  static const std::map<std::string, int> versions{
      {"TLSv1.1", TLS1_1_VERSION}, {"TLSv1.2", TLS1_2_VERSION}, {"TLSv1.3", TLS1_3_VERSION}};
  return versions.at(name);
}

void show_certificate(SSL_CTX* context, const certified_key& own) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> certificate{
      BIO_new_mem_buf(own.certificate.data(), static_cast<int>(own.certificate.size())),
      &BIO_free_all};
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> key{
      BIO_new_mem_buf(own.key.data(), static_cast<int>(own.key.size())), &BIO_free_all};
  const std::unique_ptr<X509, decltype(&X509_free)> parsed{
      PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr), &X509_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> parsed_key{
      PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  if (SSL_CTX_use_certificate(context, parsed.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, parsed_key.get()) != 1)
    throw std::runtime_error("the client cannot use its certificate");
}

} // namespace

std::string whole_client_hello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), &SSL_free};
  auto* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out); // which it owns
  ERR_clear_error();
  SSL_connect(ssl.get());
  ERR_clear_error();
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

tls_client::tls_client(std::uint16_t port, const tls_client_plan& plan)
    : raw_client(port, plan.from), parts_(std::make_unique<parts>()) {
  auto* context = parts_->context.get();
  std::signal(SIGPIPE, SIG_IGN);          // OpenSSL's socket writes by write()
  SSL_CTX_set_security_level(context, 0); // else OpenSSL itself refuses what servers have to refuse
  SSL_CTX_set_min_proto_version(context, version_number(plan.least));
  SSL_CTX_set_max_proto_version(context, version_number(plan.most));
  if (!plan.ciphers.empty())
    SSL_CTX_set_cipher_list(context, plan.ciphers.c_str());
  if (plan.certificate)
    show_certificate(context, *plan.certificate);
  std::string offered;
  for (const auto& one : plan.protocols)
    offered += static_cast<char>(one.size()) + one;
  if (!offered.empty())
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
  parts_->ssl.reset(SSL_new(context));
  SSL_set_fd(parts_->ssl.get(), descriptor());
  ERR_clear_error();
  open_ = note(SSL_connect(parts_->ssl.get())) == 1;
}

tls_client::tls_client(tls_client&&) noexcept = default;
tls_client::~tls_client() = default;

ssize_t tls_client::note(int returned) {
  if (returned > 0)
    return returned;
  const auto latest = ERR_peek_last_error();
  const auto* reason = latest == 0 ? nullptr : ERR_reason_error_string(latest);
  problem_ = reason == nullptr ? "" : reason;
  const bool ended = SSL_get_error(parts_->ssl.get(), returned) == SSL_ERROR_ZERO_RETURN;
  ERR_clear_error();
  if (ended)
    return 0;
  errno = ECONNRESET; // cut off, or refused: the end in any case
  return -1;
}

ssize_t tls_client::put(const char* from, std::size_t size) {
  ERR_clear_error();
  return note(SSL_write(parts_->ssl.get(), from, static_cast<int>(size)));
}

ssize_t tls_client::get(char* to, std::size_t size) {
  ERR_clear_error();
  return note(SSL_read(parts_->ssl.get(), to, static_cast<int>(size)));
}

std::string tls_client::version() const {
  return SSL_get_version(parts_->ssl.get());
}

std::string tls_client::cipher() const {
  return SSL_get_cipher_name(parts_->ssl.get());
}

std::string tls_client::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(parts_->ssl.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string tls_client::fingerprint() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown{
      SSL_get1_peer_certificate(parts_->ssl.get()), &X509_free};
  return shown ? fingerprint_of(*shown) : "";
}

bool tls_client::renegotiates() {
  ERR_clear_error();
  return SSL_renegotiate(parts_->ssl.get()) == 1 && note(SSL_do_handshake(parts_->ssl.get())) == 1;
}

std::string tls_client::ask_http(const std::string& request) {
  return send(request) ? read_to_the_end() : "";
}

} // namespace pawl::test
