// Uploads and sources as files: DATA/uploads/DEPLOYMENT.tar, and DATA/sources/APP/sha256-HEX.tar
// once they are verified.
#pragma once

#include "posix/keyed_mutex.hpp"
#include "sources/source_store.hpp"

#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace pawl {

class file_source_store : public source_store {
public:
  // Takes the server's data directory and the most bytes that a source may have ([limits]
  // upload_bytes). Creates nothing yet.
  file_source_store(std::filesystem::path data_dir, std::uint64_t bytes_max);
  ~file_source_store() override;

  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override;
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override;
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override;
  std::filesystem::path path(const std::string& app, const std::string& digest) const override;
  std::vector<std::string> uploads() const override;
  void discard_upload(const std::string& deployment) override;

private:
  struct upload;

  std::filesystem::path upload_path(const std::string& deployment) const;
  std::shared_ptr<upload> find(const std::string& deployment);
  void remove_upload(const std::string& deployment);
  bool was_discarded(const std::string& deployment);
  bool keeps(const std::string& app, const source_facts& promised) const;
  result<source_reading> verify_file(const std::filesystem::path& tar, const std::string& digest,
                                     std::string known_digest);
  result<source_reading> verify_kept(const std::filesystem::path& tar, const std::string& digest);

  const std::filesystem::path data_dir_;
  const std::uint64_t bytes_max_;
  keyed_mutex calls_; // by deployment
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::shared_ptr<upload>> uploads_;
  std::deque<std::string> discarded_; // the last ones; a late order comes within seconds
};

} // namespace pawl
