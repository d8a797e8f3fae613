// Requests and answers of HTTP/1.1, as values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl::gateway {

struct http_request {
  std::string method; // "GET"
  std::string path;   // of the target, without what follows a question mark
  std::string query;  // that
  bool keep_alive = true;
  bool has_body = false; // which nobody here reads: the connection ends with the answer
};

struct http_answer {
  int status = 200;
  std::string body = {};                                        // text
  std::vector<std::pair<std::string, std::string>> fields = {}; // further ones
};

// As it goes out. `with_body` is false for a HEAD: then its length is told alone.
std::string written(const http_answer& answer, bool keep_alive, bool with_body);

// The answer to a request of anybody; pure. The API finds its place here.
http_answer answer_to(const http_request& request);

} // namespace pawl::gateway
