#include "gateway/remote/certificate_watch.hpp"

#include "test/gateway/tls_fixture.hpp"
#include "test/support/descriptor_famine.hpp"
#include "test/support/eventually.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <sys/stat.h>

namespace {

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

timestamp right_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string refusal_of(const gateway::credential_files& files) {
  const auto read = gateway::read_credentials(files, right_now());
  return read ? "" : read.error().message;
}

bool tells(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(credentials_of_tls, tls_fixture)

BOOST_AUTO_TEST_CASE(each_bad_file_is_named_with_its_fact) {
  const auto good = files();
  BOOST_TEST(refusal_of(good) == "");
  ::chmod(good.key.c_str(), 0640);
  BOOST_TEST(refusal_of(good) == "listen.key is " + good.key.native() +
                                     ", which others can use: its mode is 0640. Take that from "
                                     "them: chmod 600 " +
                                     good.key.native() +
                                     "; if they may have read it, make a new key");
  const auto none = directory.path() / "none";
  const auto both = refusal_of({none, none});
  BOOST_TEST(tells(both, "listen.certificate is " + none.native() + ", which cannot be read: "));
  BOOST_TEST(tells(both, "\nlisten.key is " + none.native() + ", which cannot be read: "));
  write_certified_key(directory.path(), {"no certificate", "no key"});
  BOOST_TEST(tells(refusal_of(good), "in which there is no certificate in PEM format"));
  BOOST_TEST(tells(refusal_of(good), "in which there is no private key in PEM format"));
  auto mixed = authority.issue(server_plan());
  mixed.key = authority.issue(server_plan()).key;
  write_certified_key(directory.path(), mixed);
  BOOST_TEST(tells(refusal_of(good), "which is not the key of the certificate in"));
}

BOOST_AUTO_TEST_CASE(dates_are_warnings) {
  auto plan = server_plan();
  plan.valid_until = -1h;
  plan.valid_from = -2h;
  write_certified_key(directory.path(), authority.issue(plan));
  BOOST_REQUIRE(credentials().warnings.size() == 1U);
  BOOST_TEST(tells(credentials().warnings[0], ", which expired at "));
  plan.valid_from = 24h;
  plan.valid_until = 48h;
  write_certified_key(directory.path(), authority.issue(plan));
  BOOST_REQUIRE(credentials().warnings.size() == 1U);
  BOOST_TEST(tells(credentials().warnings[0], "this machine's clock says "));
}

BOOST_AUTO_TEST_CASE(changed_files_are_read_and_bad_ones_are_told) {
  std::mutex mutex;
  std::vector<std::string> told;
  const auto latest = [&] {
    const std::lock_guard lock{mutex};
    return told.empty() ? "" : told.back();
  };
  gateway::certificate_watch watch{files(), gateway::credential_file_states{files()}, right_now,
                                   [&](const result<gateway::tls_credentials>& read) {
                                     const std::lock_guard lock{mutex};
                                     told.push_back(read ? read->fingerprint : "bad");
                                   },
                                   5ms};
  renew_certificate();
  BOOST_TEST(eventually([&] { return latest() == credentials().fingerprint; }));
  write_certified_key(directory.path(), {"nothing", "nothing"});
  BOOST_TEST(eventually([&] { return latest() == "bad"; }));
  renew_certificate();
  BOOST_TEST(eventually([&] { return latest() == credentials().fingerprint; }));
  const auto so_far = [&] {
    const std::lock_guard lock{mutex};
    return told.size();
  };
  const auto before = so_far();
  watch.read_again();
  BOOST_TEST(eventually([&] { return so_far() == before + 1; }));
}

BOOST_AUTO_TEST_CASE(files_that_could_not_be_used_are_read_again_in_pauses_that_grow) {
  gateway::retries_by_looks retries;
  std::vector<unsigned> due;
  BOOST_TEST(!retries.is_due());
  retries.begin();
  for (unsigned look = 1; look <= 127 + 2 * limits::certificate_retry_looks; ++look)
    if (retries.is_due())
      due.push_back(look);
  BOOST_TEST(due == (std::vector<unsigned>{1, 3, 7, 15, 31, 63, 127, 191, 255}));
  retries.stop();
  BOOST_TEST(!retries.is_due());
}

#ifndef PAWL_ADDRESS_SANITIZER
// The server's descriptors may all be in use when its certificate is renewed.
BOOST_AUTO_TEST_CASE(files_that_could_not_be_read_for_a_while_are_used_without_another_change) {
  std::mutex mutex;
  std::vector<std::string> told;
  const auto copy = [&] {
    const std::lock_guard lock{mutex};
    return told;
  };
  std::atomic<int> reads{0}; // each asks what time it is
  gateway::certificate_watch watch{files(), gateway::credential_file_states{files()},
                                   [&] {
                                     ++reads;
                                     return right_now();
                                   },
                                   [&](const result<gateway::tls_credentials>& read) {
                                     const std::lock_guard lock{mutex};
                                     told.push_back(read ? read->fingerprint
                                                         : read.error().message);
                                   },
                                   5ms};
  const auto next = directory.path() / "next";
  std::filesystem::create_directory(next);
  write_certified_key(next, authority.issue(server_plan()));
  {
    const descriptor_famine until_here;
    for (const auto* name : {"server.crt", "server.key"})
      std::filesystem::rename(next / name, directory.path() / name);
    BOOST_REQUIRE(eventually([&] { return !copy().empty(); }));
    const auto before = reads.load();
    BOOST_TEST(eventually([&] { return reads > before + 2; }));
    BOOST_TEST(tells(copy().front(), "Too many open files"), copy().front());
    BOOST_TEST(copy().size() <= 2U); // each rename is a change
  }
  BOOST_TEST(eventually([&] { return copy().back() == credentials().fingerprint; }));
}
#endif

BOOST_AUTO_TEST_SUITE_END()
