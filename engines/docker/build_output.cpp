#include "engines/docker/build_output.hpp"

#include "engines/docker/api_json.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

constexpr std::size_t object_most = limits::mib; // an output of 32 KiB, all of it escaped, fits
constexpr std::size_t containers_most = 1000;
constexpr std::string_view begin_stderr = "\x1b[91m";
constexpr std::string_view colour_off = "\x1b[0m";
constexpr std::string_view running_in = " ---> Running in ";

bool is_short_id(std::string_view text) {
  constexpr std::size_t digits = 12;
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "Pulling from library/nginx", with what it is about; nothing for a bar of progress.
std::string status_line(const json& object) {
  const auto status = text_in(object, "status");
  if (status.empty() || !text_in(object, "progress").empty())
    return {};
  const auto id = text_in(object, "id");
  return id.empty() ? status : fmt::format("{}: {}", id, status);
}

} // namespace

bool build_output::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto feed = bytes.find('\n');
    const auto part = bytes.substr(0, feed);
    if (unread_.size() + part.size() > object_most)
      return false;
    unread_ += part;
    if (feed == std::string_view::npos)
      return true;
    bytes.remove_prefix(feed + 1);
    const auto line = std::exchange(unread_, {});
    if (line.find_first_not_of("\r ") != std::string::npos && !take_object(line))
      return false;
  }
  return true;
}

bool build_output::take_object(std::string_view line) {
  const auto object = parse_json(line);
  if (!object.is_object())
    return false;
  if (const auto text = text_in(object, "stream"); !text.empty())
    take_text(text);
  if (const auto status = status_line(object); !status.empty())
    lines_.take("stdout", status + "\n");
  if (const auto id = text_in(member(object, "aux"), "ID"); is_digest(id))
    image_ = id;
  if (const auto why = text_in(object, "error"); !why.empty()) {
    problem_ = build_problem{why};
    if (const auto code = number_in(member(object, "errorDetail"), "code"); code > 0)
      problem_->exit_status = static_cast<int>(code);
  }
  return true;
}

void build_output::take_text(std::string_view text) {
  std::string_view stream = "stdout";
  if (text.starts_with(begin_stderr)) {
    stream = "stderr";
    text.remove_prefix(begin_stderr.size());
    if (const auto end = text.rfind(colour_off); end != std::string_view::npos)
      text = text.substr(0, end);
  } else if (text.starts_with(running_in)) {
    auto id = text.substr(running_in.size());
    id = id.substr(0, id.find('\n'));
    if (is_short_id(id) && containers_.size() < containers_most)
      containers_.emplace(id);
  }
  lines_.take(stream, text);
}

} // namespace pawl
