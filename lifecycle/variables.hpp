// The variables of a lane: what an app is told that belongs to a place and not to the code. They
// are kept in numbered revisions, each of which has all of them. Pure.
#pragma once

#include "lifecycle/manifest.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/secret.hpp"
#include "lifecycle/timestamp.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

// Counted per lane from 1, never reused.
using config_number = std::uint32_t;

// A variable as it is kept.
struct variable {
  std::string name;
  bool is_secret = false;
  std::string value = {};     // of a secret: sealed (persistence/secret_vault.hpp)
  secret clear = {};          // of a secret that is set now, until it is sealed: never stored
  config_number revision = 0; // in which it was set
  std::string by = {};        // who set it
  timestamp at = {};

  bool is_sealed() const { return is_secret && !value.empty(); }
  friend bool operator==(const variable& a, const variable& b) {
    return a.name == b.name && a.is_secret == b.is_secret && a.value == b.value &&
           a.clear.reveal() == b.clear.reveal() && a.revision == b.revision && a.by == b.by &&
           a.at == b.at;
  }
};

// One revision of a lane's configuration.
struct configuration {
  lane_key lane;
  config_number number = 0;
  timestamp at = {};
  std::string by = {};
  std::string request_id = {};          // of the request that made it
  std::vector<variable> variables = {}; // by name
  std::vector<std::string> added = {};  // names, against the revision that it was made from
  std::vector<std::string> changed = {};
  std::vector<std::string> removed = {};
  // The deployment that applies it, of operation configure; nothing: the next one takes it. If that
  // one fails, the revision does not hold.
  std::optional<std::string> deployment = {};
  std::optional<config_number> restored = {}; // the revision whose content it has

  friend bool operator==(const configuration&, const configuration&) = default;
};

// A variable as somebody sets it, or as an app gets it.
struct variable_text {
  std::string name;
  secret value;
  bool is_secret = false;
};

// The change that a request asks for: at least one of set, unset and restore, and the last alone.
struct variable_change {
  std::vector<variable_text> set = {};
  std::vector<std::string> unset = {};
  std::optional<config_number> restore = {}; // all variables as in that revision
};

// [A-Za-z_][A-Za-z0-9_]*
bool is_variable_name(std::string_view name);

// invalid_argument for a name that no shell takes, one that is too long, and PORT and PAWL_*, which
// the server sets.
result<void> check_variable_name(std::string_view name);

// The same for all of a change; and for values with a NUL or over limits::variable_bytes, names
// that are there twice, and a change of nothing. The message never has a value.
result<void> check_change(const variable_change& what);

// The next revision of a lane, from the one that holds (`before`, or nothing); for a change that
// restores one, from that one. Fails: invalid_argument for a name to unset that there is not, and
// too_large if all have more than limits::variables_bytes, or are more than limits::variables.
result<configuration> next_configuration(const lane_key& lane, config_number number,
                                         const configuration* before, const variable_change& what,
                                         const configuration* restored, std::string by,
                                         timestamp at);

// The names that differ between two revisions: a secret counts as changed if it was set again.
struct variable_difference {
  std::vector<std::string> added = {};
  std::vector<std::string> changed = {};
  std::vector<std::string> removed = {};
};
variable_difference difference(const std::vector<variable>& from, const std::vector<variable>& to);

// --- ${NAME} in the manifest's [run] env

// The value of a variable; nothing if there is none.
using variable_look = std::function<std::optional<std::string_view>(std::string_view name)>;

// The text with each ${NAME} replaced by the value; $${ stands for ${. One that is not there stays,
// and its name is added to `missing`.
std::string expand_variables(std::string_view text, const variable_look& value_of,
                             std::vector<std::string>& missing);

// invalid_argument, naming the variables of [run] env that need one that the lane does not have,
// and pawl env set.
result<void> check_references(const std::map<std::string, std::string>& run_env,
                              const configuration* holds, const lane_key& lane);

// The same of all processes of an app.
result<void> check_all_references(const manifest& settings, const configuration* holds,
                                  const lane_key& lane);

} // namespace pawl
