// The samples of this folder: a directory, a repository made by git itself, and the paths of a tar.
#pragma once

#include "packing/pack.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace pawl::test {

inline void write(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

// While it exists, git knows this text as its user's configuration, and no system's.
class user_configuration {
public:
  explicit user_configuration(const std::filesystem::path& file, std::string_view text = "") {
    write(file, text);
    ::setenv("GIT_CONFIG_GLOBAL", file.c_str(), 1);
    ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  }
  user_configuration(const user_configuration&) = delete;
  user_configuration& operator=(const user_configuration&) = delete;
  ~user_configuration() {
    ::unsetenv("GIT_CONFIG_GLOBAL");
    ::unsetenv("GIT_CONFIG_NOSYSTEM");
  }
};

// A repository made by git itself.
struct repository {
  temporary_directory place;
  std::filesystem::path root = place.path() / "shop";
  user_configuration none{place.path() / "gitconfig"};

  repository() { init(root); }

  void init(const std::filesystem::path& where) const {
    std::filesystem::create_directories(where);
    git_in(where, {"init", "-q", "-b", "main"});
  }

  void git(const std::vector<std::string>& words) const { git_in(root, words); }

  void git_in(const std::filesystem::path& where, std::vector<std::string> words) const {
    words.insert(words.begin(), {"git", "-C", where.string(), "-c", "user.name=Ana Ñ", "-c",
                                 "user.email=ana@example.org", "-c", "protocol.file.allow=always"});
    std::vector<char*> arguments;
    for (auto& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<char*, 4> environment{const_cast<char*>("PATH=/usr/bin:/bin"),
                                     const_cast<char*>("GIT_COMMITTER_DATE=2026-01-02T03:04:05Z"),
                                     const_cast<char*>("GIT_CONFIG_NOSYSTEM=1"), nullptr};
    pid_t child = 0;
    BOOST_REQUIRE(
        ::posix_spawnp(&child, "git", nullptr, nullptr, arguments.data(), environment.data()) == 0);
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(status == 0);
  }

  void commit(const std::string& message) const {
    git({"add", "-A"});
    git({"commit", "-q", "--no-gpg-sign", "-m", message});
  }
};

// The paths in the packed tar, in its order; a directory ends in a slash.
inline std::string names_in(const packing::packed_source& packed) {
  std::string all;
  std::uint64_t at = 0;
  std::array<char, 512> header{};
  while (::pread(packed.file.get(), header.data(), header.size(), static_cast<off_t>(at)) == 512 &&
         header[0] != '\0') {
    std::string name{header.data(), ::strnlen(header.data(), 100)};
    if (header[156] != 'x') // what a pax header says is for the entry after it
      all += (all.empty() ? "" : " ") + name;
    auto size = std::stoull(std::string{&header[124], 11}, nullptr, 8);
    at += 512 + (size + 511) / 512 * 512;
  }
  return all;
}

inline std::string packed_names(const std::filesystem::path& root) {
  auto packed = packing::pack(root);
  BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
  return names_in(*packed);
}

// A directory to be packed.
struct tree {
  temporary_directory place;
  user_configuration none{place.path() / "gitconfig"};
  std::filesystem::path root = place.path() / "app";

  tree() { std::filesystem::create_directory(root); }

  void file(const std::filesystem::path& name, std::string_view text = "text") const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream{root / name, std::ios::binary} << text;
  }

  std::string names() const { return packed_names(root); }

  void set_time(const std::filesystem::path& name, std::timespec modified) const {
    std::array<std::timespec, 2> times{modified, modified};
    BOOST_REQUIRE(::utimensat(AT_FDCWD, (root / name).c_str(), times.data(), AT_SYMLINK_NOFOLLOW) ==
                  0);
  }

  std::string problem() const {
    auto packed = packing::pack(root);
    BOOST_REQUIRE(!packed);
    BOOST_TEST(to_string(packed.error().code) == "invalid_argument");
    return packed.error().message;
  }

  std::string digest() const {
    auto packed = packing::pack(root);
    BOOST_REQUIRE_MESSAGE(packed, (packed ? "" : packed.error().message));
    return packed->facts.digest;
  }
};

} // namespace pawl::test
