// Signs tokens as an issuer does, or as somebody does who would like to be one. By OpenSSL alone:
// the library under test has no part in it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace pawl::test {

std::string base64url(std::string_view bytes);

class signing_key {
public:
  static signing_key rsa(std::string id, unsigned bits = 2048);
  static signing_key curve(std::string id, const char* name = "P-256");

  const std::string& id() const { return id_; }

  // The public key as a member of a JSON Web Key Set. `more`: members with a comma before each.
  std::string published(std::string_view more = "") const;
  std::string public_pem() const;

  // A token with the header and the claims, both JSON. `algorithm` is what it is signed by: RS…,
  // PS… or ES…
  std::string sign(std::string_view algorithm, std::string_view header,
                   std::string_view claims) const;
  // With the header that names the algorithm and this key.
  std::string sign(std::string_view algorithm, std::string_view claims) const;

private:
  struct key;
  signing_key(std::string id, std::shared_ptr<key> pair);

  std::string id_;
  std::shared_ptr<key> key_;
};

// Signed by HMAC with SHA-256.
std::string sign_by_secret(std::string_view secret, std::string_view header,
                           std::string_view claims);

// {"keys":[…]} of these members.
std::string key_set_of(std::initializer_list<std::string> published);

} // namespace pawl::test
