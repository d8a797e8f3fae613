// The real programs: help, hints, completion in a real shell, pages of the manual. No server.

#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace fs = std::filesystem;
using namespace pawl::test;

namespace {

struct desk {
  temporary_directory place;

  outcome run(std::vector<std::string> arguments) const {
    program_plan plan{std::move(arguments)};
    plan.environment = {{"PATH", PAWL_BIN_DIR ":/usr/bin:/bin"},
                        {"HOME", place.path().string()},
                        {"PAWL_SERVER", "unix:" + (place.path() / "none").string()}};
    plan.directory = place.path();
    plan.out = place.path() / "out";
    plan.err = place.path() / "err";
    return program{plan}.wait();
  }

  outcome pawl(std::vector<std::string> words) const {
    words.insert(words.begin(), PAWL_BIN_DIR "/pawl");
    return run(std::move(words));
  }

  // The words that completion offers, without their explanations.
  std::set<std::string> offered(std::vector<std::string> words) const {
    words.insert(words.begin(), "__complete");
    auto end = pawl(words);
    BOOST_TEST(end.status == 0);
    BOOST_TEST(end.err == "");
    std::set<std::string> all;
    for (std::size_t begin = 0; begin < end.out.size(); begin = end.out.find('\n', begin) + 1)
      all.insert(end.out.substr(begin, end.out.find_first_of("\t\n", begin) - begin));
    return all;
  }

  std::vector<std::string> commands() const {
    auto all = offered({""});
    return {all.begin(), all.end()};
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(usage)

BOOST_FIXTURE_TEST_CASE(the_help_lists_every_command_in_its_group, desk) {
  auto help = pawl({"--help"});
  BOOST_TEST(help.status == 0);
  for (auto group :
       {"\nShip:\n  deploy ", "\nWatch:\n  attach ", "\nLook:\n  history ", "\nAccess:\n  token ",
        "\nServers:\n  login ", "\nThis program:\n  completion "})
    BOOST_TEST(has(help.out, group), help.out);
  BOOST_TEST(commands().size() >= 12U);
  for (const auto& command : commands())
    BOOST_TEST(has(help.out, "\n  " + command + " "), command);
}

BOOST_FIXTURE_TEST_CASE(the_help_of_each_command_fits_a_terminal_and_says_all, desk) {
  for (const auto& command : commands()) {
    auto help = pawl({command, "--help"});
    BOOST_TEST_CONTEXT(help.out) {
      BOOST_TEST(help.status == 0);
      BOOST_TEST(help.out.starts_with("pawl " + command + ": "));
      BOOST_TEST((has(help.out, "\nUsage:\n  pawl " + command + " [OPTIONS]") ||
                  has(help.out, "\nUsage:\n  pawl " + command + " COMMAND [OPTIONS]")));
      BOOST_TEST(has(help.out, "\nExample:\n  pawl " + command));
      BOOST_TEST((command == "completion" || has(help.out, "\nExit status:\n   0  ")));
      for (std::size_t begin = 0; begin < help.out.size(); begin = help.out.find('\n', begin) + 1)
        BOOST_TEST(help.out.find('\n', begin) - begin <= 80U);
    }
  }
  BOOST_TEST(has(pawl({"deploy", "--help"}).out, "\n   3  the app's build failed\n"));
}

BOOST_FIXTURE_TEST_CASE(values_with_a_colon_are_shown_whole_and_checks_are_not, desk) {
  BOOST_TEST(has(pawl({"login", "--help"}).out, "\n  pawl login [OPTIONS] HOST:PORT\n"));
  BOOST_TEST(has(run({PAWL_BIN_DIR "/pawld", "--help"}).out, "\n  --listen HOST:PORT "));
  BOOST_TEST(!has(pawl({"logs", "--help"}).out, " in ["));
}

BOOST_FIXTURE_TEST_CASE(the_server_tells_of_itself_too, desk) {
  BOOST_TEST(run({PAWL_BIN_DIR "/pawld", "--version"}).out.starts_with("pawld "));
  auto help = run({PAWL_BIN_DIR "/pawld", "--help"});
  BOOST_TEST(help.status == 0);
  BOOST_TEST(has(help.out, "--check-config FILE"));
  auto refused = run({PAWL_BIN_DIR "/pawld", "--confg", "x"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(has(refused.err, "pawld has no option --confg; did you mean --config?"));
}

BOOST_FIXTURE_TEST_CASE(the_nearest_name_is_told, desk) {
  BOOST_TEST(has(pawl({"histroy"}).err, "\"histroy\" is not a command; did you mean history?"));
  BOOST_TEST(has(pawl({"status", "--jsno"}).err,
                 "pawl status has no option --jsno; did you mean --json?"));
  BOOST_TEST(has(pawl({"history", "--stat=failed"}).err, "did you mean --state?"));
  BOOST_TEST(has(pawl({"--verzion"}).err, "pawl has no option --verzion; did you mean --version?"));
  BOOST_TEST(!has(pawl({"status", "--qqqqqqqq"}).err, "did you mean"));
  BOOST_TEST(has(pawl({"--server", "unix:/x", "histroy"}).err,
                 "\"histroy\" is not a command; did you mean history?"));
  BOOST_TEST(has(pawl({"--json", "status", "--jsno"}).err,
                 "pawl status has no option --jsno; did you mean --json?"));
  BOOST_TEST(has(pawl({"--app", "shop", "status"}).err, "pawl has no option --app"));
}

BOOST_FIXTURE_TEST_CASE(the_help_of_a_command_is_found_behind_options, desk) {
  auto help = pawl({"--server", "unix:/x", "status", "--help"});
  BOOST_TEST(help.out == pawl({"status", "--help"}).out);
  BOOST_TEST(has(help.out, "pawl status"));
}

BOOST_FIXTURE_TEST_CASE(words_are_completed_from_the_commands_themselves, desk) {
  BOOST_TEST(offered({"roll"}) == std::set<std::string>{"rollback"});
  BOOST_TEST(offered({"deploy", "--de"}) == std::set<std::string>{"--detach"});
  BOOST_TEST(offered({"deploy", ""}) == std::set<std::string>{":directories"});
  BOOST_TEST(offered({"deploy", "-f", ""}) == std::set<std::string>{":files"});
  BOOST_TEST(offered({"history", "--state", "act"}) ==
             (std::set<std::string>{"activating", "active"}));
  BOOST_TEST(offered({"history", "--operation", ""}) ==
             (std::set<std::string>{"configure", "deploy", "promote", "rollback"}));
  BOOST_TEST(offered({"completion", "z"}) == std::set<std::string>{"zsh"});
  BOOST_TEST(offered({"completion", "zsh", ""}).empty());
  BOOST_TEST(offered({"nonsense", ""}).empty());
  BOOST_TEST(offered({"--json", "roll"}) == std::set<std::string>{"rollback"});
  BOOST_TEST(offered({"--server", "unix:/x", "deploy", "--de"}) ==
             std::set<std::string>{"--detach"});
  BOOST_TEST(offered({"status", "-a", ""}).empty()); // and no word about the missing server
}

BOOST_FIXTURE_TEST_CASE(bash_completes, desk) {
  auto type = [&](const std::string& words, int at) {
    return run({"/bin/bash", "--norc", "-c",
                "eval \"$(pawl completion bash)\"; COMP_WORDS=(" + words + "); COMP_CWORD=" +
                    std::to_string(at) + "; _pawl; printf '%s\\n' \"${COMPREPLY[@]}\""});
  };
  BOOST_TEST(type("pawl ver", 1).out == "versions\n");
  BOOST_TEST(type("pawl history --state fai", 3).out == "failed\n");
  BOOST_TEST(type("pawl ver --json", 1).out == "versions\n"); // in the middle of a line
  fs::create_directories(place.path() / "with space/in");
  BOOST_TEST(type("pawl deploy wi", 2).out == "with space\n");
  BOOST_TEST(type("pawl ver", 1).err == "");
}

// As typed, at a terminal of its own: compinit's functions work nowhere else.
BOOST_FIXTURE_TEST_CASE(zsh_completes, desk) {
  const std::string script = R"zsh(
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PS1=; autoload -U compinit; compinit -D -u'
    zpty -w shell 'eval "$(pawl completion zsh)"; echo re""ady'
    zpty -r shell seen '*ready*'
    zpty -w -n shell $'pawl vers\t--j\t'
    zpty -r shell seen '*pawl versions*--json*'
    zpty -d shell
    echo completed
  )zsh";
  const auto end = run({"/usr/bin/timeout", "20", "/bin/zsh", "-f", "-c", script});
  BOOST_TEST(end.out == "completed\n", end.err);
}

BOOST_FIXTURE_TEST_CASE(fish_completes, desk) {
  const auto end = run({"/usr/bin/fish", "--no-config", "-c",
                        "pawl completion fish | source; complete -C 'pawl ver'; "
                        "complete -C 'pawl history --state fai'"});
  BOOST_TEST(has(end.out, "versions\t"), end.out + end.err);
  BOOST_TEST(has(end.out, "failed"), end.out + end.err);
}

BOOST_FIXTURE_TEST_CASE(a_shell_that_is_not_known_is_refused, desk) {
  auto refused = pawl({"completion", "tcsh"});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(has(refused.err, "tcsh"));
}

BOOST_FIXTURE_TEST_CASE(the_pages_of_the_manual_are_good_roff, desk) {
  auto pages = place.path() / "man";
  fs::create_directory(pages);
  BOOST_TEST(pawl({"__manual", pages.string()}).status == 0);
  BOOST_TEST(run({PAWL_BIN_DIR "/pawld", "__manual", pages.string()}).status == 0);
  std::vector<std::string> all{"pawl.1", "pawld.1"};
  for (const auto& command : commands())
    all.push_back("pawl-" + command + ".1");
  for (const auto& page : all) {
    auto shown =
        run({"/usr/bin/groff", "-man", "-Tutf8", "-P-cbou", "-ww", (pages / page).string()});
    BOOST_TEST_CONTEXT(page) {
      BOOST_TEST(shown.status == 0);
      BOOST_TEST(shown.err == "");
      for (auto title : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"})
        BOOST_TEST(has(shown.out, title));
    }
  }
  BOOST_TEST(has(read_text(pages / "pawl-deploy.1"), "\\fB\\-a, \\-\\-app APP\\fR\n"));
}

BOOST_AUTO_TEST_SUITE_END()
