// One connection of HTTP/1.1: requests in, answers out, one after the other. It decides nothing
// about what a request asks for.
//
// It ends when its peer closes, sends what is no request, sends no whole request in
// connection_settings::hello_timeout, or does not read; after an answer with which one side wants
// to end; and on close_connection. If the peer may still be sending then, as a body that nobody
// reads, it gets the answer and the end of the stream first, and what it sends is dropped until it
// closes too: up to limits::http_dropped_bytes, for limits::http_drop_timeout.
#pragma once

#include "gateway/http/request_reader.hpp"
#include "gateway/listener.hpp"
#include "gateway/transport/byte_stream.hpp"
#include "gateway/transport/carried_connection.hpp"
#include "gateway/transport/ending_broker.hpp"

#include <caf/behavior.hpp>

#include <optional>

namespace pawl::gateway {

// The state and the steps of the connection's actor; all in the multiplexer's thread.
class http_connection_state {
public:
  explicit http_connection_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "http_connection";

  // Begins to read. With a refusal: that is the answer to its first request, and the last.
  // `first_request` is the time that is left for that.
  caf::behavior start(const carried_connection& carried, const connection_settings& settings,
                      std::chrono::milliseconds first_request, std::optional<http_answer> refusal);

private:
  void on_data(std::vector<char>& bytes);
  void on_request(const http_request& request);
  void on_written(std::uint64_t remaining);
  void on_request_due();
  void refuse(const http_answer& why);
  void answer(const http_answer& what, bool keep_alive, bool with_body);
  void close_when_sent();
  void end();
  void drop(std::size_t bytes);

  caf::io::broker* self_;
  std::optional<byte_stream> stream_; // from start() on
  connection_settings settings_;
  std::optional<http_answer> refusal_;
  request_reader reader_;
  bool answered_ = false;      // since request_due was sent last
  bool more_may_come_ = false; // behind the last request
  bool closing_ = false;
  bool dropping_ = false; // all is sent, and what comes is dropped
  std::size_t dropped_ = 0;
};

using http_connection_actor = stateful_ending_broker<http_connection_state>;

} // namespace pawl::gateway
