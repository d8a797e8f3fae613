// The messages about the variables of a lane; and their answers.
#pragma once

#include "lifecycle/variables.hpp"
#include "protocol/fields.hpp"

namespace pawl {

// Only in a request: nothing else carries values of secrets.
template <class Visit, is_a<variable_text> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("value", x.value);
  visit("is_secret", x.is_secret);
}

} // namespace pawl

namespace pawl::protocol {

// Asks for a new revision of the lane's configuration: the one that holds with these set and unset,
// or with the content of an older one. Answered by `configured`.
struct configure_request {
  static constexpr std::string_view kind = "configure_request";

  std::string request_id;
  std::string app;
  std::string cluster;
  std::vector<variable_text> set = {};
  std::vector<std::string> unset = {};
  std::optional<config_number> restore = {};
  bool stage = false; // the next deployment takes it, and none is made for it
  std::optional<pawl::when_busy> when_busy = {};
  std::optional<std::string> override_freeze = {}; // as in deploy_request
};

template <class Visit, is_a<configure_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("set", x.set);
  visit("unset", x.unset);
  visit("restore", x.restore);
  visit("stage", x.stage);
  visit("when_busy", x.when_busy);
  visit("override_freeze", x.override_freeze);
}

result<void> check(const configure_request& m);

// Asks for the variables that a lane's next deployment would get; answered by `variable_list`.
struct variables_request {
  static constexpr std::string_view kind = "variables_request";

  std::string app;
  std::string cluster;
};

template <class Visit, is_a<variables_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const variables_request& m);

// Asks for the revisions of a lane's configuration, newest first, those below `before` if that is
// given; answered by `config_list`.
struct configs_request {
  static constexpr std::string_view kind = "configs_request";

  std::string app;
  std::string cluster;
  std::optional<config_number> before = {};
};

template <class Visit, is_a<configs_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("before", x.before);
}

result<void> check(const configs_request& m);

// --- answers

// The revision is on disk. With a deployment, that applies it; without one, the next takes it.
struct configured {
  static constexpr std::string_view kind = "configured";

  std::string app;
  std::string cluster;
  config_number config = 0;
  std::optional<pawl::deployment> deployment = {};
};

template <class Visit, is_a<configured> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("config", x.config);
  visit("deployment", x.deployment);
}

result<void> check(const configured& m);

struct variable_view {
  std::string name;
  bool secret = false;
  std::optional<std::string> value = {}; // nothing: a secret, or not for the one who asks
  std::string by;                        // who set it
  timestamp at = {};
  config_number config = 0; // the revision in which it was set
};

template <class Visit, is_a<variable_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("secret", x.secret);
  visit("value", x.value);
  visit("by", x.by);
  visit("at", x.at);
  visit("config", x.config);
}

struct variable_list {
  static constexpr std::string_view kind = "variable_list";

  std::string app;
  std::string cluster;
  std::optional<config_number> config = {};  // the revision that they are of
  std::optional<config_number> running = {}; // that the active deployment runs with
  bool serves = false;                       // there is an active deployment
  std::vector<variable_view> variables = {}; // by name
};

template <class Visit, is_a<variable_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("config", x.config);
  visit("running", x.running);
  visit("serves", x.serves);
  visit("variables", x.variables);
}

result<void> check(const variable_list& m);

struct config_view {
  config_number config = 0;
  timestamp at = {};
  std::string by;
  std::vector<std::string> added = {}; // names
  std::vector<std::string> changed = {};
  std::vector<std::string> removed = {};
  std::optional<config_number> restored = {}; // the revision whose content it has
  std::optional<std::string> deployment = {}; // that was made to apply it
  bool failed = false;                        // and has failed: the revision does not hold
};

template <class Visit, is_a<config_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("config", x.config);
  visit("at", x.at);
  visit("by", x.by);
  visit("added", x.added);
  visit("changed", x.changed);
  visit("removed", x.removed);
  visit("restored", x.restored);
  visit("deployment", x.deployment);
  visit("failed", x.failed);
}

struct config_list {
  static constexpr std::string_view kind = "config_list";

  std::string app;
  std::string cluster;
  std::optional<config_number> current = {}; // the one that holds
  std::optional<config_number> running = {}; // that the active deployment runs with
  std::vector<config_view> revisions = {};   // newest first
  std::optional<config_number> next_before = {};
};

template <class Visit, is_a<config_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("current", x.current);
  visit("running", x.running);
  visit("revisions", x.revisions);
  visit("next_before", x.next_before);
}

result<void> check(const config_list& m);

} // namespace pawl::protocol
