#include "gateway/http/request_reader.hpp"

#include "lifecycle/limits.hpp"

#include <utility> // Boost 1.74's Asio needs it, and does not say so

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <fmt/format.h>

namespace pawl::gateway {

namespace {

namespace http = boost::beast::http;

using parser = http::request_parser<http::empty_body>;

bad_request refuse(int status, std::string_view why) {
  return {{status, fmt::format("{}\n", why), {}}};
}

bad_request refuse_too_long() {
  return refuse(
      431, fmt::format("the header of a request has at most {} bytes", limits::http_header_bytes));
}

// Where the header ends; nothing while its empty line is missing. Blank lines before a request are
// passed over, as the standard says.
std::optional<std::size_t> end_of_header(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  return end == std::string_view::npos ? std::nullopt : std::optional{end + 4};
}

// Beast lets these pass: a line that continues the one before, which others read as a line of its
// own; several lengths or hosts, of which others take another one; codings that it does not know,
// of which it takes the body for the next request.
std::optional<std::string_view> ambiguity_of(const parser::value_type& request,
                                             std::string_view header) {
  if (header.find("\r\n ") != std::string_view::npos ||
      header.find("\r\n\t") != std::string_view::npos)
    return "a field of the header goes on in a second line";
  if (request.count(http::field::content_length) > 1)
    return "there are two Content-Length";
  if (request.version() != 10 && request.version() != 11)
    return "its version is not HTTP/1.1";
  const auto hosts = request.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && request.version() == 11))
    return "a request has one Host";
  if (request.count(http::field::transfer_encoding) > 0 &&
      !boost::beast::iequals(request[http::field::transfer_encoding], "chunked"))
    return "its Transfer-Encoding is not chunked";
  return std::nullopt;
}

std::string text_of(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool has_body(const parser::value_type& request) {
  const auto length = request[http::field::content_length];
  return request.count(http::field::transfer_encoding) > 0 ||
         (!length.empty() && length.find_first_not_of('0') != boost::beast::string_view::npos);
}

} // namespace

std::optional<std::variant<http_request, bad_request>> request_reader::next() {
  std::size_t blank = 0;
  while (rest_.compare(blank, 2, "\r\n") == 0)
    blank += 2;
  rest_.erase(0, blank); // at once: each time all that follows is moved
  const auto size = end_of_header(rest_);
  if (size.value_or(rest_.size()) > limits::http_header_bytes)
    return refuse_too_long();
  if (!size)
    return std::nullopt;
  const auto header = rest_.substr(0, *size);
  rest_.erase(0, *size);
  parser one;
  one.header_limit(limits::http_header_bytes);
  one.eager(false); // the header alone
  boost::beast::error_code problem;
  one.put(boost::asio::const_buffer(header.data(), header.size()), problem);
  if (problem || !one.is_header_done())
    return refuse(400, fmt::format("this is no request: {}", problem.message()));
  const auto& request = one.get();
  if (auto why = ambiguity_of(request, header))
    return refuse(400, fmt::format("the request is ambiguous: {}", *why));
  const auto target = text_of(request.target());
  const auto question = target.find('?');
  return http_request{.method = text_of(request.method_string()),
                      .path = target.substr(0, question),
                      .query = question == std::string::npos ? "" : target.substr(question + 1),
                      .keep_alive = request.keep_alive(),
                      .has_body = has_body(request)};
}

} // namespace pawl::gateway
