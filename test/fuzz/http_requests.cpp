#include "gateway/http/request_reader.hpp"
#include "lifecycle/limits.hpp"
#include "test/fuzz/properties.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::test {

namespace {

using gateway::http_request;

void demand_clean(std::string_view part) {
  const auto is_clean = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; };
  demand(std::all_of(part.begin(), part.end(), is_clean),
         "no part of a request has a space or a control character");
}

// Its header tells as many bytes as follow it, and nothing that came in opened a line of its own.
void demand_whole_answer(const gateway::http_answer& answer, bool keep_alive) {
  const auto text = written(answer, keep_alive, true);
  const auto end = text.find("\r\n\r\n");
  demand(end != std::string::npos, "an answer has a header");
  const auto length = fmt::format("\r\nContent-Length: {}\r\n", text.size() - end - 4);
  demand(text.find(length) < end, "an answer tells its length");
  demand_harmless(answer.body);
}

// One line for each request, up to the one with which the connection ends.
std::string read_requests(std::string_view bytes, std::size_t piece) {
  gateway::request_reader reader;
  std::string told;
  while (!bytes.empty()) {
    const auto next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    reader.add({next.data(), next.size()});
    while (auto one = reader.next()) {
      if (const auto* bad = std::get_if<gateway::bad_request>(&*one)) {
        demand_whole_answer(bad->answer, false);
        return told += fmt::format("refused: {} {}\n", bad->answer.status, bad->answer.body);
      }
      const auto& request = std::get<http_request>(*one);
      demand_clean(request.method);
      demand_clean(request.path);
      demand_clean(request.query);
      demand(request.method.size() + request.path.size() < limits::http_header_bytes,
             "a request is no longer than its header may be");
      demand_whole_answer(answer_to(request), request.keep_alive);
      told += fmt::format("{} {} ? {} {} {}\n", request.method, request.path, request.query,
                          request.keep_alive, request.has_body);
      if (!request.keep_alive || request.has_body)
        return told;
    }
  }
  return told;
}

} // namespace

// The same requests come out in whatever pieces the bytes come in. The first byte says which.
void fuzz_http_requests(fuzz_input in) {
  const std::size_t piece = 1 + take_byte(in) % 64;
  const auto text = text_of(in);
  demand(read_requests(text, text.size()) == read_requests(text, piece),
         "requests do not depend on the pieces in which they come");
}

} // namespace pawl::test
