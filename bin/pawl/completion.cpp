#include "bin/pawl/completion.hpp"

#include "bin/usage/completion.hpp"
#include "client/link/address.hpp"
#include "client/link/server_file.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace pawl::cli {

namespace {

constexpr auto answer_time = std::chrono::milliseconds{700}; // who presses Tab does not wait longer

constexpr std::string_view bash_script =
    R"script(# bash completion for pawl: eval "$(pawl completion bash)"
_pawl() {
  local word text
  COMPREPLY=()
  while IFS=$'\t' read -r word text; do
    if [[ $word == :directories ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]}")
      return
    fi
    if [[ $word == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
      return
    fi
    COMPREPLY+=("$word")
  done < <(pawl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pawl pawl
)script";

constexpr std::string_view zsh_script = R"script(#compdef pawl
# zsh completion for pawl: eval "$(pawl completion zsh)", after compinit
_pawl() {
  local word text
  local -a found
  while IFS=$'\t' read -r word text; do
    if [[ $word == :directories ]]; then
      _files -/
      return
    fi
    if [[ $word == :files ]]; then
      _files
      return
    fi
    found+=("${word//:/\\:}:$text")
  done < <(pawl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -V pawl found
}
if [[ ${funcstack[1]-} == _pawl ]]; then
  _pawl "$@"
else
  compdef _pawl pawl
fi
)script";

constexpr std::string_view fish_script =
    R"script(# fish completion for pawl: pawl completion fish | source
function __pawl_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l last (commandline -ct)
    set -l found (pawl __complete $words "$last" 2>/dev/null)
    if test "$found[1]" = ":directories"
        __fish_complete_directories "$last" ""
    else if test "$found[1]" = ":files"
        __fish_complete_path "$last"
    else if set -q found[1]
        printf '%s\n' $found
    end
end
complete -c pawl -f -a '(__pawl_complete)'
)script";

// Ignores everything: completion prints only candidates.
class nobody final : public client::observer {
public:
  void accepted(const deployment& /*record*/) override {}
  void uploaded(std::uint64_t /*bytes*/, std::uint64_t /*total*/) override {}
  void seen(const std::string& /*deployment*/, const event& /*what*/) override {}
  void lost(const error& /*why*/) override {}
  void found_again() override {}
  void cancel_refused(const error& /*why*/) override {}
  client::interrupt_choice interrupted(bool /*upload_complete*/) override {
    return client::interrupt_choice::detach;
  }
};

using candidates = std::vector<usage::candidate>;

template <class Answer>
std::optional<Answer> ask(const options& given, const protocol::message& request) {
  auto server = client::find_server(given.server, config::own_surroundings());
  if (!server)
    return std::nullopt;
  nobody hears;
  client::conversation talk{
      [&] { return client::server_link::connect(*server, answer_time); }, hears, -1, {{}, {}, {}}};
  auto answer = talk.ask(request, answer_time);
  auto* content = answer ? std::get_if<Answer>(&*answer) : nullptr;
  return content == nullptr ? std::nullopt : std::optional{std::move(*content)};
}

std::optional<std::string> unless_empty(const result<std::string>& text) {
  return text && !text->empty() ? std::optional{*text} : std::nullopt;
}

candidates apps(const options& given) {
  candidates all;
  if (auto list = ask<protocol::app_list>(given, protocol::apps_request{}))
    for (const auto& each : list->apps)
      all.push_back({each.app, fmt::format("in {}", fmt::join(each.clusters, ", "))});
  return all;
}

candidates clusters(const options& given) {
  candidates all;
  if (auto list = ask<protocol::cluster_list>(given, protocol::clusters_request{}))
    for (const auto& each : list->clusters)
      all.push_back({each.name, "engine " + each.engine});
  return all;
}

candidates known_versions(const options& given) {
  candidates all;
  if (auto list = ask<protocol::version_list>(
          given, protocol::versions_request{unless_empty(app_of(given))}))
    for (const auto& each : list->versions)
      all.push_back({to_string(each.version),
                     fmt::format("{}, built {}", each.app,
                                 client::ago(each.created_at, client::wall_time()))});
  return all;
}

candidates deployments(const options& given) {
  protocol::history_request request;
  request.app = unless_empty(app_of(given));
  request.cluster = unless_empty(cluster_of(given));
  candidates all;
  if (auto list = ask<protocol::history_list>(given, request))
    for (const auto& each : list->deployments)
      all.push_back({each.id, fmt::format("{} {} {}, {}", to_string(each.operation), each.app,
                                          to_string(each.state),
                                          client::ago(each.created_at, client::wall_time()))});
  return all;
}

candidates processes(const options& given, std::string_view ending) {
  candidates all;
  const auto app = app_of(given);
  const protocol::processes_request request{app ? *app : std::string{}, given.cluster};
  if (protocol::check(request))
    if (auto list = ask<protocol::process_list>(given, request))
      for (const auto& each : list->processes)
        all.push_back(
            {each.process + std::string{ending}, fmt::format("{} instances", each.instances)});
  return all;
}

candidates known_servers() {
  candidates all;
  if (auto path = config::client_config_file(config::own_surroundings()))
    if (auto stored = client::read_server_file(*path))
      for (const auto& each : stored->servers)
        all.push_back({each.name, each.address});
  return all;
}

candidates states() {
  candidates all;
  for (const auto& row : state_table)
    all.push_back({std::string{row.name}, std::string{row.meaning}});
  return all;
}

candidates values(const options& given, std::string_view kind) {
  if (kind == "DIR")
    return {{":directories", ""}};
  if (kind == "FILE")
    return {{":files", ""}};
  if (kind == "APP")
    return apps(given);
  if (kind == "CLUSTER")
    return clusters(given);
  if (kind == "VERSION")
    return known_versions(given);
  if (kind == "PROCESS" || kind == "PROCESS=N")
    return processes(given, kind == "PROCESS" ? "" : "=");
  if (kind == "ID")
    return deployments(given);
  if (kind == "SERVER")
    return known_servers();
  if (kind == "STATE")
    return states();
  if (kind == "OPERATION")
    return {{"deploy", "builds a version"},
            {"rollback", "releases a version again"},
            {"promote", "releases a version of another cluster"},
            {"configure", "releases the active version again, such as with other variables"}};
  if (kind == "ROLE")
    return {{"view", "reads"}, {"deploy", "reads and deploys"}, {"admin", "does everything"}};
  if (kind == "SHELL")
    return {{"bash", ""}, {"zsh", ""}, {"fish", ""}};
  return {};
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// One line, whatever a record says.
std::string line_of(const usage::candidate& one) {
  auto word = printable(one.word);
  return one.text.empty() ? word + "\n" : fmt::format("{}\t{}\n", word, printable(one.text));
}

} // namespace

int complete_words(const usage::command& program, const std::vector<std::string>& words) {
  auto found = usage::complete(program, words);
  options given;
  given.server = found.given["SERVER"];
  given.app = found.given.contains("APP") ? found.given["APP"] : variable("PAWL_APP");
  given.cluster =
      found.given.contains("CLUSTER") ? found.given["CLUSTER"] : variable("PAWL_CLUSTER");
  std::string text;
  for (const auto& each : found.words)
    text += line_of(each);
  for (const auto& each : values(given, found.value))
    if (each.word.starts_with(found.begun) || each.word.starts_with(':'))
      text += line_of(each);
  write_to(STDOUT_FILENO, text);
  return 0;
}

void add_completion(CLI::App& program, runner& chosen) {
  auto shell = std::make_shared<std::string>();
  auto* command = program.add_subcommand(
      "completion",
      "Print the script that completes pawl's commands in a shell\n"
      "It completes commands and options, and asks the server for apps, clusters, versions and ids "
      "of deployments.");
  command->group("This program");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("Example:\n  pawl completion bash > /etc/bash_completion.d/pawl\n"
                  "  pawl completion zsh > /usr/share/zsh/vendor-completions/_pawl\n"
                  "  pawl completion fish > /etc/fish/completions/pawl.fish");
  command->callback([shell, &chosen] {
    chosen = [shell] {
      write_to(STDOUT_FILENO, *shell == "bash"  ? bash_script
                              : *shell == "zsh" ? zsh_script
                                                : fish_script);
      return 0;
    };
  });
}

} // namespace pawl::cli
