#include "engines/process/sandbox/sandbox.hpp"

#include "lifecycle/exhaustion.hpp"
#include "posix/digest.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr int options_fd = 3;
constexpr std::string_view host_name = "pawl";
constexpr std::size_t most_hosts_bytes = 1 << 20;
constexpr std::uint32_t app_identity_bits = 0x3ffffff;
constexpr std::uint32_t build_identities = 1'000'000; // far more than builds at once

// A list of options that bubblewrap reads from a descriptor: the app's environment, for one, must
// not be in an argv, which every user of the machine may read.
class option_list {
public:
  template <class... Texts>
  void add(const Texts&... texts) {
    ((bytes_ += texts, bytes_ += '\0'), ...);
  }

  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_;
};

// Directories that may be links into /usr, or directories of their own on older systems.
void add_system(option_list& options) {
  options.add("--ro-bind", "/usr", "/usr");
  for (std::string name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    struct stat about {};
    auto path = "/" + name;
    if (::lstat(path.c_str(), &about) != 0)
      continue;
    if (S_ISLNK(about.st_mode))
      options.add("--symlink", "usr/" + name, path);
    else
      options.add("--ro-bind", path, path);
  }
}

// The places that can be written, and that go with the sandbox. Programs look for some others,
// which are empty and read-only.
void add_places(option_list& options, std::uint64_t most_bytes) {
  options.add("--proc", "/proc", "--dev", "/dev");
  for (const auto& [mode, place] :
       {std::pair{"1777", "/tmp"}, {"1777", "/var/tmp"}, {"1777", "/dev/shm"}, {"0755", "/run"}}) {
    if (most_bytes > 0)
      options.add("--size", std::to_string(most_bytes));
    options.add("--perms", mode, "--tmpfs", place);
  }
  options.add("--remount-ro", "/dev");
  options.add("--dir", "/run/lock", "--symlink", "/run", "/var/run", "--symlink", "/run/lock",
              "/var/lock");
  for (std::string place : {"/home", "/mnt", "/opt", "/srv", "/var/cache", "/var/lib", "/var/log"})
    options.add("--dir", place);
}

void add_walls(option_list& options, const sandbox& box) {
  options.add("--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc",
              "--unshare-uts", "--unshare-cgroup-try", "--hostname", host_name, "--new-session");
  if (!box.network || box.isolated)
    options.add("--unshare-net");
  if (box.isolated)
    options.add("--block-fd", std::to_string(sandbox_gate_fd));
  if (box.dies_with_parent)
    options.add("--die-with-parent");
}

// Directories that every system has, where the child mounts what bubblewrap then mounts from there.
// Not /tmp: bubblewrap covers it first.
std::vector<std::string> mount_places() {
  std::vector<std::string> places;
  for (std::string path : {"/mnt", "/srv", "/media", "/opt", "/home", "/var/tmp"}) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
      places.push_back(std::move(path));
  }
  return places;
}

// The files of /etc that tell who and where the app is.
std::map<std::string, std::string> own_etc(const sandbox& box) {
  const auto home = box.env.contains("HOME") ? box.env.at("HOME") : "/tmp";
  const auto hosts = read_file(box.etc.from / "hosts", most_hosts_bytes);
  std::map<std::string, std::string> own{
      {"passwd", fmt::format("app:x:{0}:{0}:app:{1}:/bin/sh\nroot:x:0:0:root:/:/bin/sh\n"
                             "nobody:x:65534:65534:nobody:/:/bin/sh\n",
                             box.identity, home)},
      {"group", fmt::format("app:x:{}:\nroot:x:0:\nnogroup:x:65534:\n", box.identity)},
      {"hostname", fmt::format("{}\n", host_name)},
      // Some runtimes end when their machine's name has no address.
      {"hosts", fmt::format("{}\n127.0.0.1 {}\n",
                            hosts ? *hosts : "127.0.0.1 localhost\n::1 localhost", host_name)}};
  if (box.isolated)
    own.emplace("resolv.conf", *box.isolated);
  return own;
}

// A NUL would end an option, and let the app begin another one.
result<void> check_texts(const sandbox& box) {
  auto holds_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  for (const auto& [name, value] : box.env)
    if (name.empty() || holds_nul(name) || holds_nul(value) || name.find('=') != std::string::npos)
      return error{errc::invalid_argument,
                   "an environment variable has an empty name, a \"=\" in its name or a NUL "
                   "character; change [run] env in pawl.toml",
                   {}};
  if (holds_nul(box.command))
    return error{errc::invalid_argument, "a command in pawl.toml has a NUL character", {}};
  return {};
}

// A path without what the app chose.
std::string volume_place(const std::string& above, std::size_t index) {
  return fmt::format("{}/volume-{}", above, index);
}

result<void> hold(std::string_view bytes, int at, launch& what, std::vector<descriptor>& held) {
  auto file = memory_file(bytes);
  if (!file)
    return std::move(file).error();
  what.descriptors.emplace_back(file->get(), at);
  held.push_back(std::move(*file));
  return {};
}

} // namespace

error sandbox_refused(std::string_view which, const std::string& words) {
  if (words.find(std::strerror(EAGAIN)) != std::string::npos) // NOLINT(concurrency-mt-unsafe)
    return no_process_left(fmt::format("set up {} ({})", which, words));
  return {errc::unavailable,
          fmt::format("{} could not be set up: {}", which,
                      words.empty() ? "bubblewrap said nothing" : words),
          {}};
}

std::uint32_t app_identity(const std::string& app) {
  digest name;
  name.add(app);
  auto text = name.text();
  std::uint32_t bits = 0;
  std::from_chars(text.data() + 7, text.data() + 15, bits, 16);
  return first_app_identity + (bits & app_identity_bits);
}

// The outer process is root's until it has given that up. Inside a sandbox nobody is root: a first
// process that is, is a container's.
bool is_sandbox_user(std::uint32_t user, bool inside) {
  const auto ours = ::geteuid();
  if (ours != 0)
    return user == ours;
  return (user == 0 && !inside) ||
         (user >= first_app_identity && user < first_build_identity + build_identities);
}

result<launch> launch_of(const sandbox& box, std::vector<descriptor>& held) {
  if (auto clean = check_texts(box); !clean)
    return std::move(clean).error();
  const auto places = mount_places();
  if (places.size() < 2)
    return error{errc::unavailable,
                 "fewer than two of /mnt, /srv, /media, /opt and /home are directories; create "
                 "/mnt and /srv",
                 {}};
  const auto& seen = places[0];
  const auto etc = places[1] + "/etc";
  const auto groups = places[1] + "/groups";
  launch what;
  // First, as its own path may be below one of the places; to the app's user it is closed.
  what.files.push_back({file_step::kind::folder_mount, seen, box.tree});
  what.files.push_back({file_step::kind::memory, places[1], ""});
  auto view = etc_view(box.etc, etc, own_etc(box));
  std::move(view.begin(), view.end(), std::back_inserter(what.files));
  what.files.push_back({file_step::kind::folder, groups, ""});
  for (const auto& [directory, place] : box.control_groups)
    what.files.push_back({file_step::kind::folder_mount, groups + "/" + place, directory.native()});
  for (std::size_t i = 0; i < box.volumes.size(); ++i)
    what.files.push_back(
        {file_step::kind::folder_mount, volume_place(places[1], i), box.volumes[i].from.native()});
  if (::geteuid() == 0)
    what.identity = box.identity;
  option_list options;
  add_walls(options, box);
  add_system(options);
  options.add("--ro-bind", etc, "/etc", "--ro-bind", groups, "/sys/fs/cgroup");
  add_places(options, box.scratch_bytes);
  for (const auto& bind : box.binds)
    options.add(bind.writable ? "--bind" : "--ro-bind",
                bind.inside_tree.empty() ? seen : seen + "/" + bind.inside_tree, bind.at);
  for (std::size_t i = 0; i < box.volumes.size(); ++i)
    options.add("--bind", volume_place(places[1], i), box.volumes[i].at);
  options.add("--remount-ro", "/", "--chdir",
              box.directory.empty() ? "/app" : "/app/" + box.directory, "--clearenv");
  for (const auto& [name, value] : box.env)
    options.add("--setenv", name, value);
  options.add("--info-fd", std::to_string(sandbox_info_fd));
  options.add("--json-status-fd", std::to_string(sandbox_status_fd));

  if (auto kept = hold(options.bytes(), options_fd, what, held); !kept)
    return std::move(kept).error();
  what.program = box.bubblewrap;
  what.arguments = {box.mark, "--args",   std::to_string(options_fd), "--", "/bin/sh",
                    "-c",     box.command};
  what.environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  return what;
}

} // namespace pawl
