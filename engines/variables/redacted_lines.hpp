// The lines of a command, without the secrets in them, on their way to a sink.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/line_splitter.hpp"
#include "lifecycle/redaction_scan.hpp"

#include <map>

namespace pawl {

class redacted_lines {
public:
  // The sink outlives this.
  redacted_lines(redaction_table table, const line_sink& sink)
      : table_(std::move(table)), sink_(sink) {}

  void add(std::string_view stream, std::string_view line);
  // No more lines come.
  void finish();

  // Whether all that came has been passed on: not while a line goes on in the next.
  bool at_line_end() const { return open_ == 0; }

private:
  struct output {
    redaction_scan scan;
    std::string held = {}; // a secret may begin in it
    line_splitter lines = {};
    bool is_open = false; // its last line goes on
  };

  void pass(std::string_view stream, output& one, bool no_more);

  redaction_table table_;
  const line_sink& sink_;
  std::map<std::string, output, std::less<>> outputs_; // by stream
  std::size_t open_ = 0;                               // of them
};

} // namespace pawl
