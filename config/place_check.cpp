#include "config/place_check.hpp"

#include "config/table_reader.hpp"

#include <fmt/format.h>

namespace pawl::config {

namespace {

namespace fs = std::filesystem;

// The kind of file at the path; `problem` says why that cannot be told. Another user may start the
// server: what is closed to this one is no problem.
fs::file_type type_of(const fs::path& path, std::error_code& problem) {
  auto found = fs::status(path, problem).type();
  if (found == fs::file_type::not_found || problem == std::errc::permission_denied)
    problem.clear();
  return found;
}

// The nearest of the directories above the path that exists has to be one.
void check_above(std::string_view key, const fs::path& path, problem_list& problems) {
  for (auto above = path.parent_path();; above = above.parent_path()) {
    std::error_code problem;
    const auto type = type_of(above, problem);
    if (type == fs::file_type::not_found && above != above.parent_path())
      continue;
    if (type != fs::file_type::directory && type != fs::file_type::none &&
        type != fs::file_type::not_found)
      problems.add(fmt::format("{} is {}, but {} is no directory: name another path", key,
                               path.native(), above.native()));
    return;
  }
}

void check_place(std::string_view key, const fs::path& path, fs::file_type wanted,
                 std::string_view called, problem_list& problems) {
  std::error_code problem;
  const auto type = type_of(path, problem);
  if (problem == std::errc::not_a_directory)
    return check_above(key, path, problems);
  if (problem)
    problems.add(fmt::format("{} is {}, which cannot be used: {}; name another path", key,
                             path.native(), problem.message()));
  else if (type == fs::file_type::not_found)
    check_above(key, path, problems);
  else if (type != wanted && type != fs::file_type::none)
    problems.add(fmt::format("{} is {}, which exists and is no {}: name another path, or remove it",
                             key, path.native(), called));
}

// A file that nobody makes but the operator.
void check_there(std::string_view key, const fs::path& path, problem_list& problems) {
  std::error_code problem;
  const auto type = type_of(path, problem);
  if (problem || (type != fs::file_type::regular && type != fs::file_type::none))
    problems.add(fmt::format("{} is {}, where there is no file: put it there, or correct the path",
                             key, path.native()));
}

// A secret: its file has to be there, and closed to others.
void check_secret(std::string_view key, const fs::path& path, problem_list& problems) {
  check_there(key, path, problems);
  std::error_code problem;
  const auto found = fs::status(path, problem);
  constexpr auto of_others = fs::perms::group_all | fs::perms::others_all;
  if (found.type() == fs::file_type::regular &&
      (found.permissions() & of_others) != fs::perms::none)
    problems.add(fmt::format("{} is {}, which others can use: chmod 600 {}; if they may have read "
                             "it, change the password",
                             key, path.native(), path.native()));
}

} // namespace

result<void> check_places(const server_config& config) {
  problem_list problems;
  check_place("data_dir", config.data_dir, fs::file_type::directory, "directory", problems);
  check_place("listen.socket", config.socket, fs::file_type::socket, "socket", problems);
  const auto inside = config.data_dir.lexically_relative(config.socket);
  if (!inside.empty() && *inside.begin() != "..")
    problems.add(fmt::format("listen.socket is {}, which is also the data directory {} or above "
                             "it: name another path",
                             config.socket.native(), config.data_dir.native()));
  for (const auto& issuer : config.access.issuers)
    if (issuer.ca)
      check_there(fmt::format("access.oidc.{}.ca", issuer.name), *issuer.ca, problems);
  for (const auto& login : config.registries)
    check_secret(fmt::format("registry.\"{}\".password_file", login.registry), login.password_file,
                 problems);
  if (!problems.empty())
    return problems.to_error();
  return {};
}

} // namespace pawl::config
