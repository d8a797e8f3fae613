// Uploads and sources as files: DATA/uploads (upload_folder.hpp), and once they are verified
// DATA/sources/APP/sha256-HEX.tar.
#pragma once

#include "posix/keyed_mutex.hpp"
#include "posix/process_table.hpp"
#include "sources/files/upload_folder.hpp"
#include "sources/source_store.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace pawl {

struct received_upload;

class file_source_store : public source_store {
public:
  // Takes the server's data directory and the most bytes that a source may have ([limits]
  // upload_bytes). Creates nothing yet. `boot` differs after each start of the machine.
  file_source_store(std::filesystem::path data_dir, std::uint64_t bytes_max,
                    std::string boot = boot_id());
  ~file_source_store() override;

  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override;
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override;
  void close_upload(const std::string& deployment) override;
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override;
  std::filesystem::path path(const std::string& app, const std::string& digest) const override;
  std::vector<std::string> uploads() const override;
  void discard_upload(const std::string& deployment) override;

private:
  std::shared_ptr<received_upload> find(const std::string& deployment);
  result<std::uint64_t> open_part(const std::string& deployment, std::uint64_t bytes);
  result<void> complete(const std::string& deployment, received_upload& all_came);
  void remove_upload(const std::string& deployment);
  bool was_discarded(const std::string& deployment);
  bool keeps(const std::string& app, const source_facts& promised) const;
  result<source_reading> verify_file(const std::filesystem::path& tar, const std::string& digest,
                                     std::string known_digest);
  result<source_reading> verify_kept(const std::filesystem::path& tar, const std::string& digest);
  result<void> keep(const std::string& deployment, const std::filesystem::path& kept);

  const std::filesystem::path data_dir_;
  const std::uint64_t bytes_max_;
  upload_folder folder_;
  std::atomic<bool> sources_named_ = false; // the name of DATA/sources is on the disk
  keyed_mutex calls_;                       // by deployment
  std::mutex mutex_;                        // guards what follows
  std::map<std::string, std::shared_ptr<received_upload>> uploads_;
  std::deque<std::string> discarded_; // the last ones; a late order comes within seconds
};

} // namespace pawl
