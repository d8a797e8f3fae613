#include "protocol/codec.hpp"

#include "lifecycle/limits.hpp"
#include "protocol/packing.hpp"

#include <fmt/format.h>

#include <array>

namespace pawl::protocol {

namespace {

constexpr std::size_t header_bytes = 4;

// In the order of the variant `message`: proved for each alternative by the round trips of the
// tests.
constexpr std::array<std::string_view, std::variant_size_v<message>> kinds{"hello",
                                                                           "ping",
                                                                           "pong",
                                                                           "deploy_request",
                                                                           "upload_chunk",
                                                                           "follow_request",
                                                                           "follow_credit",
                                                                           "logs_request",
                                                                           "cancel_request",
                                                                           "rollback_request",
                                                                           "promote_request",
                                                                           "show_request",
                                                                           "status_request",
                                                                           "history_request",
                                                                           "versions_request",
                                                                           "apps_request",
                                                                           "clusters_request",
                                                                           "refused",
                                                                           "accepted",
                                                                           "upload_progress",
                                                                           "events",
                                                                           "followed",
                                                                           "log_lines",
                                                                           "logs_complete",
                                                                           "shown",
                                                                           "planned",
                                                                           "lane_list",
                                                                           "history_list",
                                                                           "version_list",
                                                                           "app_list",
                                                                           "cluster_list"};

using emplacer = void (*)(message&);

template <std::size_t... Index>
constexpr auto make_emplacers(std::index_sequence<Index...>) {
  return std::array<emplacer, sizeof...(Index)>{[](message& m) { m.emplace<Index>(); }...};
}

constexpr auto emplacers = make_emplacers(std::make_index_sequence<kinds.size()>{});

// Makes the message an empty one of the named kind.
bool emplace_kind(std::string_view name, message& body) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == name) {
      emplacers[i](body);
      return true;
    }
  }
  return false;
}

// Counts arrays and maps down from `left`; false when there are more. One byte of msgpack can stand
// for a whole record, so the count of containers bounds the memory of what they are unpacked into.
bool count_containers(const msgpack_io::value& in, std::size_t& left) {
  auto members = in.array_size();
  auto pairs = in.map_size();
  if (!members && !pairs)
    return true;
  if (left == 0)
    return false;
  --left;
  for (std::size_t i = 0; i < members.value_or(0); ++i)
    if (!count_containers(in.at(i), left))
      return false;
  for (std::size_t i = 0; i < pairs.value_or(0); ++i)
    if (!count_containers(in.pair(i).second, left))
      return false;
  return true;
}

// What a message takes, about: much in a part of an upload, else a little.
std::size_t memory_for(const message& body) {
  constexpr std::size_t envelope = 256;
  const auto* part = std::get_if<upload_chunk>(&body);
  return envelope + (part == nullptr ? 0 : part->bytes.size());
}

error bad_frame(std::string_view what) {
  return {errc::invalid_argument, fmt::format("a frame cannot be read: {}", what), {}};
}

// A name that a stranger sent, short enough and printable for a message.
std::string printable(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string safe{text.substr(0, shown)};
  for (char& c : safe)
    if (c < ' ' || c > '~')
      c = '?';
  return safe;
}

} // namespace

std::string_view kind(const message& body) {
  return kinds[body.index()];
}

result<std::vector<char>> encode(const envelope& sent) {
  msgpack_io::writer out;
  out.expect(memory_for(sent.body));
  out.leave_room(header_bytes);
  out.map(3);
  out.string("kind");
  out.string(kind(sent.body));
  out.string("ref");
  out.unsigned_integer(sent.ref);
  out.string("body");
  std::visit([&](const auto& body) { packing::pack(out, body); }, sent.body);
  auto frame = out.take();
  const auto body_bytes = frame.size() - header_bytes;
  if (body_bytes > limits::frame_bytes)
    return error{errc::too_large,
                 fmt::format("a message \"{}\" of {} bytes is over the {} that a frame may have; "
                             "ask for fewer at once",
                             kind(sent.body), body_bytes, limits::frame_bytes),
                 {}};
  auto length = static_cast<std::uint32_t>(body_bytes);
  for (std::size_t i = 0; i < header_bytes; ++i)
    frame[i] = static_cast<char>(static_cast<unsigned char>(length >> (8 * (3 - i))));
  return frame;
}

result<std::size_t> body_length(std::span<const char, 4> header) {
  std::size_t length = 0;
  for (char byte : header)
    length = length << 8U | static_cast<unsigned char>(byte);
  if (length == 0)
    return bad_frame("its length is 0");
  if (length > limits::frame_bytes)
    return error{errc::too_large,
                 fmt::format("a frame of {} bytes was announced, and {} is the most; is the other "
                             "side a pawl?",
                             length, limits::frame_bytes),
                 {}};
  return length;
}

result<envelope> decode(std::span<const char> body) {
  if (body.size() > limits::frame_bytes)
    return error{errc::too_large, "a frame is over its limit", {}};
  auto parsed = msgpack_io::document::parse(body, {.elements = limits::frame_elements,
                                                   .depth = limits::frame_depth,
                                                   .string_bytes = limits::chunk_bytes});
  if (!parsed)
    return std::move(parsed).error();
  auto root = parsed->root();
  auto containers = limits::frame_containers;
  if (!count_containers(root, containers))
    return error{errc::too_large,
                 fmt::format("a frame has more than {} lists and maps", limits::frame_containers),
                 {}};
  if (!root.map_size())
    return bad_frame("it is not a map");
  auto name = root.find("kind");
  auto ref = root.find("ref");
  auto content = root.find("body");
  auto named = name ? name->string() : std::nullopt;
  auto numbered = ref ? ref->unsigned_integer() : std::nullopt;
  if (!named || !numbered || !content || !content->map_size())
    return bad_frame("it lacks its kind, ref or body");
  envelope received{*numbered, {}};
  if (!emplace_kind(*named, received.body))
    return bad_frame(fmt::format("no message is called \"{}\"; one side may need an upgrade",
                                 printable(*named)));
  bool good = std::visit([&](auto& to) { return packing::unpack(*content, to); }, received.body);
  if (!good)
    return bad_frame(
        fmt::format("a field of \"{}\" has the wrong type or range", kind(received.body)));
  if (auto judged = check(received.body); !judged)
    return std::move(judged).error();
  return received;
}

result<void> check_version(const hello& theirs, std::string_view our_side) {
  if (theirs.protocol == version)
    return {};
  auto their_side = printable(theirs.program);
  bool we_are_older = theirs.protocol > version;
  return error{errc::invalid_argument,
               fmt::format("{} speaks version {} of the protocol, {} version {}: upgrade {}",
                           our_side, version, their_side, theirs.protocol,
                           we_are_older ? our_side : std::string_view{their_side}),
               {{"ours", std::to_string(version)}, {"theirs", std::to_string(theirs.protocol)}}};
}

} // namespace pawl::protocol
