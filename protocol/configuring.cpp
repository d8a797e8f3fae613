#include "protocol/configuring.hpp"

#include "protocol/checks.hpp"

namespace pawl::protocol {

using namespace checks;

result<void> check(const configure_request& m) {
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     cluster_or_only(m.cluster), check_change({m.set, m.unset, m.restore}),
                     m.override_freeze
                         ? reason("the reason to override the freeze", *m.override_freeze)
                         : result<void>{});
}

result<void> check(const variables_request& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

result<void> check(const configs_request& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

result<void> check(const configured& m) {
  return first_error(word("the app", m.app), word("the cluster", m.cluster), record(m.deployment));
}

result<void> check(const variable_list& m) {
  return first_error(
      word("the app", m.app), word("the cluster", m.cluster),
      at_most("the list", m.variables.size(), limits::variables, "variables"),
      each(m.variables, [](const variable_view& one) { return word("the variable", one.name); }));
}

result<void> check(const config_list& m) {
  return first_error(word("the app", m.app), word("the cluster", m.cluster),
                     at_most("the list", m.revisions.size(), limits::config_page, "revisions"),
                     each(m.revisions, [](const config_view& one) {
                       return first_error(words("a variable", one.added),
                                          words("a variable", one.changed),
                                          words("a variable", one.removed),
                                          word("the id", one.deployment.value_or("")));
                     }));
}

} // namespace pawl::protocol
