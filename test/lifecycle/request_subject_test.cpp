// Which requests are the same request, sent again.
#include "lifecycle/request_subject.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

namespace {

using namespace pawl;

std::string digest_of(char digit) {
  return "sha256:" + std::string(64, digit);
}

deployment deploy_of_shop() {
  deployment d;
  d.app = "shop";
  d.cluster = "local";
  d.internals.promised = source_facts{digest_of('a'), 1000, 3};
  return d;
}

deployment rollback_of_shop() {
  auto d = deploy_of_shop();
  d.operation = operation::rollback;
  d.internals.promised.reset();
  d.version = version_number{3};
  return d;
}

std::string difference_of(const deployment& made,
                          const std::function<void(request_subject&)>& change) {
  auto subject = subject_of(made);
  change(subject);
  const auto part = difference(made, subject);
  return part ? std::string{to_string(*part)} : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(request_subjects)

BOOST_AUTO_TEST_CASE(a_deploy_is_the_same_with_the_same_source_for_the_same_lane) {
  using subject = request_subject;
  const auto d = deploy_of_shop();
  BOOST_TEST(difference_of(d, [](subject&) {}) == "none");
  BOOST_TEST(difference_of(d, [](subject& s) { s.source->files = 4; }) == "none");
  BOOST_TEST(difference_of(d, [](subject& s) { s.source->digest = digest_of('b'); }) == "source");
  BOOST_TEST(difference_of(d, [](subject& s) { s.source->bytes = 1001; }) == "source");
  BOOST_TEST(difference_of(d, [](subject& s) { s.lane.app = "blog"; }) == "lane");
  BOOST_TEST(difference_of(d, [](subject& s) { s.lane.cluster = "live"; }) == "lane");
  BOOST_TEST(difference_of(d, [](subject& s) { s.operation = operation::promote; }) == "operation");
}

BOOST_AUTO_TEST_CASE(a_copy_of_the_source_with_other_times_is_the_same_once_it_has_come) {
  auto d = deploy_of_shop();
  d.internals.contents = digest_of('c');
  const auto another_copy = [](request_subject& s) {
    s.source->digest = digest_of('b');
    s.source->bytes = 1001;
  };
  const auto other_contents = [&](request_subject& s) {
    another_copy(s);
    s.contents = digest_of('d');
  };
  for (auto awaiting : {state::queued, state::preparing}) { // bytes of two copies are not mixed
    d.state = awaiting;
    BOOST_TEST(difference_of(d, [](request_subject&) {}) == "none");
    BOOST_TEST(difference_of(d, another_copy) == "source");
  }
  for (auto later : {state::building, state::active, state::failed}) {
    d.state = later;
    BOOST_TEST(difference_of(d, another_copy) == "none");
    BOOST_TEST(difference_of(d, other_contents) == "source");
  }
  d.internals.contents.clear(); // of an older client
  BOOST_TEST(difference_of(d, another_copy) == "source");
}

BOOST_AUTO_TEST_CASE(what_only_tells_of_a_deployment_makes_no_other_request) {
  auto d = deploy_of_shop();
  const auto asked = subject_of(d);
  d.message = "another";
  d.by = "bob";
  d.git = git_facts{};
  d.version = version_number{7}; // that it was given since
  BOOST_TEST(!difference(d, asked).has_value());
}

BOOST_AUTO_TEST_CASE(a_rollback_is_the_same_to_the_same_version_or_to_the_one_before) {
  using subject = request_subject;
  const auto d = rollback_of_shop();
  BOOST_TEST(difference_of(d, [](subject&) {}) == "none");
  BOOST_TEST(difference_of(d, [](subject& s) { s.version.reset(); }) == "none");
  BOOST_TEST(difference_of(d, [](subject& s) { s.version = version_number{2}; }) == "version");
  BOOST_TEST(difference_of(d, [](subject& s) {
               s.operation = operation::deploy;
               s.source = source_facts{digest_of('a'), 1000, 3};
             }) == "operation");
}

BOOST_AUTO_TEST_SUITE_END()
