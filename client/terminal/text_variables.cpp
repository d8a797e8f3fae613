#include "client/terminal/text_variables.hpp"

#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl::client {

namespace {

std::string options_for(std::string_view app, std::string_view cluster) {
  return fmt::format("-a {} -C {}", printable(app), printable(cluster));
}

std::string value_text(const protocol::variable_view& one, const look& how) {
  if (one.secret)
    return how.faint("(secret)");
  return one.value ? printable(*one.value) : how.faint("(not shown to your role)");
}

std::string names_text(const protocol::config_view& one) {
  std::vector<std::string> all;
  for (const auto& name : one.added)
    all.push_back("+" + name);
  for (const auto& name : one.changed)
    all.push_back("~" + name);
  for (const auto& name : one.removed)
    all.push_back("-" + name);
  return printable(fmt::format("{}", fmt::join(all, " ")));
}

std::string state_text(const protocol::config_view& one, const protocol::config_list& list,
                       const look& how) {
  if (one.failed)
    return how.bad(one.deployment ? "failed in " + *one.deployment : "failed");
  if (list.running == one.config)
    return how.good("running");
  return list.current == one.config ? "next" : "";
}

} // namespace

std::string variables_text(const protocol::variable_list& list, timestamp now, const look& how) {
  const auto options = options_for(list.app, list.cluster);
  if (list.variables.empty())
    return fmt::format("{} in {} has no variables; to set one: pawl env set KEY=VALUE {}\n",
                       printable(list.app), printable(list.cluster), options);
  constexpr std::size_t value_least = 12;
  table_rows all;
  for (const auto& one : list.variables)
    all.push_back({printable(one.name), value_text(one, how), printable(one.by), ago(one.at, now),
                   std::to_string(one.config)});
  auto text =
      table({{"NAME"}, {"VALUE", 0, value_least}, {"SET BY", 2}, {"WHEN", 1}, {"IN", 3}}, all, how);
  text += fmt::format("revision {}", list.config.value_or(0));
  if (list.serves && list.running != list.config)
    text += fmt::format("; what serves runs with {}, and the next deployment takes this one",
                        list.running ? fmt::format("revision {}", *list.running) : "none");
  else if (!list.serves)
    text += "; nothing serves, and the next deployment takes it";
  return text + "\n";
}

std::string configs_text(const protocol::config_list& list, timestamp now, const look& how) {
  if (list.revisions.empty())
    return fmt::format("the configuration of {} in {} was never changed\n", printable(list.app),
                       printable(list.cluster));
  constexpr std::size_t names_least = 12;
  table_rows all;
  for (const auto& one : list.revisions)
    all.push_back({std::to_string(one.config), ago(one.at, now), printable(one.by),
                   state_text(one, list, how), names_text(one),
                   one.restored ? fmt::format("as {}", *one.restored) : ""});
  auto text = table(
      {{"REVISION"}, {"MADE"}, {"BY", 1}, {"STATE"}, {"NAMES", 0, names_least}, {"", 2}}, all, how);
  if (list.next_before)
    text += fmt::format("to see more: the same command with --before {}\n", *list.next_before);
  return text;
}

std::string staged_text(const protocol::configured& done, const look& how) {
  return fmt::format("revision {} of {} in {} is stored; the next deployment takes it\n",
                     how.strong(std::to_string(done.config)), printable(done.app),
                     printable(done.cluster));
}

} // namespace pawl::client
