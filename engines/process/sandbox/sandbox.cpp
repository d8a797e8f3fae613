#include "engines/process/sandbox/sandbox.hpp"

#include "lifecycle/exhaustion.hpp"
#include "posix/digest.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr int options_fd = 3;
constexpr int passwd_fd = 4;
constexpr int group_fd = 5;
constexpr int resolv_conf_fd = 11;
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
  for (std::string file :
       {"/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/alternatives", "/etc/resolv.conf",
        "/etc/hosts", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/ld.so.conf",
        "/etc/ld.so.conf.d", "/etc/localtime", "/etc/services", "/etc/protocols", "/etc/mime.types",
        "/etc/gai.conf"})
    options.add("--ro-bind-try", file, file);
  options.add("--ro-bind-data", std::to_string(passwd_fd), "/etc/passwd");
  options.add("--ro-bind-data", std::to_string(group_fd), "/etc/group");
  options.add("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp");
}

void add_walls(option_list& options, const sandbox& box) {
  options.add("--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc",
              "--unshare-uts", "--unshare-cgroup-try", "--hostname", "pawl", "--new-session");
  if (!box.network || box.isolated)
    options.add("--unshare-net");
  if (box.dies_with_parent)
    options.add("--die-with-parent");
}

result<void> hold(std::string_view bytes, int at, launch& what, std::vector<descriptor>& held) {
  auto file = memory_file(bytes);
  if (!file)
    return std::move(file).error();
  what.descriptors.emplace_back(file->get(), at);
  held.push_back(std::move(*file));
  return {};
}

// After the machine's own files, of which this covers one.
result<void> add_own_network(option_list& options, const sandbox& box, launch& what,
                             std::vector<descriptor>& held) {
  if (!box.isolated)
    return {};
  options.add("--ro-bind-data", std::to_string(resolv_conf_fd), "/etc/resolv.conf");
  options.add("--block-fd", std::to_string(sandbox_gate_fd));
  return hold(*box.isolated, resolv_conf_fd, what, held);
}

// A directory that every system has, where the tree is mounted if its own path is closed to the
// sandbox's user. Not /tmp: bubblewrap covers it before it mounts.
std::optional<std::string> mount_place() {
  for (std::string path : {"/mnt", "/srv", "/media", "/opt", "/home", "/var/tmp"}) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
      return path;
  }
  return std::nullopt;
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
  launch what;
  auto seen = box.tree;
  if (::geteuid() == 0) {
    auto place = mount_place();
    if (!place)
      return error{errc::unavailable,
                   "none of /mnt, /srv, /media, /opt and /home is a directory; "
                   "create /mnt",
                   {}};
    what.mount.emplace(box.tree, *place);
    what.identity = box.identity;
    seen = *place;
  }
  option_list options;
  add_walls(options, box);
  add_system(options);
  if (auto added = add_own_network(options, box, what, held); !added)
    return std::move(added).error();
  for (const auto& bind : box.binds)
    options.add(bind.writable ? "--bind" : "--ro-bind",
                bind.inside_tree.empty() ? seen : seen + "/" + bind.inside_tree, bind.at);
  options.add("--chdir", "/app", "--clearenv");
  for (const auto& [name, value] : box.env)
    options.add("--setenv", name, value);
  options.add("--info-fd", std::to_string(sandbox_info_fd));
  options.add("--json-status-fd", std::to_string(sandbox_status_fd));

  auto passwd = fmt::format("app:x:{0}:{0}:app:{1}:/bin/sh\nroot:x:0:0:root:/:/bin/sh\n"
                            "nobody:x:65534:65534:nobody:/:/bin/sh\n",
                            box.identity, box.env.contains("HOME") ? box.env.at("HOME") : "/tmp");
  auto group = fmt::format("app:x:{}:\nroot:x:0:\nnogroup:x:65534:\n", box.identity);
  for (const auto& [bytes, at] : {std::pair<std::string_view, int>{options.bytes(), options_fd},
                                  {passwd, passwd_fd},
                                  {group, group_fd}})
    if (auto kept = hold(bytes, at, what, held); !kept)
      return std::move(kept).error();
  what.program = box.bubblewrap;
  what.arguments = {box.mark, "--args",   std::to_string(options_fd), "--", "/bin/sh",
                    "-c",     box.command};
  what.environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  return what;
}

} // namespace pawl
