#include "posix/tls_identity.hpp"

#include "test/support/certificates.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace {

using namespace pawl;

std::string fingerprint_of_pem(const std::string& text) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory{
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
  BOOST_REQUIRE(certificate != nullptr);
  return fingerprint_of(*certificate);
}

// Made by `openssl req -x509`; the digest by
// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum`.
constexpr auto known_certificate = R"(-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUY9dFOHSmR01co1j6rhjF9bJSsCkwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFa25vd24wHhcNMjYxMTI4MTcwNjU5WhcNMzYxMTI1MTcwNjU5
WjAQMQ4wDAYDVQQDDAVrbm93bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPv6
cFNf5Z+P8+YabOUQQPebL8tCrvN/mYnIyMcIJI5GIp0tVgv1qsYVXVQcMvDllrN9
ddt8qWAtvU9A1Oj8OwijUzBRMB0GA1UdDgQWBBRwa3u+4K8tlYH3lgZ5FcH6eBXY
5jAfBgNVHSMEGDAWgBRwa3u+4K8tlYH3lgZ5FcH6eBXY5jAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDrCyRL2o94a5gyuNwzRi4nkuIiwHs7P9ch
M9TWQIxNswIgUfcWSuHHfRWRiaUxpPUbs2TYuiWQPKdy0eau8NYwffw=
-----END CERTIFICATE-----
)";
constexpr auto known_fingerprint =
    "sha256:ee794554b65e3626e65c448eeb4bd3b8218116f2d976d5316b9e27d48a509ac3";

} // namespace

BOOST_AUTO_TEST_SUITE(tls_identity)

BOOST_AUTO_TEST_CASE(a_fingerprint_is_the_one_that_openssl_tells) {
  BOOST_TEST(fingerprint_of_pem(known_certificate) == known_fingerprint);
}

BOOST_AUTO_TEST_CASE(a_renewed_certificate_keeps_it_and_another_key_has_another) {
  const test::certificate_authority authority;
  const auto first = authority.issue(test::server_plan());
  const auto renewed = authority.renew(first.key, {.common_name = "another.example"});
  const auto other = authority.issue(test::server_plan());
  BOOST_TEST(first.certificate != renewed.certificate);
  BOOST_TEST(fingerprint_of_pem(first.certificate) == fingerprint_of_pem(renewed.certificate));
  BOOST_TEST(fingerprint_of_pem(first.certificate) != fingerprint_of_pem(other.certificate));
}

BOOST_AUTO_TEST_SUITE_END()
