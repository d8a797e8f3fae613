// Decides whether the certificate that a server shows is that of the server which a person means.
#pragma once

#include "client/link/server_address.hpp"

#include <optional>

struct ssl_st;
struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace pawl::client {

// With a fingerprint: the server has exactly that key, whatever name, authority and dates its
// certificate has; who gave the fingerprint has vouched for the key, and not for a date. Without
// one: an authority that this machine trusts vouches for the host's name or address, now.
//
// OpenSSL asks in the handshake, before anything is sent that the server could use.
class server_check {
public:
  server_check(server_address address, std::optional<std::string> fingerprint);
  server_check(const server_check&) = delete;
  server_check& operator=(const server_check&) = delete;

  // Lets OpenSSL ask, for each connection of the context, the object that was set up for it.
  static void let_decide(ssl_ctx_st* context);

  // This object outlives the connection.
  void set_up(ssl_st* connection);

  // Why the certificate was refused, if it was. unauthenticated; the message says which property
  // differs and what to do, the details have both values.
  const std::optional<error>& refusal() const noexcept { return refusal_; }

private:
  static int ask(x509_store_ctx_st* chain, void*);
  bool accept(x509_store_ctx_st* chain);
  error other_key(const std::string& theirs) const;
  error explain(x509_store_ctx_st* chain, const std::string& theirs) const;

  server_address address_;
  std::optional<std::string> fingerprint_;
  std::optional<error> refusal_;
};

} // namespace pawl::client
