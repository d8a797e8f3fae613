#include "bin/pawld/data_tools.hpp"

#include "bin/pawld/tar_run.hpp"
#include "engines/process/process_builds.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"
#include "persistence/lmdb/store_copy.hpp"
#include "persistence/lmdb/verification.hpp"
#include "persistence/secret_vault.hpp"
#include "posix/process_table.hpp"
#include "posix/tree_removal.hpp"
#include "sources/files/file_source_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <csignal>
#include <set>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr int not_a_data_dir = 2;
constexpr std::string_view label = "pawl-backup";
// The format: counted up when its layout changes. 1 has no images of a Docker Engine.
constexpr std::string_view label_text = "2\n";
constexpr std::string_view label_text_before = "1\n";

// LMDB trusts its pages: damaged ones may end the process with a signal.
void end_on_damage(int) {
  constexpr std::string_view told =
      "I10 store/data.mdb: its pages are damaged so far that they cannot be read; restore the data "
      "directory from a backup\n";
  auto written = ::write(STDOUT_FILENO, told.data(), told.size());
  ::_exit(written < 0 ? 1 : info(errc::data_corruption).exit);
}

// The path that has to exist for the deployment to go on; nothing if it needs none.
std::optional<fs::path> needed_by(const deployment& d, const fs::path& data_dir,
                                  const image_set& images) {
  const auto artifact = d.internals.artifact.value_or("sha256:");
  if (images.contains({d.app, artifact}))
    return std::nullopt; // it is with the Docker Engine
  if (d.state == state::active || d.state == state::activating || d.state == state::releasing)
    return release_path(data_dir, d.app, artifact);
  if (d.source && (d.state == state::building || d.state == state::pushing))
    return file_source_store{data_dir, 0}.path(d.app, d.source->digest);
  return std::nullopt;
}

void print(const breach& found) {
  fmt::print("I{} {}: {}\n", static_cast<int>(found.invariant), found.record, found.problem);
}

// Beside the file that is to be written, and gone when this is.
class working_directory {
public:
  explicit working_directory(const fs::path& file) : path_(file.native() + ".partial") {}
  ~working_directory() { static_cast<void>(remove_tree(path_)); }
  working_directory(const working_directory&) = delete;
  working_directory& operator=(const working_directory&) = delete;

  const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

// The artifacts and sources that are whole, as paths below the data directory. Each comes by one
// rename and never changes, while the directories that hold them change with every deployment: so
// tar is told of these, and of directories of the backup's own, made in `work`.
result<std::vector<std::string>> list_kept(const fs::path& data_dir, const fs::path& work) {
  std::vector<std::string> kept;
  for (const fs::path part : {"releases", "sources"}) {
    if (auto made = make_directories(work / part); !made)
      return std::move(made).error();
    for (const auto& app : names_in(data_dir / part)) {
      if (auto made = make_directories(work / part / app); !made)
        return std::move(made).error();
      for (const auto& name : names_in(data_dir / part / app))
        kept.push_back(part / app / name);
    }
  }
  return kept;
}

// Apps write meanwhile, and files come and go.
result<void> add_volumes(const fs::path& archive, const fs::path& data_dir, bool wanted) {
  std::error_code absent;
  if (!fs::is_directory(data_dir / "volumes", absent))
    return {};
  if (!wanted) {
    fmt::print("without the volumes of apps: --with-volumes adds those of clusters of processes\n");
    return {};
  }
  return run_tar({"--append", "--file", archive.native(), "--numeric-owner",
                  "--warning=no-file-changed", "--warning=no-file-removed", "-C", data_dir.native(),
                  "volumes"},
                 "write the volumes into the backup", live_files::taken);
}

result<void> write_backup(const fs::path& data_dir, const fs::path& work, const fs::path& to,
                          const backup_choice& what) {
  if (auto made = make_directories(work / "store"); !made)
    return made;
  if (auto written = write_file_durably(work / label, label_text); !written)
    return written;
  // The store first: everything that it names is there by then, and stays. What deployments have
  // stored since then may be in the backup too; no record of it names that.
  if (auto copied = copy_store(data_dir / "store", work / "store"); !copied)
    return copied;
  auto kept = list_kept(data_dir, work);
  if (!kept)
    return std::move(kept).error();
  const auto key = secret_key_file(data_dir);
  if (what.with_secret_key && fs::exists(key))
    kept->push_back(key.filename());
  const auto list = work / "kept";
  if (auto written =
          write_file_durably(list, fmt::format("{}", fmt::join(*kept, std::string(1, '\0'))));
      !written)
    return written;
  if (auto written = run_tar({"--create", "--file", to.native(), "--numeric-owner", "-C",
                              work.native(), std::string{label}, "store", "releases", "sources",
                              "-C", data_dir.native(), "--null", "--files-from", list.native()},
                             "write the backup");
      !written)
    return written;
  if (auto added = add_volumes(to, data_dir, what.with_volumes); !added)
    return added;
  return add_images(to, work, what.images);
}

error not_empty(const fs::path& data_dir) {
  return {errc::invalid_argument,
          fmt::format("the data directory {} is not empty: a backup is restored only into an empty "
                      "one, so that no data is overwritten. Move its files away, or set another "
                      "data_dir in the configuration",
                      data_dir.native()),
          {{"directory", data_dir.native()}}};
}

// Running instances would be taken for those of the restored records, or for strays, and be
// stopped.
result<void> check_nothing_runs(const fs::path& data_dir) {
  process_engine_config config;
  config.data_dir = data_dir;
  const sandbox_host host{config};
  const auto prefix = host.mark_of("instance-");
  std::set<std::string> running;
  for (const auto& process : marked_processes(prefix, host.users()))
    running.insert(process.mark.substr(prefix.size()));
  if (running.empty())
    return {};
  return error{errc::invalid_argument,
               fmt::format("instances of an earlier data directory at {} still run: {}. Stop them "
                           "first (docs/operating.md, \"To take everything down\")",
                           data_dir.native(), fmt::join(running, ", ")),
               {}};
}

result<void> check_label(const fs::path& data_dir, const fs::path& file) {
  auto found = read_file(data_dir / label, label_text.size());
  if (found && (*found == label_text || *found == label_text_before))
    return {};
  return error{errc::invalid_argument,
               fmt::format("{} is not a backup, or one of another format: name a file that pawld "
                           "--backup wrote, or use the pawld that wrote it",
                           file.native()),
               {{"file", file.native()}}};
}

} // namespace

int verify_data(const fs::path& data_dir) {
  for (int damage : {SIGSEGV, SIGBUS, SIGABRT})
    std::signal(damage, end_on_damage);
  std::size_t breaches = 0;
  auto tell = [&](const breach& found) {
    ++breaches;
    print(found);
    std::fflush(stdout);
  };
  auto read = verify_store(data_dir / "store", tell);
  if (!read) {
    fmt::print(stderr, "pawld: {}\n", read.error().message);
    return read.error().code == errc::data_corruption ? info(read.error().code).exit
                                                      : not_a_data_dir;
  }
  auto images = images_in(data_dir / "store");
  if (!images) {
    fmt::print(stderr, "pawld: {}\n", images.error().message);
    return info(images.error().code).exit;
  }
  for (const auto& d : read->going_on)
    if (auto needed = needed_by(d, data_dir, *images); needed && !fs::exists(*needed))
      tell({invariant::all_goes_on, "deployments/" + d.id,
            fmt::format("it is {}, and {} is gone", to_string(d.state), needed->native())});
  fmt::print("{}: {} deployments, {} events, {} lanes, {} versions; {}\n", data_dir.native(),
             read->deployments, read->events, read->lanes, read->versions,
             breaches == 0 ? "all sound" : fmt::format("{} breaches", breaches));
  return breaches == 0 ? 0 : info(errc::data_corruption).exit;
}

result<void> back_up_data(const fs::path& data_dir, const fs::path& file,
                          const backup_choice& what) {
  if (fs::exists(file))
    return error{errc::invalid_argument,
                 fmt::format("{} exists already: name a new file", file.native()),
                 {{"file", file.native()}}};
  auto whole = fs::absolute(file);
  working_directory work{whole};
  auto partial = work.path() / "backup.tar";
  if (auto written = write_backup(data_dir, work.path(), partial, what); !written)
    return written;
  auto opened = open_file(partial, O_RDONLY);
  if (!opened)
    return std::move(opened).error();
  if (::fsync(opened->get()) != 0)
    return system_error("write " + partial.native(), errno);
  auto bytes = fs::file_size(partial);
  if (auto renamed = rename_durably(partial, whole); !renamed)
    return renamed;
  fmt::print("{}: {} bytes, of {}\n", whole.native(), bytes, data_dir.native());
  return {};
}

result<void> restore_data(const fs::path& data_dir, const fs::path& file,
                          const image_choice& images) {
  if (!fs::is_regular_file(file))
    return error{errc::invalid_argument,
                 fmt::format("the backup {} does not exist: name a file that pawld --backup wrote",
                             file.native()),
                 {}};
  if (auto made = make_directories(data_dir); !made)
    return made;
  if (!fs::is_empty(data_dir))
    return not_empty(data_dir);
  if (auto free = check_nothing_runs(data_dir); !free)
    return free;
  if (auto free = check_containers(data_dir, images); !free)
    return free;
  if (auto unpacked = run_tar({"--extract", "--file", fs::absolute(file).native(),
                               "--numeric-owner", "--preserve-permissions", "-C", data_dir.native(),
                               "--anchored", "--exclude=images"},
                              "unpack the backup");
      !unpacked)
    return unpacked;
  if (auto known = check_label(data_dir, file); !known)
    return known;
  if (auto durable = sync_file_system(data_dir); !durable)
    return durable;
  if (int status = verify_data(data_dir); status != 0)
    return error{errc::data_corruption,
                 fmt::format("the backup {} was restored into {}, and records in it are damaged: "
                             "see above. Empty the directory, and restore another backup",
                             file.native(), data_dir.native()),
                 {}};
  if (auto restored = restore_images(fs::absolute(file), data_dir, images); !restored)
    return restored;
  std::error_code stays;
  if (!fs::remove(data_dir / label, stays))
    return system_error("remove " + (data_dir / label).native(), stays.value());
  return sync_directory(data_dir);
}

// The label is the first thing that is unpacked, and the last that is removed.
result<void> check_restored_whole(const fs::path& data_dir) {
  if (!fs::exists(data_dir / label))
    return {};
  return error{errc::data_corruption,
               fmt::format("a restore into the data directory {} was interrupted, so its data is "
                           "not complete. Empty the directory, and restore the backup again",
                           data_dir.native()),
               {{"directory", data_dir.native()}}};
}

} // namespace pawl
