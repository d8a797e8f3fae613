#include "lifecycle/image_reference.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;

namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

// REGISTRY REPOSITORY TAG DIGEST, or nothing.
std::string parts_of(std::string_view name) {
  const auto read = parse_image_reference(name);
  return read
             ? fmt::format("{} {} {} {}", read->registry, read->repository, read->tag, read->digest)
             : "nothing";
}

} // namespace

BOOST_AUTO_TEST_SUITE(image_references)

BOOST_AUTO_TEST_CASE(a_short_name_is_of_dockers_own_registry) {
  BOOST_TEST(parts_of("nginx") == "docker.io library/nginx  ");
  BOOST_TEST(parts_of("nginx:1.22-alpine") == "docker.io library/nginx 1.22-alpine ");
  BOOST_TEST(parts_of("acme/shop") == "docker.io acme/shop  ");
  BOOST_TEST(parts_of("docker.io/nginx") == "docker.io library/nginx  ");
  BOOST_TEST(parts_of("index.docker.io/acme/shop") == "docker.io acme/shop  ");
}

BOOST_AUTO_TEST_CASE(a_first_part_with_a_dot_or_a_port_is_a_registry) {
  BOOST_TEST(parts_of("ghcr.io/acme/shop:v7") == "ghcr.io acme/shop v7 ");
  BOOST_TEST(parts_of("localhost/shop") == "localhost shop  ");
  BOOST_TEST(parts_of("localhost:5000/a/b/c") == "localhost:5000 a/b/c  ");
  BOOST_TEST(parts_of("10.0.0.7:5000/shop:1") == "10.0.0.7:5000 shop 1 ");
  BOOST_TEST(parts_of("[::1]:5000/shop") == "[::1]:5000 shop  ");
}

BOOST_AUTO_TEST_CASE(a_digest_may_stand_at_the_end) {
  BOOST_TEST(parts_of("nginx@" + digest) == "docker.io library/nginx  " + digest);
  BOOST_TEST(parts_of("ghcr.io/a/b:v1@" + digest) == "ghcr.io a/b v1 " + digest);
}

BOOST_AUTO_TEST_CASE(names_that_no_image_has_are_refused) {
  for (const std::string bad : {"",
                                " ",
                                "Nginx",
                                "nginx:",
                                "nginx:.a",
                                "nginx: 1",
                                "a b",
                                "/nginx",
                                "nginx/",
                                "a//b",
                                "-nginx",
                                "a..b/c",
                                "a--",
                                "a.-b",
                                "a___b",
                                "a._b",
                                "nginx@",
                                "nginx@sha256:abc",
                                "nginx@md5:abc",
                                "ghcr.io:0/a",
                                "ghcr.io:65536/a",
                                "ghcr.io:/a",
                                "-x.io/a",
                                "x.io./a",
                                "GHCR.io/a",
                                "[::1/a",
                                "[]/a",
                                "https://ghcr.io/a",
                                "a\nb",
                                "a?x=1",
                                "a#b",
                                "a%2fb",
                                "nginx:1:2"})
    BOOST_TEST(parts_of(bad) == "nothing", bad);
  BOOST_TEST(parts_of(std::string(255, 'a')) ==
             "docker.io library/" + std::string(255, 'a') + "  ");
  BOOST_TEST(parts_of(std::string(256, 'a')) == "nothing");
  BOOST_TEST(parts_of("a:" + std::string(129, 't')) == "nothing");
  BOOST_TEST(parts_of(std::string(limits::image_name_bytes + 1, 'a')) == "nothing");
}

BOOST_AUTO_TEST_CASE(hyphens_dots_and_underscores_stand_between_letters) {
  for (const std::string good :
       {"a-b", "a---b", "a.b", "a_b", "a__b", "f-g/a-b_c.d__e", "0", "a/0"})
    BOOST_TEST(parse_image_reference(good).has_value(), good);
}

BOOST_AUTO_TEST_SUITE_END()
