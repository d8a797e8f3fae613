// pawl: a viewer of the server's state.

#include "bin/pawl/command.hpp"

#include "client/exit_status.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <csignal>
#include <iostream>

namespace {

// Before the options could be read it is not known whether they were asked for.
bool was_given(int count, char** arguments, std::string_view option) {
  for (int i = 1; i < count; ++i)
    if (arguments[i] == option)
      return true;
  return false;
}

// What was wrong with the command line, and where to read how it is right.
std::string usage_problem(const CLI::App& program, const CLI::ParseError& problem, int count,
                          char** arguments) {
  auto commands = program.get_subcommands();
  std::string_view first = count > 1 ? arguments[1] : "";
  if (!commands.empty())
    return fmt::format("{}; see pawl {} --help", problem.what(), commands.front()->get_name());
  if (first.empty() || first.starts_with('-'))
    return fmt::format("{}; see pawl --help", problem.what());
  std::vector<std::string> known;
  for (const auto* each : program.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(each->get_name());
  auto hint = pawl::config::nearest(first, known);
  return fmt::format("\"{}\" is no command{}; see pawl --help", first,
                     hint ? fmt::format("; did you mean {}?", *hint) : "");
}

int run(int count, char** arguments) {
  CLI::App program{"Deploys apps, and shows what became of them."};
  program.name("pawl");
  program.set_version_flag("--version", "pawl " PAWL_VERSION);
  program.require_subcommand(1);
  program.footer("\nExample:\n  pawl deploy ./shop -m \"Fix the cart\"\n\n"
                 "pawl COMMAND --help tells more of each.");
  pawl::cli::options given;
  pawl::cli::runner chosen;
  pawl::cli::add_deploy(program, given, chosen);
  pawl::cli::add_viewers(program, given, chosen);
  pawl::cli::add_listings(program, given, chosen);
  pawl::cli::add_logs(program, given, chosen);
  pawl::cli::add_releases(program, given, chosen);
  try {
    program.parse(count, arguments);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) // --help, --version
      return program.exit(problem, std::cout, std::cerr);
    given.jsonl = was_given(count, arguments, "--jsonl");
    given.json = !given.jsonl && was_given(count, arguments, "--json");
    return pawl::cli::fail(
        given,
        {pawl::errc::invalid_argument, usage_problem(program, problem, count, arguments), {}});
  }
  return chosen();
}

} // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return pawl::client::exit_other;
  }
}
