#include "posix/certificates.hpp"

#include "posix/tls_identity.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace {

using namespace pawl;
using namespace std::chrono_literals;

using x509_pointer = std::unique_ptr<X509, decltype(&X509_free)>;

x509_pointer parsed(const std::string& text) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory{
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
  x509_pointer certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
  BOOST_REQUIRE(certificate != nullptr);
  return certificate;
}

certificate_content content_for(std::vector<std::string> hosts) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return {"deploy.example.org", std::move(hosts), now - 24h, now + 24h * 30};
}

key_with_certificate some_authority() {
  auto made = make_authority(content_for({}));
  BOOST_REQUIRE(made);
  return *std::move(made);
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(a_servers_certificate_is_for_its_hosts_and_by_its_authority) {
  const auto authority = some_authority();
  const auto server =
      certify(content_for({"deploy.example.org", "10.0.0.1", "fd00::1"}), authority);
  BOOST_REQUIRE(server);
  const auto one = parsed(server->certificate);
  const auto its_authority = parsed(authority.certificate);
  BOOST_TEST(X509_check_host(one.get(), "deploy.example.org", 0, 0, nullptr) == 1);
  BOOST_TEST(X509_check_host(one.get(), "other.example.org", 0, 0, nullptr) == 0);
  BOOST_TEST(X509_check_ip_asc(one.get(), "10.0.0.1", 0) == 1);
  BOOST_TEST(X509_check_ip_asc(one.get(), "fd00::1", 0) == 1);
  BOOST_TEST(X509_check_ip_asc(one.get(), "10.0.0.2", 0) == 0);
  BOOST_TEST(X509_verify(one.get(), X509_get0_pubkey(its_authority.get())) == 1);
  BOOST_TEST(X509_check_issued(its_authority.get(), one.get()) == X509_V_OK);
  BOOST_TEST(X509_check_ca(its_authority.get()) == 1);
  BOOST_TEST(X509_check_ca(one.get()) == 0);
  BOOST_TEST(X509_check_purpose(one.get(), X509_PURPOSE_SSL_SERVER, 0) == 1);
  BOOST_TEST(X509_check_purpose(one.get(), X509_PURPOSE_SSL_CLIENT, 0) == 0);
  BOOST_TEST(X509_cmp_current_time(X509_get0_notBefore(one.get())) < 0);
  BOOST_TEST(X509_cmp_current_time(X509_get0_notAfter(one.get())) > 0);
  BOOST_TEST(server->fingerprint == fingerprint_of(*one));
}

BOOST_AUTO_TEST_CASE(a_clients_certificate_is_for_clients_alone) {
  const auto client = certify(content_for({}), some_authority());
  BOOST_REQUIRE(client);
  const auto one = parsed(client->certificate);
  BOOST_TEST(X509_check_purpose(one.get(), X509_PURPOSE_SSL_CLIENT, 0) == 1);
  BOOST_TEST(X509_check_purpose(one.get(), X509_PURPOSE_SSL_SERVER, 0) == 0);
}

BOOST_AUTO_TEST_CASE(each_has_a_key_and_a_number_of_its_own) {
  const auto authority = some_authority();
  const auto first = certify(content_for({"a"}), authority);
  const auto second = certify(content_for({"a"}), authority);
  BOOST_REQUIRE(first);
  BOOST_REQUIRE(second);
  BOOST_TEST(first->fingerprint != second->fingerprint);
  BOOST_TEST(first->key.reveal() != second->key.reveal());
  BOOST_TEST(ASN1_INTEGER_cmp(X509_get0_serialNumber(parsed(first->certificate).get()),
                              X509_get0_serialNumber(parsed(second->certificate).get())) != 0);
}

BOOST_AUTO_TEST_CASE(a_text_that_is_no_host_gets_no_certificate) {
  const auto authority = some_authority();
  for (const auto* host : {"", "a,DNS:b", "a b", "a\n", "émile"}) {
    const auto refused = certify(content_for({host}), authority);
    BOOST_REQUIRE(!refused);
    BOOST_CHECK(refused.error().code == errc::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
