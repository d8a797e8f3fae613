// The answer of a build or a pull: one JSON object a line, with the output, and at its end the id
// of the image or the error.
#pragma once

#include "engines/docker/line_cutter.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace pawl {

struct build_problem {
  std::string message;
  std::optional<int> exit_status = {}; // of the command that failed
};

// Fed with the answer as it comes. Passes on each line of output without colours; a colour at the
// beginning of a part is all that tells stderr from stdout.
class build_output {
public:
  explicit build_output(const line_sink& sink) : lines_(sink) {}

  // False if the answer is no JSON, or a line has more than 1 MiB.
  bool take(std::string_view bytes);

  // The answer has ended: passes on the line that was not ended.
  void finish() { lines_.finish(); }

  const std::string& image() const { return image_; } // "sha256:…"; empty: it was not told
  const std::optional<build_problem>& problem() const { return problem_; }

  // The beginnings of the ids of the containers that it says it runs steps in: whether they are the
  // build's own, the text does not prove.
  const std::set<std::string>& containers() const { return containers_; }

private:
  bool take_object(std::string_view line);
  void take_text(std::string_view text);

  line_cutter lines_;
  std::string unread_; // the beginning of an object
  std::string image_;
  std::optional<build_problem> problem_;
  std::set<std::string> containers_;
};

} // namespace pawl
