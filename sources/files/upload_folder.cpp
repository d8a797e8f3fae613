#include "sources/files/upload_folder.hpp"

#include "posix/files.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::string_view whole_ending = ".tar";
constexpr std::string_view part_ending = ".part";

// The deployment of a file's name; empty for a name that is no upload's.
std::string_view deployment_of(std::string_view name) {
  if (name.ends_with(whole_ending))
    return name.substr(0, name.size() - whole_ending.size());
  if (!name.ends_with(part_ending))
    return {};
  name.remove_suffix(part_ending.size());
  const auto boot = name.rfind('.');
  return boot == std::string_view::npos ? std::string_view{} : name.substr(0, boot);
}

} // namespace

std::filesystem::path upload_folder::whole(const std::string& deployment) const {
  return folder_ / (deployment + std::string{whole_ending});
}

std::filesystem::path upload_folder::part(const std::string& deployment) const {
  return folder_ / (deployment + "." + boot_ + std::string{part_ending});
}

std::optional<std::uint64_t> upload_folder::size_of_whole(const std::string& deployment) const {
  struct stat about {};
  if (::lstat(whole(deployment).c_str(), &about) != 0 || !S_ISREG(about.st_mode))
    return std::nullopt;
  return static_cast<std::uint64_t>(about.st_size);
}

bool upload_folder::has_part(const std::string& deployment) const {
  return ::access(part(deployment).c_str(), F_OK) == 0;
}

result<descriptor> upload_folder::open_part(const std::string& deployment) {
  if (auto made = make_directories(folder_); !made)
    return std::move(made).error();
  const auto mine = part(deployment);
  if (!has_part(deployment))
    remove(deployment);
  return open_file(mine, O_RDWR | O_CREAT | O_NOFOLLOW);
}

result<void> upload_folder::finish(const std::string& deployment, int part_file) {
  const auto mine = part(deployment);
  result<void> kept = {};
  if (::fdatasync(part_file) != 0)
    kept = system_error("flush " + mine.string(), errno);
  if (kept)
    kept = rename_durably(mine, whole(deployment));
  if (kept && !named_) {
    kept = sync_directory(folder_.parent_path());
    named_ = kept.has_value();
  }
  if (!kept)
    remove(deployment);
  return kept;
}

void upload_folder::remove(const std::string& deployment) const {
  for (const auto& name : names_in(folder_))
    if (deployment_of(name) == deployment)
      ::unlink((folder_ / name).c_str());
}

std::vector<std::string> upload_folder::deployments() const {
  std::vector<std::string> found;
  for (const auto& name : names_in(folder_))
    if (const auto deployment = deployment_of(name); !deployment.empty())
      found.emplace_back(deployment);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

} // namespace pawl
