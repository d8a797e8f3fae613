// The app that rows deploy to a real server: nothing but the shell, and ready when it is started.
#pragma once

#include <filesystem>
#include <string>

namespace pawl::bench {

struct bench_app {
  std::string name;
  std::string build = "true";
};

// Writes its files into the directory.
void write_app(const std::filesystem::path& directory, const bench_app& app);

} // namespace pawl::bench
