// pawl-bench: measures, beside peers and beside what physics sets, and says what came out.
#include "bench/harness/machine.hpp"
#include "bench/harness/page.hpp"
#include "bench/harness/process_usage.hpp"
#include "bench/harness/processors.hpp"
#include "bench/rows/rows.hpp"
#include "bench/server/timed_server.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <sys/resource.h>

namespace {

using namespace pawl::bench;
using pawl::duration;

constexpr auto failed_exit = 1;
constexpr auto usage_exit = 2;

struct command_line {
  std::vector<std::string> page;
  bool quick = false;
  bool large = false;
  std::string json;
  std::vector<std::string> rows;
};

std::vector<std::string> known_rows() {
  std::vector<std::string> names{"all"};
  for (const auto& one : all_rows())
    names.emplace_back(one.name);
  return names;
}

std::string rows_help() {
  std::string text = "Rows:\n";
  for (const auto& one : all_rows())
    text += fmt::format("  {:<12} {}\n", one.name, one.question);
  return text + "  all          each of them, in this order\n"
                "Exit status:\n"
                "   0  everything was measured, and every promised count holds\n"
                "   1  a count does not hold, or a row could not be measured\n"
                "   2  the command line is wrong\n"
                "Times depend on the machine: they are reported, and never decide the exit status.";
}

void describe(CLI::App& program, command_line& given) {
  program.add_flag("--quick", given.quick, "At most 10 s for each row: counts count, times do not");
  program.add_flag("--large", given.large, "Histories of ten million too: half an hour more");
  program.add_option("--json", given.json, "Write the figures to this file")->type_name("FILE");
  program
      .add_option("--page", given.page,
                  "Measure nothing: make docs/performance.md, and its plots, from this file; given "
                  "again, with its rows in place of those")
      ->type_name("FILE")
      ->allow_extra_args(false);
  program.add_option("row", given.rows, "What to measure")
      ->type_name("ROW")
      ->check(CLI::IsMember(known_rows()));
  program.footer(rows_help());
}

// Thousands of viewers each have a descriptor, here and in the servers that are started.
void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

bool is_wanted(const command_line& given, const std::string& name) {
  return std::any_of(given.rows.begin(), given.rows.end(),
                     [&](const auto& one) { return one == name || one == "all"; });
}

// Whether everything could be measured.
bool measure_row(const row& one, const workplace& place, std::vector<case_report>& cases) {
  place.say(fmt::format("{}: {} …", one.name, one.question));
  bool measured = true;
  std::vector<case_report> found;
  try {
    found = one.run(place);
  } catch (const std::exception& problem) {
    found = {failed_case(one.name, "could not be measured", problem.what())};
    measured = false;
  }
  for (auto& report : found) {
    std::cout << text_of(report) << std::flush;
    cases.push_back(std::move(report));
  }
  return measured;
}

int measure_rows(const command_line& given) {
  const pawl::test::temporary_directory directory;
  workplace place;
  place.directory = directory.path();
  place.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  place.quick = given.quick;
  place.large = given.large;
  place.say = [](const std::string& text) { std::cerr << text << std::endl; };
  raise_descriptor_limit();
  const run_on load{processors::last};
  place.floor = probe_floors(place.directory, std::chrono::milliseconds{given.quick ? 100 : 500});
  auto machine = machine_facts(place.directory);
  machine["floor"] = place.floor.json();
  machine["command"] = fmt::format("pawl-bench {}{}{}", fmt::join(given.rows, " "),
                                   given.quick ? " --quick" : "", given.large ? " --large" : "");
  std::vector<case_report> cases;
  bool good = true;
  for (const auto& one : all_rows())
    if (is_wanted(given, one.name))
      good = measure_row(one, place, cases) && good;
  for (const auto& one : cases)
    good = good && counts_hold(one.promised);
  if (!given.json.empty())
    pawl::test::write_text(std::filesystem::absolute(given.json),
                           document(machine, cases).dump(2) + "\n");
  return good ? 0 : failed_exit;
}

// The pages are made where the checkout is.
int make_page(const std::vector<std::string>& files) {
  std::vector<nlohmann::json> runs;
  for (const auto& file : files)
    runs.push_back(nlohmann::json::parse(pawl::test::read_text(file)));
  const auto run = merged(runs);
  const std::filesystem::path docs{PAWL_SOURCE_DIR "/docs"};
  const auto explanations =
      sections_of(pawl::test::read_text(docs / "performance" / "explained.md"));
  pawl::test::write_text(docs / "performance.md", page_of(run, explanations));
  const pawl::test::temporary_directory place;
  for (const auto& name : rows_of(run)) {
    const auto script = plot_of(run, name, docs / "performance" / (name + ".svg"));
    if (script.empty())
      continue;
    pawl::test::write_text(place.path() / "plot", script);
    if (run_once({"/usr/bin/gnuplot", (place.path() / "plot").string()}).status != 0)
      throw std::runtime_error("gnuplot cannot draw " + name);
  }
  return 0;
}

// pawl-bench __server …: see timed_server.hpp.
int serve(int argc, char** argv) {
  CLI::App program{"A server with an engine and a router whose calls take a fixed time"};
  timed_server_plan plan;
  std::string directory;
  unsigned build = 0;
  unsigned start = 0;
  unsigned line = 0;
  program.add_option("--directory", directory)->required();
  program.add_option("--build-ms", build);
  program.add_option("--start-ms", start);
  program.add_option("--running", plan.parts.running);
  program.add_option("--first-running", plan.parts.first_running);
  program.add_option("--lines", plan.parts.lines);
  program.add_option("--line-ms", line);
  std::string survivors;
  program.add_option("--survivors", survivors);
  CLI11_PARSE(program, argc - 1, argv + 1);
  plan.directory = directory;
  plan.parts.build = duration{build};
  plan.parts.start = duration{start};
  plan.parts.line_pause = duration{line};
  plan.parts.survivors = survivors;
  return run_timed_server(plan);
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == "__server")
    return serve(argc, argv);
  CLI::App program{"Measures Pawl beside its peers, in the same minute on the same machine"};
  command_line given;
  describe(program, given);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const int status = program.exit(problem);
    return status == 0 ? 0 : usage_exit;
  }
  try {
    if (!given.page.empty())
      return make_page(given.page);
    if (!given.rows.empty())
      return measure_rows(given);
  } catch (const std::exception& problem) {
    std::cerr << "pawl-bench: " << problem.what() << '\n';
    return failed_exit;
  }
  std::cerr << "pawl-bench: name a row, or \"all\"; --help lists them\n";
  return usage_exit;
}
