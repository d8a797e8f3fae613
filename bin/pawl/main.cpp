// pawl: a viewer of the server's state.

#include "bin/pawl/completion.hpp"
#include "bin/usage/help.hpp"
#include "bin/usage/program.hpp"
#include "client/exit_status.hpp"
#include "lifecycle/concealment.hpp"
#include "posix/private_memory.hpp"
#include "posix/standard_streams.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>

namespace {

using namespace pawl;
using words = std::vector<std::string>;

constexpr const char* release = "pawl " PAWL_VERSION;

void describe(CLI::App& program, cli::options& given, cli::runner& chosen) {
  program.name("pawl");
  program.set_version_flag("--version", release);
  program.require_subcommand(1);
  cli::add_common(program, given);
  program.footer("Example:\n  pawl deploy ./shop -m \"Fix the cart\"\n"
                 "To read more:\n  pawl COMMAND --help");
  cli::add_deploy(program, given, chosen);
  cli::add_releases(program, given, chosen);
  cli::add_viewers(program, given, chosen);
  cli::add_listings(program, given, chosen);
  cli::add_logs(program, given, chosen);
  cli::add_scaling(program, given, chosen);
  cli::add_destroy(program, given, chosen);
  cli::add_env(program, given, chosen);
  cli::add_volumes(program, given, chosen);
  cli::add_tokens(program, given, chosen);
  cli::add_servers(program, given, chosen);
  cli::add_auditing(program, given, chosen);
  cli::add_init(program, given, chosen);
  cli::add_completion(program, chosen);
}

// Prints the help of the program, or of the command before --help.
int help(const usage::command& program, const words& given) {
  const auto* one = program.chosen_command(given);
  cli::write_to(STDOUT_FILENO,
                usage::help_text(one == nullptr ? program : *one, usage::help_columns()));
  return 0;
}

int refuse(const usage::command& program, const CLI::ParseError& problem, const words& said) {
  // The options could not be parsed, so whether --json was given is read from the words.
  auto was_given = [&](const char* option) {
    return std::find(said.begin(), said.end(), option) != said.end();
  };
  cli::options given;
  given.jsonl = was_given("--jsonl");
  given.json = !given.jsonl && was_given("--json");
  return cli::fail(given, {errc::invalid_argument, usage::mistake(program, problem, said), {}});
}

// The list of processes shows the arguments as they are in this memory.
void hide_token(int count, char** arguments) {
  constexpr std::string_view option = "--token";
  const auto overwrite = [](char* text) { std::fill_n(text, std::strlen(text), '*'); };
  for (int i = 1; i < count; ++i) {
    const std::string_view word{arguments[i]};
    if (word == option && i + 1 < count)
      overwrite(arguments[++i]);
    else if (word.starts_with(option) && word.substr(option.size()).starts_with('='))
      overwrite(arguments[i] + option.size() + 1);
  }
}

// The values of `pawl env set KEY=VALUE`, secrets or not.
void hide_values(int count, char** arguments) {
  bool sets = false;
  for (int i = 1; i < count; ++i) {
    char* const equals = std::strchr(arguments[i], '=');
    if (sets && equals != nullptr && arguments[i][0] != '-')
      std::fill_n(equals + 1, std::strlen(equals + 1), '*');
    sets = sets || std::string_view{arguments[i]} == "set";
  }
}

int run(int count, char** arguments) {
  CLI::App program{"Deploys apps, and shows their state\n"
                   "The server does the work: deployments go on without a viewer, and pawl attach "
                   "shows them again."};
  cli::options given;
  cli::runner chosen;
  describe(program, given, chosen);
  words said{arguments + std::min(count, 1), arguments + count};
  if (!said.empty() && said.front() == "__complete")
    return cli::complete_words(usage::read_tree(program), {said.begin() + 1, said.end()});
  if (said.size() == 2 && said.front() == "__manual")
    return usage::write_manual(usage::read_tree(program), said.back(), release);
  try {
    program.parse(count, arguments);
  } catch (const CLI::CallForVersion&) {
    cli::write_to(STDOUT_FILENO, fmt::format("{}\n", release));
    return 0;
  } catch (const CLI::CallForHelp&) {
    return help(usage::read_tree(program), said);
  } catch (const CLI::ParseError& problem) {
    return refuse(usage::read_tree(program), problem, said);
  }
  hide_token(count, arguments);
  if (said.end() != std::find(said.begin(), said.end(), "env"))
    hide_values(count, arguments);
  return chosen();
}

} // namespace

int main(int count, char** arguments) {
  if (!open_standard_streams())
    ::_exit(client::exit_other); // there is nowhere to say why
  keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);
  int status = client::exit_other;
  try {
    status = run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "error: " << concealed(problem.what()) << '\n';
  }
  // The threads of the link go on: nothing is taken apart, so that nothing can hang at the end.
  std::cout.flush();
  std::fflush(nullptr);
  ::_exit(status);
}
