// The context of a build on the disk, without a name: it is whole before the daemon is asked, and
// is sent again if the daemon ends meanwhile.
#pragma once

#include "engines/engine.hpp"
#include "posix/descriptor.hpp"
#include "sources/build_context.hpp"

#include <span>

namespace pawl {

class spooled_context {
public:
  // Makes it in this directory. As write_build_context(), with build_failed for what is wrong with
  // the source; resource_exhausted if the disk is full; cancelled.
  static result<spooled_context> make(const build_job& job, const std::filesystem::path& directory,
                                      const std::stop_token& stop);

  const build_context& facts() const { return facts_; }

  // Its bytes from the beginning; one reader at a time, which does not outlive this object.
  std::function<std::optional<std::size_t>(std::span<char>)> reader() const;

private:
  spooled_context(descriptor file, build_context facts)
      : file_(std::move(file)), facts_(std::move(facts)) {}

  descriptor file_;
  build_context facts_;
};

} // namespace pawl
