// Every rule of the house broken once, on a small tree made up for it: a checker that finds nothing
// must not pass for a house in order.
#include "test/house/rules.hpp"

#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

namespace {

using namespace pawl::test::house;

using check = breaches (*)(const tree&);
using files = std::map<std::string, std::string>;

// A house in which the check finds nothing.
files clean() {
  return {
      {"README.md", "| folder | is |\n| --- | --- |\n| `lifecycle/` | rules |\n"
                    "| `actors/` | actors |\n| `engines/` | engines |\n"
                    "| `engines/process/` | processes |\n| `test/` | tests |\n"},
      {"CMakeLists.txt", "pawl_room(lifecycle LINKS fmt::fmt)\npawl_room(actors LINKS "
                         "pawl_lifecycle pawl_protocol CAF::core)\n"},
      {"lifecycle/a.hpp", "#pragma once\n#include <string>\n"},
      {"lifecycle/a.cpp", "#include \"lifecycle/a.hpp\"\n\n#include <fmt/format.h>\n"},
      {"engines/engine.hpp", "#pragma once\n#include \"lifecycle/a.hpp\"\n"},
      {"engines/process/builds.hpp", "#pragma once\n#include <sys/stat.h>\n#include <unistd.h>\n"},
      {"actors/b.cpp", "#include \"engines/engine.hpp\"\n#include <caf/send.hpp>\n"},
      {"test/c.cpp",
       "#include \"engines/process/builds.hpp\"\n#include <boost/test/unit_test.hpp>\n"},
  };
}

// The check finds nothing in the clean house, and exactly one breach, naming `place`, when the file
// has this text.
void catches(check judge, const std::string& path, const std::string& text,
             const std::string& place) {
  BOOST_TEST_CONTEXT(path << ": " << text) {
    tree house{clean()};
    BOOST_TEST(judge(house).empty());
    house.files[path] = text;
    auto found = judge(house);
    BOOST_TEST(found.size() == 1U);
    for (const auto& breach : found)
      BOOST_TEST(breach.find(place) != std::string::npos, breach);
  }
}

void allows(check judge, const std::string& path, const std::string& text) {
  tree house{clean()};
  house.files[path] = text;
  for (const auto& breach : judge(house))
    BOOST_ERROR(breach);
}

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(an_include_against_the_arrows_is_found) {
  catches(check_includes, "lifecycle/x.hpp", "#pragma once\n#include \"engines/engine.hpp\"\n",
          "lifecycle/x.hpp:2");
  catches(check_includes, "engines/x.cpp", "#include \"test/c.cpp\"\n", "engines/x.cpp:1");
}

BOOST_AUTO_TEST_CASE(a_room_knows_of_another_its_contract_and_no_implementation) {
  allows(check_includes, "actors/x.cpp", "#include \"engines/engine.hpp\"\n");
  catches(check_includes, "actors/x.cpp", "#include \"engines/process/builds.hpp\"\n",
          "only bin, test and bench may");
  allows(check_includes, "bin/pawld/x.cpp", "#include \"engines/process/builds.hpp\"\n");
}

BOOST_AUTO_TEST_CASE(a_contract_that_includes_an_implementation_is_found) {
  catches(check_includes, "engines/x.hpp",
          "#pragma once\n#include \"engines/process/builds.hpp\"\n", "is its contract");
  allows(check_includes, "engines/logs/x.hpp",
         "#pragma once\n#include \"engines/process/builds.hpp\"\n");
}

BOOST_AUTO_TEST_CASE(a_folder_without_arrows_is_found) {
  catches(check_includes, "common/x.cpp", "#include \"lifecycle/a.hpp\"\n", "common");
}

BOOST_AUTO_TEST_CASE(an_include_that_is_not_written_from_the_root_is_found) {
  catches(check_includes, "lifecycle/x.cpp", "#include \"a.hpp\"\n", "lifecycle/x.cpp:1");
  catches(check_includes, "lifecycle/x.cpp", "#include \"../lifecycle/a.hpp\"\n", "from the root");
}

BOOST_AUTO_TEST_CASE(an_own_header_that_is_not_first_is_found) {
  catches(check_includes, "lifecycle/a.cpp", "#include <string>\n#include \"lifecycle/a.hpp\"\n",
          "comes first");
  catches(check_includes, "lifecycle/a.cpp", "int x;\n", "comes first");
}

BOOST_AUTO_TEST_CASE(a_header_that_can_be_read_twice_is_found) {
  catches(check_includes, "lifecycle/x.hpp", "int f();\n", "#pragma once");
}

BOOST_AUTO_TEST_CASE(a_third_partys_header_in_the_wrong_file_is_found) {
  for (auto header : {"msgpack.hpp", "lmdb.h", "archive.h", "archive_entry.h", "openssl/evp.h",
                      "toml++/toml.h", "git2.h", "nlohmann/json.hpp", "CLI/CLI.hpp",
                      "boost/asio.hpp", "caf/all.hpp", "caf/io/middleman.hpp"})
    catches(check_third_party, "actors/x.cpp", "#include <" + std::string{header} + ">\n", header);
  catches(check_third_party, "lifecycle/x.cpp", "#include <caf/send.hpp>\n", "caf/send.hpp");
}

BOOST_AUTO_TEST_CASE(a_third_partys_header_in_its_file_is_allowed) {
  allows(check_third_party, "persistence/lmdb/lmdb.cpp", "#include <lmdb.h>\n");
  allows(check_third_party, "test/protocol/msgpack_peer_test.cpp", "#include <msgpack.hpp>\n");
  allows(check_third_party, "bin/pawld/main.cpp", "#include <CLI/CLI.hpp>\n");
  catches(check_third_party, "persistence/lmdb/lmdb.hpp", "#include <lmdb.h>\n", "lmdb.hpp:1");
}

BOOST_AUTO_TEST_CASE(a_new_dependency_is_found) {
  catches(check_third_party, "engines/x.cpp", "#include <curl/curl.h>\n", "curl");
}

BOOST_AUTO_TEST_CASE(a_link_against_the_arrows_is_found) {
  catches(check_links, "CMakeLists.txt", "pawl_room(lifecycle LINKS\n  pawl_engines)\n", "engines");
  catches(check_links, "CMakeLists.txt", "pawl_room(common LINKS pawl_lifecycle)\n", "common");
}

BOOST_AUTO_TEST_CASE(a_long_file_is_found) {
  std::string text;
  for (std::size_t i = 0; i < file_lines; ++i)
    text += "int a;\n";
  allows(check_sizes, "lifecycle/x.cpp", text);
  catches(check_sizes, "lifecycle/x.cpp", text + "int b;\n", "401 lines");
}

BOOST_AUTO_TEST_CASE(a_long_function_is_found) {
  std::string body;
  for (std::size_t i = 0; i < function_lines - 2; ++i)
    body += "  f();\n";
  allows(check_sizes, "lifecycle/x.cpp", "int a;\nvoid f() {\n" + body + "}\n");
  catches(check_sizes, "lifecycle/x.cpp", "int a;\nvoid f() {\n  f();\n" + body + "}\n",
          "x.cpp:2: 71 lines");
}

BOOST_AUTO_TEST_CASE(a_long_line_is_found) {
  allows(check_sizes, "lifecycle/x.cpp", std::string(columns, 'x') + "\n");
  catches(check_sizes, "lifecycle/x.cpp", "\n" + std::string(columns + 1, 'x'), "x.cpp:2");
  std::string umlauts;
  for (std::size_t i = 0; i < columns; ++i)
    umlauts += "\xc3\xa4";
  allows(check_sizes, "lifecycle/x.cpp", umlauts);
}

BOOST_AUTO_TEST_CASE(a_shell_is_found) {
  catches(check_words, "engines/x.cpp", "\n  std::system(\"ls\");", "x.cpp:2");
  catches(check_words, "engines/x.cpp", "int a = system(command);", "x.cpp:1");
  catches(check_words, "engines/x.cpp", "FILE* p = popen(\"ls\", \"r\");", "x.cpp:1");
  allows(check_words, "engines/x.cpp", "sync_file_system(path); self->system(); f(system());");
}

BOOST_AUTO_TEST_CASE(a_request_without_an_end_is_found) {
  catches(check_words, "actors/x.cpp", "self->request(a, caf::infinite, b);", "x.cpp:1");
}

BOOST_AUTO_TEST_CASE(a_header_that_opens_a_namespace_is_found) {
  catches(check_words, "actors/x.hpp", "#pragma once\nusing namespace caf;\n", "x.hpp:2");
  allows(check_words, "actors/x.hpp", "using namespace std::chrono_literals;\n");
  allows(check_words, "actors/x.cpp", "using namespace caf;\n");
}

BOOST_AUTO_TEST_CASE(a_sleeping_test_is_found) {
  for (auto nap : {"std::this_thread::sleep_for(1s);", "usleep(5);", "::sleep(1);"})
    catches(check_words, "test/x.cpp", nap, "x.cpp:1");
  allows(check_words, "test/support/x.cpp", "std::this_thread::sleep_for(1s);");
  allows(check_words, "engines/x.cpp", "std::this_thread::sleep_for(1s);");
}

BOOST_AUTO_TEST_CASE(a_rule_that_looks_at_the_clock_is_found) {
  catches(check_words, "lifecycle/x.cpp", "auto t = std::chrono::system_clock::now();", "x.cpp:1");
  catches(check_words, "lifecycle/x.cpp", "std::ifstream f;", "x.cpp:1");
  allows(check_words, "engines/x.cpp", "auto t = std::chrono::system_clock::now();");
}

BOOST_AUTO_TEST_CASE(work_that_was_left_is_found_in_every_kind_of_file) {
  for (auto path : {"engines/x.cpp", "docs/x.md", "scripts/x", "CMakeLists.txt"}) {
    catches(check_words, path,
            "# TO"
            "DO: later\n",
            ":1");
    catches(check_words, path,
            "# FIX"
            "ME\n",
            ":1");
  }
}

BOOST_AUTO_TEST_CASE(a_machines_path_is_found_and_a_folder_of_that_name_is_not) {
  catches(check_words, "docs/x.md",
          "see /wo"
          "rk/notes",
          "x.md:1");
  catches(check_words, "scripts/x",
          "a\ncd \"/wo"
          "rk\"",
          "x:2");
  allows(check_words, "engines/x.hpp",
         "// DATA/builds/ID/wo"
         "rk/tree\n");
}

BOOST_AUTO_TEST_CASE(a_word_in_a_comment_is_no_code) {
  allows(check_words, "engines/x.cpp", "// never popen(x)\nf(\"std::system\");\n");
}

BOOST_AUTO_TEST_CASE(a_state_that_is_written_by_hand_is_found) {
  catches(check_states, "actors/x.cpp", "\nd.state = state::failed;", "x.cpp:2");
  catches(check_states, "actors/x.cpp", "in_flight->state=next;", "x.cpp:1");
  catches(check_states, "persistence/x.cpp", "deployment d{.state = state::active};", "x.cpp:1");
  allows(check_states, "actors/x.cpp", "if (d.state == state::failed) {}");
  allows(check_states, "engines/x.cpp", "one.state = instance_state::exited; two.state = \"up\";");
  allows(check_states, "lifecycle/x.cpp", "d.state = to;");
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_revealed_or_packed_elsewhere_is_found) {
  catches(check_secrets, "actors/x.cpp", "\nsay(token.reveal());", "x.cpp:2");
  catches(check_secrets, "actors/x.cpp", "say(token->reveal());", "x.cpp:1");
  catches(check_secrets, "persistence/x.cpp", "#include \"protocol/msgpack/secret_packing.hpp\"\n",
          "codec.cpp");
  allows(check_secrets, "persistence/token_digest.cpp", "sum.add(token.reveal());");
  allows(check_secrets, "test/x.cpp", "use(token.reveal()); // as a test may");
}

BOOST_AUTO_TEST_CASE(a_folder_that_the_readme_does_not_know_is_found) {
  catches(check_rooms_table, "common/x.cpp", "", "common/");
  catches(check_rooms_table, "actors/lane/x.cpp", "", "actors/lane/");
  allows(check_rooms_table, "test/actors/x.cpp", "");
}

BOOST_AUTO_TEST_CASE(a_row_without_a_folder_is_found) {
  catches(check_rooms_table, "README.md", clean().at("README.md") + "| `gone/` | away |\n",
          "gone/");
}

BOOST_AUTO_TEST_CASE(a_row_that_says_nothing_is_found) {
  catches(check_rooms_table, "README.md",
          "| folder | is |\n| --- | --- |\n| `lifecycle/` | |\n| `actors/` | actors |\n"
          "| `engines/` | engines |\n| `engines/process/` | processes |\n| `test/` | tests |\n",
          "lifecycle/");
}

BOOST_AUTO_TEST_CASE(a_readme_that_is_missing_is_found) {
  tree house{clean()};
  house.files.erase("README.md");
  BOOST_TEST(check_rooms_table(house).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_nowhere_is_found) {
  catches(check_references, "docs/x.md", "\nsee [y](y.md)", "x.md:2");
  catches(check_references, "docs/x.md", "[r](README.md)", "README.md");
  allows(check_references, "docs/x.md",
         "[r](../README.md#rooms) [l](../lifecycle/) [w](https://example.org/x) [h](#here)");
}

BOOST_AUTO_TEST_CASE(a_path_of_a_page_that_is_gone_is_found) {
  catches(check_paths, "docs/x.md", "\nin `lifecycle/gone.hpp`", "docs/x.md:2");
  catches(check_paths, "docs/x.md", "in `engines/gone`", "engines/gone");
  catches(check_paths, "lifecycle/x.md", "in `engines/gone/`", "engines/gone/");
  allows(check_paths, "docs/x.md",
         "`engines/` `docs/x.md` `lifecycle/a` `store/data.mdb` `engines/APP/x` engines/gone");
}

BOOST_AUTO_TEST_CASE(a_path_of_a_comment_that_is_gone_is_found) {
  const std::string slashes(2, '/'); // this file is read too
  catches(check_paths, "lifecycle/x.hpp", "\n" + slashes + " see engines/gone.hpp\n", "x.hpp:2");
  catches(check_paths, "lifecycle/x.hpp", "a; " + slashes + " (engines/gone.md)",
          "engines/gone.md");
  allows(check_paths, "lifecycle/x.hpp",
         slashes + " lifecycle/a.hpp, engines/gone, DATA/engines/a.hpp\nf(\"engines/gone.hpp\");");
}

BOOST_AUTO_TEST_CASE(a_name_of_a_file_that_is_gone_is_found) {
  catches(check_file_names, "docs/x.md", "\nin `gone.cpp`", "docs/x.md:2");
  allows(check_file_names, "docs/x.md", "`a.cpp` `builds.hpp` gone.cpp `pawl.toml`");
}

BOOST_AUTO_TEST_CASE(a_decision_that_the_index_lacks_is_found) {
  catches(check_decisions, "docs/decisions/0001-x.md", "# 1. X", "0001-x.md");
  tree house{clean()};
  house.files["docs/decisions/0001-x.md"] = "# 1. X";
  house.files["docs/decisions/README.md"] = "- [1. X](0001-x.md)";
  BOOST_TEST(check_decisions(house).empty());
}

BOOST_AUTO_TEST_CASE(a_claim_names_a_test_that_exists) {
  catches(check_claims, "docs/security.md", "| x | y | `it_is_so_indeed` |", "it_is_so_indeed");
  tree house;
  house.files["docs/security.md"] = "| threat | control | test |\n| --- | --- | --- |\n"
                                    "| x | y | `it_is_so_indeed` |\n";
  house.files["test/x/x_test.cpp"] = "BOOST_FIXTURE_TEST_CASE(it_is_so_indeed,\n  fixture) {";
  BOOST_TEST(check_claims(house).empty());
  catches(check_claims, "docs/security.md", "| x | `y` | |", "a threat without a test");
}

BOOST_AUTO_TEST_CASE(a_tree_is_read_without_what_is_built_hidden_or_no_text) {
  pawl::test::temporary_directory root;
  for (auto path : {"a/b.cpp", "build/c.cpp", ".git/d", "a/.e", "a/build/f.cpp"}) {
    std::filesystem::create_directories((root.path() / path).parent_path());
    std::ofstream{root.path() / path} << "text\n";
  }
  std::ofstream{root.path() / "a/g"} << std::string{"\0", 1};
  std::set<std::string> found;
  for (const auto& [path, text] : read_tree(root.path()).files)
    found.insert(path);
  BOOST_TEST(found == (std::set<std::string>{"a/b.cpp", "a/build/f.cpp"}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
