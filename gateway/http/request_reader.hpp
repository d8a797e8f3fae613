// Bytes to requests of HTTP/1.1. Pure. The parser is Boost.Beast's, without its sockets; it costs
// seconds to compile, so that no other file includes it.
#pragma once

#include "gateway/http/message.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>

namespace pawl::gateway {

// A refusal of bytes that are no request, with which the connection ends.
struct bad_request {
  http_answer answer;
};

class request_reader {
public:
  // Takes bytes that have come. To be followed by next(), until that has nothing: so it keeps no
  // more than a request's header and one piece.
  void add(std::span<const char> bytes) { rest_.append(bytes.data(), bytes.size()); }

  // The next request whose header is whole, if there is one. A header has at most
  // limits::http_header_bytes.
  std::optional<std::variant<http_request, bad_request>> next();

  // Whether nothing has come of a next request.
  bool idle() const noexcept { return rest_.empty(); }

private:
  std::string rest_;
};

} // namespace pawl::gateway
