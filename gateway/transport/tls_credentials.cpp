#include "gateway/transport/tls_credentials.hpp"

#include "gateway/transport/openssl_pointers.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/secret.hpp"
#include "posix/files.hpp"
#include "posix/tls_identity.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl::gateway {

namespace {

namespace fs = std::filesystem;

error bad_file(std::string_view key, const fs::path& file, std::string_view why) {
  return {errc::invalid_argument, fmt::format("listen.{} is {}, {}", key, file.native(), why), {}};
}

// The text of a regular file, which may be a link: programs that renew certificates make such.
result<secret> read_text_of(std::string_view key, const fs::path& file, bool only_owners) {
  // A pipe has nobody who writes.
  const descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!opened)
    return bad_file(key, file, fmt::format("which cannot be read: {}", system_reason(errno)));
  struct stat about {};
  if (::fstat(opened.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return bad_file(key, file, "which is no file: name one in PEM format");
  constexpr mode_t of_others = S_IRWXG | S_IRWXO;
  if (only_owners && (about.st_mode & of_others) != 0)
    return bad_file(key, file,
                    fmt::format("which others can use: its mode is {:04o}. Take that from them: "
                                "chmod 600 {}; if they may have read it, make a new key",
                                about.st_mode & 07777U, file.native()));
  std::string text(limits::certificate_file_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(opened.get(), text.data() + size, text.size() - size);
    if (got < 0)
      return bad_file(key, file, fmt::format("which cannot be read: {}", system_reason(errno)));
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limits::certificate_file_bytes)
    return bad_file(key, file,
                    fmt::format("which has more than the {} KiB that certificates take",
                                limits::certificate_file_bytes / limits::kib));
  text.resize(size);
  return secret{std::move(text)};
}

bio_pointer memory_of(const secret& text) {
  return bio_pointer{BIO_new_mem_buf(text.reveal().data(), static_cast<int>(text.size()))};
}

// All certificates of a file, at least one.
result<std::vector<certificate_pointer>> read_certificates(std::string_view key,
                                                           const fs::path& file) {
  auto text = read_text_of(key, file, false);
  if (!text)
    return std::move(text).error();
  ERR_clear_error();
  std::vector<certificate_pointer> found;
  const auto memory = memory_of(*text);
  while (certificate_pointer next{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)})
    found.push_back(std::move(next));
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const auto reason = openssl_reason();
  if (!at_end)
    return bad_file(key, file, fmt::format("in which a certificate is damaged: {}", reason));
  if (found.empty())
    return bad_file(key, file,
                    "in which there is no certificate in PEM format "
                    "(-----BEGIN CERTIFICATE-----)");
  return found;
}

// OpenSSL would ask for the passphrase on the terminal of the server.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

result<key_pointer> read_key(const fs::path& file) {
  auto text = read_text_of("key", file, true);
  if (!text)
    return std::move(text).error();
  ERR_clear_error();
  bool encrypted = false;
  key_pointer key{
      PEM_read_bio_PrivateKey(memory_of(*text).get(), nullptr, no_passphrase, &encrypted)};
  const auto reason = openssl_reason();
  if (encrypted)
    return bad_file("key", file,
                    fmt::format("which is encrypted, and there is nobody to ask for the "
                                "passphrase: write it without one (openssl pkey -in {} -out …)",
                                file.native()));
  if (!key)
    return bad_file("key", file,
                    fmt::format("in which there is no private key in PEM format: {}", reason));
  return key;
}

std::vector<std::string> warnings_of(const X509* certificate, const fs::path& file, timestamp now) {
  std::vector<std::string> found;
  const auto from = time_of(X509_get0_notBefore(certificate));
  const auto until = time_of(X509_get0_notAfter(certificate));
  if (until < now)
    found.push_back(fmt::format("listen.certificate is {}, which expired at {}: clients refuse it; "
                                "put a new one in its place",
                                file.native(), format_time(until)));
  if (from > now)
    found.push_back(fmt::format("listen.certificate is {}, which is valid only from {} on, and "
                                "this machine's clock says {}: clients refuse it; check the clock, "
                                "or put another one in its place",
                                file.native(), format_time(from), format_time(now)));
  return found;
}

// Ours before the client's order: frames if it speaks them. A client that names only others is
// told so by an alert (SSL_TLSEXT_ERR_NOACK would let it go on without a protocol).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  for (const auto ours : {frames_protocol, http_protocol})
    for (unsigned at = 0; at < offered_bytes; at += 1U + offered[at]) {
      const std::string_view theirs{reinterpret_cast<const char*>(offered + at + 1), offered[at]};
      if (theirs != ours)
        continue;
      *chosen = offered + at + 1;
      *size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::shared_ptr<SSL_CTX> new_context() {
  std::shared_ptr<SSL_CTX> made{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  auto* context = made.get();
  if (context == nullptr)
    return made;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // TLS 1.2: only suites with forward secrecy and AEAD. All of TLS 1.3 are such.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  // A client that may renegotiate makes a write of ours wait for a read. A ticket or a cached
  // session saves nothing that can be measured, and outlives the certificate that it was given for.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // Idle connections have no buffers. CAF's buffer moves between two tries to write the same.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(context, limits::client_hello_bytes);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return made;
}

// A client need not have a certificate, but one that it shows must be good.
void believe(SSL_CTX* context, const std::vector<certificate_pointer>& authorities) {
  for (const auto& one : authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());
    SSL_CTX_add_client_CA(context, one.get());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

// The reason why OpenSSL does not take the pair, if it does not.
std::optional<std::string> use(SSL_CTX* context, const std::vector<certificate_pointer>& chain,
                               EVP_PKEY* key) {
  ERR_clear_error();
  bool good = SSL_CTX_use_certificate(context, chain.front().get()) == 1;
  for (std::size_t i = 1; good && i < chain.size(); ++i)
    good = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  if (good && SSL_CTX_use_PrivateKey(context, key) == 1)
    return std::nullopt;
  return openssl_reason();
}

class problems {
public:
  template <class T>
  void note(const result<T>& outcome) {
    if (!outcome)
      lines_ += (lines_.empty() ? "" : "\n") + outcome.error().message;
  }
  bool empty() const { return lines_.empty(); }
  error to_error() && { return {errc::invalid_argument, std::move(lines_), {}}; }

private:
  std::string lines_;
};

} // namespace

result<tls_credentials> read_credentials(const credential_files& files, timestamp now) {
  problems found;
  const auto chain = read_certificates("certificate", files.certificate);
  found.note(chain);
  const auto key = read_key(files.key);
  found.note(key);
  result<std::vector<certificate_pointer>> authorities{std::vector<certificate_pointer>{}};
  if (files.client_ca)
    authorities = read_certificates("client_ca", *files.client_ca);
  found.note(authorities);
  if (!found.empty())
    return std::move(found).to_error();
  const auto& certificate = *chain->front();
  if (X509_check_private_key(&certificate, key->get()) != 1)
    return bad_file("key", files.key,
                    fmt::format("which is not the key of the certificate in {}: they have to be "
                                "made together",
                                files.certificate.native()));
  auto context = new_context();
  if (!context)
    return error{errc::resource_exhausted, "there is no memory for TLS", {}};
  if (auto refusal = use(context.get(), *chain, key->get()))
    return bad_file("certificate", files.certificate,
                    fmt::format("which cannot be used: {}", *refusal));
  if (files.client_ca)
    believe(context.get(), *authorities);
  return tls_credentials{std::move(context), fingerprint_of(certificate),
                         warnings_of(&certificate, files.certificate, now)};
}

} // namespace pawl::gateway
