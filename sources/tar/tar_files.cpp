#include "sources/source_files.hpp"

#include "posix/files.hpp"
#include "sources/tar/tar_reading.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

struct place {
  std::uint64_t at = 0; // of the contents, in the tar
  std::uint64_t bytes = 0;
  bool folder = false;
};

using places = std::map<std::string, place, std::less<>>;

// Notes where each file is.
class indexing : public tar_visitor {
public:
  result<void> directory(const tar_entry& entry) override {
    add(entry.name, {0, 0, true});
    return {};
  }
  result<file_contents> file(const tar_entry& entry) override {
    add(entry.name, {entry.contents, entry.size, false});
    return file_contents::skipped;
  }
  result<void> contents(std::string_view /*bytes*/) override { return {}; }
  result<void> symlink(const tar_entry& /*entry*/) override { return {}; }

  places take() { return std::move(all_); }

private:
  void add(const std::string& path, const place& where) {
    if (std::count(path.begin(), path.end(), '/') >=
            static_cast<std::ptrdiff_t>(source_files_depth) ||
        all_.size() >= source_files_most)
      return;
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      all_.try_emplace(path.substr(0, slash), place{0, 0, true}); // no entry has to name a folder
    all_.insert_or_assign(path, where);
  }

  places all_;
};

class tar_files final : public source_files {
public:
  tar_files(descriptor owned, int file, places all)
      : owned_(std::move(owned)), file_(file), all_(std::move(all)) {}

  bool has_file(std::string_view path) const override {
    auto found = all_.find(path);
    return found != all_.end() && !found->second.folder;
  }

  bool has_folder(std::string_view path) const override {
    auto found = all_.find(path);
    return path.empty() || (found != all_.end() && found->second.folder);
  }

  std::vector<std::string> names_in(std::string_view folder) const override {
    std::vector<std::string> names;
    auto within = folder.empty() ? std::string{} : std::string{folder} + "/";
    for (auto it = all_.lower_bound(within); it != all_.end() && it->first.starts_with(within);
         ++it) {
      auto name = std::string_view{it->first}.substr(within.size());
      if (!name.empty() && name.find('/') == std::string_view::npos)
        names.push_back(std::string{name} + (it->second.folder ? "/" : ""));
    }
    return names;
  }

  std::optional<std::string> beginning_of(std::string_view path,
                                          std::uint64_t most) const override {
    auto found = all_.find(path);
    if (found == all_.end() || found->second.folder)
      return std::nullopt;
    std::string text(std::min(most, found->second.bytes), '\0');
    for (std::size_t done = 0; done < text.size();) {
      auto got = ::pread(file_, text.data() + done, text.size() - done,
                         static_cast<off_t>(found->second.at + done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return std::nullopt;
      done += static_cast<std::size_t>(got);
    }
    return text;
  }

private:
  descriptor owned_; // none, if the caller's is read
  int file_;
  places all_;
};

result<std::unique_ptr<source_files>> look(descriptor owned, int file, std::uint64_t bytes) {
  indexing index;
  if (auto read = read_tar(file, bytes, index); !read)
    return std::move(read).error();
  return std::unique_ptr<source_files>{
      std::make_unique<tar_files>(std::move(owned), file, index.take())};
}

} // namespace

result<std::unique_ptr<source_files>> look_into_tar(int file, std::uint64_t bytes) {
  return look({}, file, bytes);
}

result<std::unique_ptr<source_files>> look_into_tar(const std::filesystem::path& tar) {
  auto file = open_file(tar, O_RDONLY | O_NOFOLLOW);
  if (!file)
    return std::move(file).error();
  struct stat about {};
  if (::fstat(file->get(), &about) != 0)
    return system_error("look at " + tar.string(), errno);
  const int number = file->get();
  return look(std::move(*file), number, static_cast<std::uint64_t>(about.st_size));
}

} // namespace pawl
