#include "test/sources/source_store_contract.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace pawl::test {

// Named, as unity builds put several contracts into one file.
namespace source_store_cases {

template <class T>
std::string code_of(const result<T>& what) {
  return what ? "" : std::string{to_string(what.error().code)};
}

std::vector<char> part(const sample_source& of, std::size_t begin,
                       std::size_t length = std::string::npos) {
  const auto piece = of.bytes.substr(begin, length);
  return {piece.begin(), piece.end()};
}

std::uint64_t open(source_site& site, const std::string& deployment, const std::string& app,
                   const sample_source& what) {
  auto offset = site.store().open_upload(deployment, app, what.facts);
  BOOST_REQUIRE_MESSAGE(offset.has_value(), (offset ? "" : offset.error().message));
  return *offset;
}

std::uint64_t append(source_site& site, const std::string& deployment, std::uint64_t offset,
                     std::vector<char> bytes) {
  auto reached = site.store().append(deployment, offset, std::move(bytes));
  BOOST_REQUIRE_MESSAGE(reached.has_value(), (reached ? "" : reached.error().message));
  return *reached;
}

source_reading verify(source_site& site, const std::string& deployment, const std::string& app,
                      const sample_source& what) {
  auto reading = site.store().verify(deployment, app, what.facts.digest);
  BOOST_REQUIRE_MESSAGE(reading.has_value(), (reading ? "" : reading.error().message));
  return *reading;
}

// Uploads and verifies the whole of it.
void keep(source_site& site, const std::string& deployment, const std::string& app,
          const sample_source& what) {
  append(site, deployment, open(site, deployment, app, what), part(what, 0));
  verify(site, deployment, app, what);
}

using names = std::vector<std::string>;

names uploads(source_site& site) {
  auto found = site.store().uploads();
  std::sort(found.begin(), found.end());
  return found;
}

void an_upload_goes_on_where_it_was_also_after_a_restart(source_site& site) {
  const auto source = site.source(1);
  BOOST_TEST(open(site, "d1", "shop", source) == 0U);
  BOOST_TEST(append(site, "d1", 0, part(source, 0, 60)) == 60U);
  BOOST_TEST(open(site, "d1", "shop", source) == 60U);
  site.restart();
  BOOST_TEST(open(site, "d1", "shop", source) == 60U);
  BOOST_TEST(append(site, "d1", 60, part(source, 60)) == source.facts.bytes);
  BOOST_TEST(open(site, "d1", "shop", source) == source.facts.bytes);
  verify(site, "d1", "shop", source);
}

void a_closed_upload_goes_on_where_it_was(source_site& site) {
  const auto source = site.source(1);
  site.store().close_upload("never-opened");
  open(site, "d1", "shop", source);
  append(site, "d1", 0, part(source, 0, 60));
  site.store().close_upload("d1");
  BOOST_TEST(uploads(site) == names{"d1"}, boost::test_tools::per_element());
  BOOST_TEST(open(site, "d1", "shop", source) == 60U);
  append(site, "d1", 60, part(source, 60));
  site.store().close_upload("d1");
  verify(site, "d1", "shop", source);
}

void bytes_are_taken_only_where_the_upload_is(source_site& site) {
  const auto source = site.source(1);
  open(site, "d1", "shop", source);
  append(site, "d1", 0, part(source, 0, 60));
  for (const std::uint64_t offset : {0U, 59U, 61U})
    BOOST_TEST(code_of(site.store().append("d1", offset, part(source, 60))) == "invalid_argument",
               offset);
  BOOST_TEST(append(site, "d1", 60, part(source, 60)) == source.facts.bytes);
}

void an_upload_takes_no_more_than_was_promised(source_site& site) {
  const auto source = site.source(1);
  open(site, "d1", "shop", source);
  append(site, "d1", 0, part(source, 0));
  BOOST_TEST(code_of(site.store().append("d1", source.facts.bytes, part(source, 0, 1))) ==
             "too_large");
  verify(site, "d1", "shop", source);
}

void bytes_of_an_upload_that_is_not_open_are_refused(source_site& site) {
  BOOST_TEST(code_of(site.store().append("d1", 0, part(site.source(1), 0))) == "invalid_argument");
}

void an_upload_that_is_not_complete_is_not_verified(source_site& site) {
  const auto source = site.source(1);
  BOOST_TEST(code_of(site.store().verify("d1", "shop", source.facts.digest)) == "invalid_argument");
  open(site, "d1", "shop", source);
  append(site, "d1", 0, part(source, 0, 60));
  BOOST_TEST(code_of(site.store().verify("d1", "shop", source.facts.digest)) == "invalid_argument");
}

void a_verified_source_can_be_verified_again(source_site& site) {
  const auto source = site.source(1);
  append(site, "d1", open(site, "d1", "shop", source), part(source, 0));
  for (int times = 0; times < 2; ++times) {
    const auto reading = verify(site, "d1", "shop", source);
    BOOST_TEST(reading.facts.digest == source.facts.digest);
    BOOST_TEST(reading.facts.bytes == source.facts.bytes);
    BOOST_TEST(reading.manifest.has_value());
    site.restart();
  }
  BOOST_TEST(!site.store().path("shop", source.facts.digest).empty());
}

void a_source_that_the_app_has_is_not_uploaded_again(source_site& site) {
  const auto source = site.source(1);
  keep(site, "d1", "shop", source);
  BOOST_TEST(open(site, "d2", "shop", source) == source.facts.bytes);
  verify(site, "d2", "shop", source);
  BOOST_TEST(open(site, "d3", "blog", source) == 0U);
  BOOST_TEST(open(site, "d4", "shop", site.source(2)) == 0U);
}

void uploads_are_listed_until_they_are_verified_or_discarded(source_site& site) {
  const auto source = site.source(1);
  BOOST_TEST(uploads(site).empty());
  for (const auto* deployment : {"d1", "d2"})
    append(site, deployment, open(site, deployment, "shop", source), part(source, 0));
  BOOST_TEST(uploads(site) == (names{"d1", "d2"}), boost::test_tools::per_element());
  verify(site, "d1", "shop", source);
  BOOST_TEST(uploads(site) == names{"d2"}, boost::test_tools::per_element());
  for (const auto* deployment : {"d1", "d2", "d2", "never-opened"})
    site.store().discard_upload(deployment);
  BOOST_TEST(uploads(site).empty());
  BOOST_TEST(open(site, "d3", "shop", source) == source.facts.bytes); // the source stays
}

void a_discarded_upload_is_not_opened_again(source_site& site) {
  const auto source = site.source(1);
  open(site, "d1", "shop", source);
  site.store().discard_upload("d1");
  BOOST_TEST(!site.store().open_upload("d1", "shop", source.facts));
  BOOST_TEST(uploads(site).empty());
}

} // namespace source_store_cases

#define PAWL_CASE(name)                                                                            \
  { #name, source_store_cases::name }

bool add_source_store_contract(const make_site<source_site>& make, std::set<std::string> exempt) {
  return add_contract<source_site>(
      {
          PAWL_CASE(an_upload_goes_on_where_it_was_also_after_a_restart),
          PAWL_CASE(a_closed_upload_goes_on_where_it_was),
          PAWL_CASE(bytes_are_taken_only_where_the_upload_is),
          PAWL_CASE(an_upload_takes_no_more_than_was_promised),
          PAWL_CASE(bytes_of_an_upload_that_is_not_open_are_refused),
          PAWL_CASE(an_upload_that_is_not_complete_is_not_verified),
          PAWL_CASE(a_verified_source_can_be_verified_again),
          PAWL_CASE(a_source_that_the_app_has_is_not_uploaded_again),
          PAWL_CASE(uploads_are_listed_until_they_are_verified_or_discarded),
          PAWL_CASE(a_discarded_upload_is_not_opened_again),
      },
      make, std::move(exempt));
}

#undef PAWL_CASE

} // namespace pawl::test
