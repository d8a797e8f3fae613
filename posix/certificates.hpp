// X.509 certificates and their keys, as PEM texts: made for a server that has no other authority.
// Any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"
#include "lifecycle/timestamp.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// What a certificate is to say.
struct certificate_content {
  std::string subject;                 // its CN
  std::vector<std::string> hosts = {}; // names and IP addresses that a server answers at
  timestamp valid_from = {};           // to the second
  timestamp valid_until = {};
};

// A certificate and the key of what it names, both as PEM. The key is a new one: EC, P-256.
struct key_with_certificate {
  secret key;
  std::string certificate;
  std::string fingerprint; // of the key: tls_identity.hpp
};

// The certificate of an authority, signed by its own key. It signs certificates of servers and
// clients, and none of further authorities. `hosts` is not used.
result<key_with_certificate> make_authority(const certificate_content& wanted);

// A certificate that `authority` signs, for a server if `hosts` has members, else for a client.
// invalid_argument if one of them is neither a name nor an address.
result<key_with_certificate> certify(const certificate_content& wanted,
                                     const key_with_certificate& authority);

} // namespace pawl
