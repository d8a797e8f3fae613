// Runs the real pawl in a directory of its own, without a server and without the environment of the
// person who tests.
#pragma once

#include "posix/descriptor.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>

namespace pawl::test {

struct ran {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

struct command_line {
  temporary_directory place;
  std::vector<std::string> variables{"PATH=/usr/bin:/bin", "HOME=/nonexistent",
                                     "PAWL_SERVER=unix:" + (place.path() / "none").string()};

  ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), PAWL_BIN_DIR "/pawl");
    std::vector<char*> arguments;
    for (auto& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    auto set = variables;
    std::vector<char*> environment;
    for (auto& each : set)
      environment.push_back(each.data());
    environment.push_back(nullptr);
    auto out = place.path() / "out";
    auto err = place.path() / "err";
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, place.path().c_str());
    pid_t child = 0;
    BOOST_REQUIRE(::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(),
                                environment.data()) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
  }

  void file(const std::filesystem::path& name, std::string_view text) const {
    std::filesystem::create_directories((place.path() / name).parent_path());
    std::ofstream{place.path() / name} << text;
  }

  // The error of the one document on stdout.
  static std::string code_in(const ran& result) {
    return nlohmann::json::parse(result.out).at("error").at("code").get<std::string>();
  }
};

} // namespace pawl::test
