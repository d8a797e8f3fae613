#include "client/terminal/server_texts.hpp"
#include "client/terminal/step_view.hpp"
#include "client/terminal/text_access.hpp"
#include "client/terminal/text_plan.hpp"
#include "client/terminal/text_processes.hpp"
#include "client/terminal/text_records.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/fuzz/properties.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pawl::test {

namespace {

using client::look;

constexpr timestamp read_at{std::chrono::milliseconds{1'800'000'000'000}};

// A program reads it as one line of JSON.
void demand_document(const std::string& text) {
  demand(nlohmann::json::accept(text), "a document is JSON");
  demand(text.find('\n') == std::string::npos, "a document is one line");
}

// Our own colours may be in it.
void demand_painted(std::string text) {
  for (const std::string_view colour :
       {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"})
    for (auto at = text.find(colour); at != std::string::npos; at = text.find(colour, at))
      text.erase(at, colour.size());
  demand_harmless(text);
}

// The answers as `pawl` shows them on a terminal.
class shown_texts {
public:
  explicit shown_texts(look how) : how_(how) {}

  std::string of(const protocol::lane_list& x) const { return lanes_text(x, read_at, how_); }
  std::string of(const protocol::history_list& x) const { return history_text(x, read_at, how_); }
  std::string of(const protocol::version_list& x) const { return versions_text(x, read_at, how_); }
  std::string of(const protocol::app_list& x) const { return apps_text(x, how_); }
  std::string of(const protocol::cluster_list& x) const { return clusters_text(x, how_); }
  std::string of(const protocol::planned& x) const { return plan_text(x, how_); }
  std::string of(const protocol::destroyed& x) const { return destroyed_text(x, how_); }
  std::string of(const protocol::process_list& x) const { return processes_text(x, how_); }
  std::string of(const protocol::token_list& x) const { return tokens_text(x, read_at, how_); }
  std::string of(const protocol::token_created& x) const {
    return token_created_text(
        x, x.server ? client::login_command(x.server->address, x.server->fingerprint) : "", how_);
  }
  std::string of(const protocol::token_revoked& x) const { return token_revoked_text(x, how_); }
  std::string of(const protocol::refused& x) const { return error_text(x.error, how_); }
  std::string of(const protocol::shown& x) const {
    return deployment_text(x.deployment, read_at, how_);
  }
  std::string of(const protocol::followed& x) const { return verdict_text(x.deployment, how_); }
  std::string of(const protocol::whoami& x) const {
    return client::whoami_text(x, how_) + client::short_whoami_text(x);
  }

  std::string of(const protocol::events& x) const {
    const client::step_view::moment now{};
    client::step_view view;
    view.begin(state::building, {}, now);
    for (const auto& each : x.list)
      if (const auto* log = std::get_if<log_event>(&each.body))
        view.printed(*log);
      else if (const auto* progress = std::get_if<progress_event>(&each.body))
        view.progressed(*progress, now);
      else if (const auto* health = std::get_if<health_event>(&each.body))
        view.checked(*health);
    std::string text;
    constexpr std::size_t rows = 24;
    for (const auto& line : view.lines(now, how_.columns, rows, how_))
      text += line + "\n";
    for (const auto& line : view.health(how_))
      text += line + "\n";
    return text;
  }

private:
  look how_;
};

// The same as programs get them.
void demand_documents(const protocol::events& x) {
  for (const auto& each : x.list)
    demand_document(json::event_line(x.deployment, each));
}
void demand_documents(const protocol::refused& x) {
  demand_document(json::error_document(x.error));
}
void demand_documents(const protocol::shown& x) {
  demand_document(json::deployment_document(x.deployment, {}));
}
void demand_documents(const protocol::followed& x) {
  demand_document(json::result_line(x.deployment, {}));
}
void demand_documents(const protocol::log_lines& x) {
  for (const auto& line : x.lines)
    demand_document(json::log_event_line({.instance = x.instance, .at = {}, .text = line}));
  demand_document(json::skipped_line(x.instance, x.skipped));
}

template <class Message>
void demand_shown(const Message& message) {
  if constexpr (requires(const shown_texts& texts) { texts.of(message); }) {
    demand_harmless(shown_texts{look{}}.of(message));
    demand_painted(shown_texts{look{.colours = true, .columns = 60}}.of(message));
  }
  if constexpr (requires { json::document(message); })
    demand_document(json::document(message));
  else if constexpr (requires { demand_documents(message); })
    demand_documents(message);
}

} // namespace

// A server may be anybody's: no answer makes a terminal do anything, and each is JSON for programs.
void fuzz_answers(fuzz_input in) {
  const auto text = text_of(in);
  auto received = protocol::decode({text.data(), text.size()});
  if (received)
    std::visit([](const auto& message) { demand_shown(message); }, received->body);
}

} // namespace pawl::test
