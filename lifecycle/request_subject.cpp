#include "lifecycle/request_subject.hpp"

namespace pawl {

request_subject subject_of(const deployment& made) {
  return {lane_of(made), made.operation, made.internals.promised, made.version,
          made.internals.contents};
}

std::string_view to_string(subject_part part) {
  switch (part) {
  case subject_part::lane:
    return "lane";
  case subject_part::operation:
    return "operation";
  case subject_part::source:
    return "source";
  case subject_part::version:
    return "version";
  }
  return "";
}

namespace {

// A digest decides the files: how many there are is only counted by the client.
bool is_source_of(const deployment& made, const source_facts& asked, const std::string& contents) {
  const auto& promised = made.internals.promised;
  if (!promised)
    return false;
  if (promised->digest == asked.digest && promised->bytes == asked.bytes)
    return true;
  return !awaits_source(made) && !contents.empty() && made.internals.contents == contents;
}

} // namespace

std::optional<subject_part> difference(const deployment& made, const request_subject& asked) {
  const auto before = subject_of(made);
  if (before.lane != asked.lane)
    return subject_part::lane;
  if (before.operation != asked.operation)
    return subject_part::operation;
  if (asked.source && !is_source_of(made, *asked.source, asked.contents))
    return subject_part::source;
  if (asked.version && before.version != asked.version)
    return subject_part::version;
  return std::nullopt;
}

} // namespace pawl
