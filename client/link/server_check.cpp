#include "client/link/server_check.hpp"

#include "lifecycle/ip_address.hpp"
#include "lifecycle/timestamp.hpp"
#include "posix/tls_identity.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <ctime>
#include <memory>

#include <arpa/inet.h>

namespace pawl::client {

namespace {

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ::ASN1_TIME_to_tm(time, &parts) != 1)
    return "an unreadable time";
  return format_time(std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::from_time_t(::timegm(&parts))));
}

std::string now_text() {
  return format_time(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

std::string text_of(const GENERAL_NAME* name) {
  int kind = 0;
  const auto* value = static_cast<const ASN1_STRING*>(::GENERAL_NAME_get0_value(name, &kind));
  const auto* bytes = ::ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(::ASN1_STRING_length(value));
  if (kind == GEN_DNS)
    return printable({reinterpret_cast<const char*>(bytes), size});
  std::array<char, INET6_ADDRSTRLEN> address{};
  const bool is_address =
      kind == GEN_IPADD && (size == sizeof(in_addr) || size == sizeof(in6_addr));
  if (is_address)
    ::inet_ntop(size == sizeof(in_addr) ? AF_INET : AF_INET6, bytes, address.data(),
                address.size());
  return address.data();
}

// The names and addresses that the certificate is for, at most some of them: "a, b, …".
std::string names_in(X509* certificate) {
  constexpr int most = 10;
  const std::unique_ptr<GENERAL_NAMES, decltype(&::GENERAL_NAMES_free)> names{
      static_cast<GENERAL_NAMES*>(
          ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &::GENERAL_NAMES_free};
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  std::string list;
  for (int i = 0; i < std::min(count, most); ++i)
    if (auto one = text_of(sk_GENERAL_NAME_value(names.get(), i)); !one.empty())
      list += (list.empty() ? "" : ", ") + one;
  if (count > most)
    list += ", …";
  return list.empty() ? "no name at all" : list;
}

// Where a connection of OpenSSL keeps its server_check.
int place_in_connections() {
  static const int place = ::SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}

} // namespace

server_check::server_check(server_address address, std::optional<std::string> fingerprint)
    : address_(std::move(address)), fingerprint_(std::move(fingerprint)) {}

void server_check::let_decide(ssl_ctx_st* context) {
  ::SSL_CTX_set_cert_verify_callback(context, &server_check::ask, nullptr);
}

void server_check::set_up(ssl_st* connection) {
  ::SSL_set_ex_data(connection, place_in_connections(), this);
  ::SSL_set_verify(connection, SSL_VERIFY_PEER, nullptr);
  auto* wanted = ::SSL_get0_param(connection);
  if (is_ip_address(address_.host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(wanted, address_.host.c_str());
    return;
  }
  ::X509_VERIFY_PARAM_set1_host(wanted, address_.host.c_str(), address_.host.size());
  ::X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  ::SSL_set_tlsext_host_name(connection, address_.host.c_str());
}

int server_check::ask(x509_store_ctx_st* chain, void*) {
  const auto* connection = static_cast<const ssl_st*>(
      ::X509_STORE_CTX_get_ex_data(chain, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<server_check*>(::SSL_get_ex_data(connection, place_in_connections()));
  return self != nullptr && self->accept(chain) ? 1 : 0;
}

bool server_check::accept(x509_store_ctx_st* chain) {
  auto* shown = ::X509_STORE_CTX_get0_cert(chain);
  const auto theirs = fingerprint_of(*shown);
  if (!fingerprint_) {
    if (::X509_verify_cert(chain) == 1)
      return true;
    refusal_ = explain(chain, theirs);
    return false;
  }
  const bool same = theirs == *fingerprint_;
  if (!same)
    refusal_ = other_key(theirs);
  ::X509_STORE_CTX_set_error(chain, same ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
  return same;
}

error server_check::other_key(const std::string& theirs) const {
  return {errc::unauthenticated,
          fmt::format("the server at {} is not the one you mean: its key is\n  {}\nand you know it "
                      "by\n  {}\nNothing was sent to it. If its owner says that it has a new key, "
                      "log in again: pawl login {} --fingerprint {}",
                      to_string(address_), theirs, *fingerprint_, to_string(address_), theirs),
          {{"server", to_string(address_)}, {"expected", *fingerprint_}, {"found", theirs}}};
}

error server_check::explain(x509_store_ctx_st* chain, const std::string& theirs) const {
  const int number = ::X509_STORE_CTX_get_error(chain);
  auto* shown = ::X509_STORE_CTX_get0_cert(chain);
  auto* wrong = ::X509_STORE_CTX_get_current_cert(chain);
  wrong = wrong == nullptr ? shown : wrong;
  const auto place = to_string(address_);
  std::map<std::string, std::string> details{{"server", place}, {"found", theirs}};
  const std::string whose = wrong == shown ? "the certificate of the server"
                                           : "the certificate of an authority of the server";
  std::string text;
  switch (number) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    text = fmt::format("{} at {} expired on {}, and this machine's clock says {}: have it renewed, "
                       "or set the clock if it is wrong",
                       whose, place, time_text(::X509_get0_notAfter(wrong)), now_text());
    break;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    text = fmt::format("{} at {} is valid from {} on, and this machine's clock says {}: set the "
                       "clock if it is wrong, or ask the server's owner",
                       whose, place, time_text(::X509_get0_notBefore(wrong)), now_text());
    break;
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    text = fmt::format("the certificate of the server at {} is not for {}, but for {}: use one of "
                       "these names, or give the fingerprint that the server's owner tells you: "
                       "--fingerprint sha256:…",
                       place, address_.host, names_in(shown));
    break;
  default:
    text = fmt::format("no authority that this machine trusts vouches for the server at {} ({}). "
                       "Its key is\n  {}\nIf the server's owner tells you the same fingerprint: "
                       "pawl login {} --fingerprint {}",
                       place, ::X509_verify_cert_error_string(number), theirs, place, theirs);
  }
  return {errc::unauthenticated, std::move(text), std::move(details)};
}

} // namespace pawl::client
