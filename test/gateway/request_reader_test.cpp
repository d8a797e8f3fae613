#include "gateway/http/request_reader.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;
using namespace pawl::gateway;

// The status of the refusal; 0 for a request, -1 for nothing.
int status_of(const std::string& sent) {
  request_reader reader;
  reader.add(sent);
  const auto next = reader.next();
  if (!next)
    return -1;
  const auto* bad = std::get_if<bad_request>(&*next);
  return bad == nullptr ? 0 : bad->answer.status;
}

http_request request_for(const std::string& method, const std::string& path) {
  http_request asked;
  asked.method = method;
  asked.path = path;
  return asked;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http_requests)

BOOST_AUTO_TEST_CASE(requests_come_in_pieces_and_one_behind_the_other) {
  const std::string two = "GET /healthz?x=1 HTTP/1.1\r\nHost: a\r\n\r\n"
                          "HEAD /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  request_reader reader;
  std::vector<http_request> found;
  for (const char byte : two) {
    reader.add({&byte, 1});
    while (auto next = reader.next())
      found.push_back(std::get<http_request>(*next));
  }
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].path == "/healthz");
  BOOST_TEST(found[0].query == "x=1");
  BOOST_TEST(found[0].keep_alive);
  BOOST_TEST(found[1].method == "HEAD");
  BOOST_TEST(!found[1].keep_alive);
}

BOOST_AUTO_TEST_CASE(bytes_that_two_servers_could_read_in_two_ways_are_refused) {
  const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n";
  BOOST_TEST(status_of(good + "\r\n") == 0);
  BOOST_TEST(status_of(good + "X: 1\r\n 2\r\n\r\n") == 400);
  BOOST_TEST(status_of(good + "Host: b\r\n\r\n") == 400);
  BOOST_TEST(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  BOOST_TEST(status_of(good + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n") == 400);
  BOOST_TEST(status_of(good + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  BOOST_TEST(status_of(good + "Transfer-Encoding: chunked, identity\r\n\r\n") == 400);
  BOOST_TEST(status_of(good + "Host : b\r\n\r\n") == 400);
  BOOST_TEST(status_of("\x16\x03\x01 / HTTP/1.1\r\n\r\n") == 400);
  BOOST_TEST(status_of("PRI * HTTP/2.0\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(a_header_that_has_no_end_is_refused_at_its_bound) {
  BOOST_TEST(status_of("GET / HTTP/1.1\r\nX: " + std::string(limits::http_header_bytes, 'x')) ==
             431);
  BOOST_TEST(status_of("GET / HTTP/1.1\r\nX: x") == -1);
}

BOOST_AUTO_TEST_CASE(health_is_at_one_address_for_two_methods) {
  BOOST_TEST(answer_to(request_for("GET", "/healthz")).status == 200);
  BOOST_TEST(answer_to(request_for("HEAD", "/healthz")).status == 200);
  BOOST_TEST(answer_to(request_for("POST", "/healthz")).status == 405);
  BOOST_TEST(answer_to(request_for("GET", "/")).status == 404);
  BOOST_TEST(written({204, ""}, true, true).find("Connection") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
