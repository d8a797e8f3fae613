#include "gateway/http/message.hpp"

#include <fmt/format.h>

namespace pawl::gateway {

namespace {

std::string_view reason_of(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 408:
    return "Request Timeout";
  case 413:
    return "Content Too Large";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  default:
    return "Error";
  }
}

} // namespace

std::string written(const http_answer& answer, bool keep_alive, bool with_body) {
  auto text = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                          "Content-Length: {}\r\nCache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\n",
                          answer.status, reason_of(answer.status), answer.body.size());
  for (const auto& [name, value] : answer.fields)
    text += fmt::format("{}: {}\r\n", name, value);
  text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return with_body ? text + answer.body : text;
}

http_answer answer_to(const http_request& request) {
  if (request.path != "/healthz")
    return {404, "there is nothing at this address\n"};
  if (request.method != "GET" && request.method != "HEAD")
    return {405, "/healthz takes GET and HEAD\n", {{"Allow", "GET, HEAD"}}};
  return {200, "ok\n"};
}

} // namespace pawl::gateway
