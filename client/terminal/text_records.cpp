#include "client/terminal/text_records.hpp"

#include "client/exit_status.hpp"
#include "client/terminal/text_audit.hpp"
#include "client/terminal/time.hpp"
#include "lifecycle/deadlines.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace pawl::client {

namespace {

std::string state_word(state s, const look& how) {
  auto word = std::string{to_string(s)};
  if (s == state::active)
    return how.good(word);
  if (s == state::failed)
    return how.bad(word);
  return is_in_flight(s) || s == state::queued ? how.warned(word) : word;
}

std::string version_word(const std::optional<version_number>& version) {
  return version ? to_string(*version) : "-";
}

std::string first_line(std::string_view text) {
  return printable(text.substr(0, text.find('\n')));
}

std::string commit_word(const std::optional<git_facts>& git) {
  constexpr std::size_t short_sha = 8;
  if (!git)
    return "-";
  return printable(git->sha.substr(0, short_sha)) + (git->dirty ? "+" : "");
}

// Why it was asked for: the message, or that of the commit that it brings. A rollback brings none.
std::string what_for(const deployment& d) {
  if (!d.message.empty())
    return first_line(d.message);
  return d.git && d.operation != operation::rollback ? first_line(d.git->message) : "";
}

// Lines of text, each behind the same indent.
std::string indented(std::string_view text, std::string_view indent) {
  std::string all;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    all += fmt::format("{}{}\n", indent, printable_output(line));
  }
  return all;
}

bool is_in_word(char one) {
  return std::isalnum(static_cast<unsigned char>(one)) != 0;
}

// As whole words; a number alone may mean something else there.
bool says(std::string_view message, std::string_view value) {
  if (value.find_first_not_of("0123456789.") == std::string_view::npos)
    return false;
  for (auto at = message.find(value); at != std::string_view::npos;
       at = message.find(value, at + 1)) {
    auto end = at + value.size();
    if ((at == 0 || !is_in_word(message[at - 1])) &&
        (end == message.size() || !is_in_word(message[end])))
      return true;
  }
  return false;
}

// Those that the message, which stands above them, does not say itself.
std::string details_text(const error& problem) {
  std::string all;
  for (const auto& [key, value] : problem.details) {
    if (says(problem.message, value))
      continue;
    if (value.find('\n') == std::string::npos)
      all += fmt::format("  {}: {}\n", printable(key), printable(value));
    else
      all += fmt::format("  {}:\n{}", printable(key), indented(value, "    "));
  }
  return all;
}

// Who and why, and the id to ask further with.
std::string origin(const deployment& d) {
  auto why = what_for(d);
  return fmt::format("by {}, deployment {}{}", printable(d.by), d.id,
                     why.empty() ? "" : ": " + why);
}

// When it came into the state that it is in.
timestamp since(const deployment& d) {
  return d.transitions.empty() ? d.created_at : d.transitions.back().at;
}

// A row whose value a person copies: it is never cut, and has a line of its own where the row would
// be too wide.
std::string row_to_copy(std::string_view name, std::string_view value, const look& how) {
  auto row = fmt::format("  {:<10} {}\n", name, value);
  return how.columns == 0 || width(row) <= how.columns ? row
                                                       : fmt::format("  {}\n{}\n", name, value);
}

std::string active_text(const deployment& d, timestamp now, const look& how) {
  auto text = fit_lines(fmt::format("  active     {}, {}, {}\n", how.good(version_word(d.version)),
                                    ago(d.finished_at.value_or(d.created_at), now), origin(d)),
                        how);
  for (const auto& url : d.urls)
    text += row_to_copy("url", printable(url), how);
  return text;
}

std::string in_flight_text(const deployment& d, timestamp now, const look& how) {
  auto row = fmt::format("  in flight  {} for {}, {}{}\n", state_word(d.state, how),
                         elapsed(std::max(now - since(d), duration{0})),
                         d.version ? version_word(d.version) + ", " : "", origin(d));
  return fit_lines(row, how) + row_to_copy("to watch", "pawl attach " + d.id, how);
}

// By when it must be somewhere else, and why.
std::string until_text(state s, std::optional<timestamp> deadline, timestamp now) {
  if (!deadline)
    return "";
  return fmt::format("  until      {}, {}: {}\n", format_time(*deadline),
                     *deadline > now ? "in " + elapsed(*deadline - now) : "passed",
                     deadline_reason(s));
}

std::string restarts_text(std::uint32_t restarts) {
  if (restarts == 0)
    return "";
  return restarts == 1 ? "  restarted once" : fmt::format("  restarted {} times", restarts);
}

std::string instance_text(const protocol::instance_view& instance, const look& how) {
  constexpr std::string_view well = "running";
  auto word = printable(instance.state);
  const bool is_other = !instance.process.empty() && instance.process != "web";
  auto text = fmt::format(
      "  {:<9}  {}  {}{}{}\n", is_other ? printable(instance.process) : "instance",
      printable(instance.name), instance.state == well ? how.good(word) : how.warned(word),
      instance.address.empty() ? "" : "  " + printable(instance.address),
      restarts_text(instance.restarts));
  if (!instance.detail.empty())
    text += fmt::format("             {}\n", printable(instance.detail));
  return text;
}

std::string warm_text(const protocol::warm_version& warm, timestamp now) {
  return fmt::format("  warm       {}, for {} more\n", to_string(warm.version),
                     elapsed(std::max(warm.until - now, duration{0})));
}

std::string lane_text(const protocol::lane_view& lane, timestamp now, const look& how) {
  auto fitted = [&](const std::string& rows) { return fit_lines(rows, how); };
  auto text = fitted(
      how.strong(fmt::format("{} in {}", printable(lane.app), printable(lane.cluster))) + "\n");
  if (lane.error)
    text += fitted(fmt::format("  {}    {}\n", how.bad("damaged"), printable(lane.error->message)));
  if (lane.frozen)
    text += fitted(fmt::format("  {}     {}\n", how.warned("frozen"), freeze_text(*lane.frozen)));
  text += lane.active ? active_text(*lane.active, now, how) : "  active     nothing yet\n";
  if (lane.stopped_at)
    text += fitted(fmt::format("  {}    since {}; to start it: pawl start -a {} -C {}\n",
                               how.warned("stopped"), format_time(*lane.stopped_at),
                               printable(lane.app), printable(lane.cluster)));
  for (const auto& each : lane.instances)
    text += fitted(instance_text(each, how));
  for (const auto& each : lane.warm)
    text += fitted(warm_text(each, now));
  if (lane.in_flight) {
    text += in_flight_text(*lane.in_flight, now, how);
    text += fitted(until_text(lane.in_flight->state, lane.deadline, now));
  }
  for (const auto& each : lane.queued) {
    text += fitted(fmt::format("  queued     for {}, {}\n",
                               elapsed(std::max(now - since(each), duration{0})), origin(each)));
    text += fitted(until_text(each.state, deadline_at(each), now));
  }
  return text;
}

void add_row(std::string& text, std::string_view name, std::string_view value) {
  if (!value.empty())
    text += fmt::format("  {:<11}{}\n", name, value);
}

std::string git_line(const git_facts& git) {
  return fmt::format("{}{}{} {}", printable(git.sha.substr(0, 12)),
                     git.branch.empty() ? "" : fmt::format(" on {}", printable(git.branch)),
                     git.dirty ? " (with uncommitted changes)" : "", first_line(git.message));
}

std::string transitions_text(const deployment& d, const look& how) {
  std::string text;
  for (std::size_t i = 0; i < d.transitions.size(); ++i) {
    const auto& each = d.transitions[i];
    auto took = i + 1 < d.transitions.size() ? elapsed(d.transitions[i + 1].at - each.at) : "";
    text += fmt::format("  {}  {:<11} {:>10}  by {}\n", how.faint(format_time(each.at)),
                        to_string(each.state), took, printable(each.by));
  }
  return text;
}

std::string advice(const deployment& d) {
  switch (outcome_error(d)->code) {
  case errc::build_failed:
  case errc::release_failed:
    return fmt::format("to see the whole log: pawl attach {}", d.id);
  case errc::unhealthy:
    return fmt::format("to see all that it printed: pawl logs {0}; to see each check: pawl attach "
                       "{0}; the checks are set in [health] of pawl.toml",
                       d.id);
  case errc::superseded:
  case errc::cancelled:
    return fmt::format("to see what serves now: pawl status -a {}", d.app);
  default:
    return fmt::format("to see more: pawl show {}", d.id);
  }
}

std::string damaged_text(const std::vector<error>& damaged) {
  std::string text;
  for (const auto& one : damaged)
    text += fmt::format("damaged, and not shown: {}\n", printable(one.message));
  if (!text.empty())
    text += "to list all damaged records: pawld --verify DATA_DIR, with the server stopped\n";
  return text;
}

} // namespace

std::string lanes_text(const protocol::lane_list& list, timestamp now, const look& how) {
  if (list.lanes.empty())
    return "nothing has been deployed yet; to begin: pawl deploy\n";
  std::string text;
  for (const auto& lane : list.lanes)
    text += lane_text(lane, now, how);
  return text;
}

std::string history_text(const protocol::history_list& list, timestamp now, const look& how) {
  if (list.deployments.empty() && list.damaged.empty())
    return list.next_cursor
               ? fmt::format(
                     "none found so far; to look further: the same command with --cursor {}\n",
                     printable(*list.next_cursor))
               : "no deployments match\n";
  constexpr std::size_t message_least = 16;
  const std::vector<column> columns{
      {"ID"},           {"APP", 7},  {"CLUSTER", 4}, {"STATE"},     {"VERSION"},
      {"OPERATION", 2}, {"WHEN", 6}, {"BY", 3},      {"COMMIT", 1}, {"MESSAGE", 5, message_least}};
  table_rows all;
  for (const auto& d : list.deployments)
    all.push_back({d.id, printable(d.app), printable(d.cluster), std::string{to_string(d.state)},
                   version_word(d.version), std::string{to_string(d.operation)},
                   ago(d.created_at, now), printable(d.by), commit_word(d.git), what_for(d)});
  auto text = table(columns, all, how) + damaged_text(list.damaged);
  if (list.next_cursor)
    text += fmt::format("to see more: the same command with --cursor {}\n",
                        printable(*list.next_cursor));
  return text;
}

std::string versions_text(const protocol::version_list& list, timestamp now, const look& how) {
  if (list.versions.empty())
    return "no versions yet; to make one: pawl deploy\n";
  constexpr std::size_t clusters_least = 8;
  constexpr std::size_t digest_least = 19; // "sha256:" and 12 digits
  table_rows all;
  for (const auto& v : list.versions)
    all.push_back(
        {printable(v.app), to_string(v.version), ago(v.created_at, now), v.deployment,
         v.live_in.empty() ? "-" : printable(fmt::format("{}", fmt::join(v.live_in, ", "))),
         v.can_roll_back ? "yes" : "no", std::string{to_string(v.readiness)},
         printable(v.artifact)});
  return table({{"APP", 3},
                {"VERSION"},
                {"BUILT", 4},
                {"DEPLOYMENT", 2},
                {"LIVE IN", 0, clusters_least},
                {"ROLLBACK"},
                {"STARTS"},
                {"ARTIFACT", 1, digest_least}},
               all, how);
}

std::string apps_text(const protocol::app_list& list, const look& how) {
  if (list.apps.empty())
    return "no apps yet; to begin: pawl deploy\n";
  constexpr std::size_t clusters_least = 8;
  table_rows all;
  for (const auto& each : list.apps)
    all.push_back(
        {printable(each.app), printable(fmt::format("{}", fmt::join(each.clusters, ", ")))});
  return table({{"APP"}, {"CLUSTERS", 0, clusters_least}}, all, how);
}

std::string clusters_text(const protocol::cluster_list& list, const look& how) {
  table_rows all;
  for (const auto& each : list.clusters)
    all.push_back(
        {printable(each.name), printable(each.engine), std::string{to_string(each.when_busy)}});
  return table({{"CLUSTER"}, {"ENGINE", 1}, {"WHEN BUSY", 2}}, all, how);
}

std::string destroyed_text(const protocol::destroyed& gone, const look& how) {
  const auto where =
      fmt::format("{} in {}", how.strong(printable(gone.app)), printable(gone.cluster));
  if (!gone.deployment)
    return fmt::format("nothing of {} runs\n", where);
  auto text = fmt::format("{} is destroyed: {} does not serve any more\n", where,
                          version_word(gone.version));
  for (const auto& host : gone.hosts)
    add_row(text, "free", printable(host));
  return text + fmt::format("its records stay: pawl history -a {}\n", printable(gone.app));
}

std::string deployment_text(const deployment& d, timestamp now, const look& how) {
  auto text = fmt::format("{} {} of {} in {}: {}\n", how.strong(d.id), to_string(d.operation),
                          printable(d.app), printable(d.cluster), state_word(d.state, how));
  add_row(text, "version", version_word(d.version));
  if (d.config)
    add_row(text, "config", fmt::format("revision {}", *d.config));
  add_row(text, "asked", fmt::format("{} by {}", ago(d.created_at, now), printable(d.by)));
  add_row(text, "message", first_line(d.message));
  if (d.git)
    add_row(text, "commit", git_line(*d.git));
  if (d.source)
    add_row(text, "source",
            fmt::format("{} in {} files, {}", human_bytes(d.source->bytes), d.source->files,
                        printable(d.source->digest)));
  add_row(text, "replaces", d.replaces.value_or(""));
  for (const auto& url : d.urls)
    add_row(text, "url", printable(url));
  text += transitions_text(d, how);
  if (auto problem = outcome_error(d)) {
    text += fmt::format("{} ({}{})\n", how.bad("why"), to_string(problem->code),
                        d.error ? fmt::format(", while {}", to_string(d.error->state)) : "");
    text += prose(problem->message, "  ", how) + details_text(*problem);
    text += advice(d) + "\n";
  } else if (!is_settled(d.state)) {
    text += fmt::format("to watch it: pawl attach {}\n", d.id);
  }
  return text;
}

std::string verdict_text(const deployment& d, const look& how, bool log_told,
                         const protocol::lane_view* lane) {
  auto problem = outcome_error(d);
  if (!problem) {
    auto took = d.finished_at ? ", " + elapsed(*d.finished_at - d.created_at) : "";
    auto text =
        fmt::format("{} {} {} is {} in {}{}\n", how.good(how.done_mark()), printable(d.app),
                    version_word(d.version), to_string(d.state), printable(d.cluster), took);
    for (const auto& url : d.urls)
      text += fmt::format("  {}\n", printable(url));
    return text +
           fmt::format("  next: pawl status -a {} -C {}\n", printable(d.app), printable(d.cluster));
  }
  auto text = fmt::format("{} {} did not go live in {}: {}{}\n", how.bad(how.failed_mark()),
                          printable(d.app), printable(d.cluster), to_string(problem->code),
                          d.error ? fmt::format(" while {}", to_string(d.error->state)) : "");
  if (log_told)
    problem->details.erase("log");
  text += prose(problem->message, "  ", how) + details_text(*problem);
  if (lane != nullptr)
    text += lane->active ? fmt::format("  {} serves in {}, by deployment {}\n",
                                       version_word(lane->active->version),
                                       printable(lane->cluster), lane->active->id)
                         : fmt::format("  nothing serves in {} yet\n", printable(lane->cluster));
  return text + prose(advice(d), "  ", how);
}

std::string error_text(const error& problem, const look& how) {
  auto first = problem.message.substr(0, problem.message.find('\n'));
  auto text = prose("error: " + first, "", how);
  text.replace(0, std::string_view{"error:"}.size(), how.bad("error:"));
  if (first.size() < problem.message.size())
    text += prose(std::string_view{problem.message}.substr(first.size() + 1), "  ", how);
  return text + details_text(problem);
}

} // namespace pawl::client
