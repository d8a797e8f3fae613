#include "bench/harness/counters.hpp"

#include "posix/descriptor.hpp"

#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace pawl::bench {

counts counts::since(const counts& before) const {
  return {flushes - before.flushes, written_bytes - before.written_bytes,
          allocations - before.allocations, calls - before.calls};
}

counters::counters(std::filesystem::path file) : file_(std::move(file)) {
  const descriptor opened{::open(file_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)};
  if (!opened || ::ftruncate(opened.get(), sizeof(counter_page)) != 0)
    throw std::runtime_error("no counters in " + file_.native());
  void* const mapped =
      ::mmap(nullptr, sizeof(counter_page), PROT_READ, MAP_SHARED, opened.get(), 0);
  if (mapped == MAP_FAILED)
    throw std::runtime_error("no counters in " + file_.native());
  page_ = static_cast<const counter_page*>(mapped);
}

counters::~counters() {
  ::munmap(const_cast<counter_page*>(page_), sizeof(counter_page));
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

counts counters::now() const {
  return {page_->flushes, page_->written_bytes, page_->allocations, page_->calls};
}

} // namespace pawl::bench
