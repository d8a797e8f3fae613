#include "engines/docker/spooled_context.hpp"

#include "posix/files.hpp"

#include <unistd.h>

namespace pawl {

result<spooled_context> spooled_context::make(const build_job& job,
                                              const std::filesystem::path& directory,
                                              const std::stop_token& stop) {
  auto file = open_file(directory, O_TMPFILE | O_RDWR);
  if (!file)
    return std::move(file).error();
  auto facts = write_build_context(
      job.source, job.settings.build.dockerfile, [&](std::string_view bytes) -> result<void> {
        if (stop.stop_requested())
          return error{errc::cancelled, "the build was stopped on request", {}};
        return write_all(file->get(), bytes);
      });
  if (facts)
    return spooled_context{*std::move(file), *std::move(facts)};
  auto why = std::move(facts).error();
  if (why.code == errc::invalid_argument || why.code == errc::too_large)
    why.code = errc::build_failed;
  return why;
}

std::function<std::optional<std::size_t>(std::span<char>)> spooled_context::reader() const {
  ::lseek(file_.get(), 0, SEEK_SET);
  return [fd = file_.get()](std::span<char> to) -> std::optional<std::size_t> {
    const auto got = ::read(fd, to.data(), to.size());
    return got < 0 ? std::nullopt : std::optional{static_cast<std::size_t>(got)};
  };
}

} // namespace pawl
