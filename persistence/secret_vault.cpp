#include "persistence/secret_vault.hpp"

#include "lifecycle/limits.hpp"
#include "posix/digest.hpp"
#include "posix/files.hpp"
#include "posix/sealed_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

// A sealed secret: one byte of format, the beginning of the key's digest, and what
// posix/sealed_bytes.hpp makes.
constexpr char format = 1;
constexpr std::size_t mark_bytes = 8;
constexpr std::size_t digest_begin = std::string_view{"sha256:"}.size();

struct vault_key {
  sealing_key bytes{};
  std::string mark; // tells keys apart, and nothing of them

  vault_key() = default;
  vault_key(const vault_key&) = delete;
  vault_key& operator=(const vault_key&) = delete;
  vault_key(vault_key&&) = default;
  vault_key& operator=(vault_key&&) = delete;
  ~vault_key() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

vault_key key_of(const sealing_key& bytes) {
  vault_key key;
  key.bytes = bytes;
  digest sum;
  sum.add("pawl secret key");
  sum.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  key.mark = sum.text().substr(digest_begin, mark_bytes);
  return key;
}

error unusable(const std::filesystem::path& file, std::string_view why, std::string_view remedy) {
  return {errc::unavailable,
          fmt::format("the key of the secrets, {}, {}: {}", file.native(), why, remedy),
          {{"file", file.native()}}};
}

constexpr std::string_view put_it_back =
    "put back the file that was there (pawld --backup --with-secret-key keeps it), or set the "
    "secrets again with pawl env set --secret";

std::optional<sealing_key> parse_key(std::string_view text) {
  sealing_key key{};
  if (text.size() != 2 * key.size() + 1 || text.back() != '\n')
    return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto* begin = text.data() + 2 * i;
    if (auto [end, problem] = std::from_chars(begin, begin + 2, key[i], 16);
        problem != std::errc{} || end != begin + 2)
      return std::nullopt;
  }
  return key;
}

// Nothing if there is none.
result<std::optional<vault_key>> read_key(const std::filesystem::path& file) {
  struct stat about {};
  if (::lstat(file.c_str(), &about) != 0 && errno == ENOENT)
    return std::optional<vault_key>{};
  constexpr mode_t of_others = 077;
  if (S_ISREG(about.st_mode) && (about.st_mode & of_others) != 0)
    return unusable(file, "can be read by others",
                    fmt::format("take that away (chmod 600 {}), and if others have used the "
                                "machine, set the secrets anew",
                                file.native()));
  auto text = read_file(file, limits::kib);
  if (!text)
    return unusable(file, "cannot be read", text.error().message);
  const secret wiped{std::move(*text)};
  auto bytes = parse_key(wiped.reveal());
  if (!bytes)
    return unusable(file, "holds no key", put_it_back);
  auto key = std::optional{key_of(*bytes)};
  ::explicit_bzero(bytes->data(), bytes->size());
  return key;
}

result<vault_key> make_key(const std::filesystem::path& file) {
  auto bytes = random_sealing_key();
  std::string text;
  for (const auto byte : bytes)
    text += fmt::format("{:02x}", byte);
  text += '\n';
  auto written = write_file_durably(file, text);
  const secret wiped{std::move(text)};
  if (!written)
    return std::move(written).error();
  auto key = key_of(bytes);
  ::explicit_bzero(bytes.data(), bytes.size());
  return key;
}

// The place of a secret: a sealed one that was put elsewhere does not open there.
std::string place_of(const lane_key& lane, const variable& one) {
  return fmt::format("pawl variable\n{}\n{}\n{}\n{}", lane.app, lane.cluster, one.name,
                     one.revision);
}

} // namespace

std::filesystem::path secret_key_file(const std::filesystem::path& data_dir) {
  return data_dir / "secret.key";
}

result<void> secret_vault::seal(configuration& next) {
  const auto is_open = [](const variable& one) { return one.is_secret && !one.is_sealed(); };
  if (std::none_of(next.variables.begin(), next.variables.end(), is_open))
    return {};
  const std::lock_guard lock{making_};
  auto known = read_key(file_);
  if (!known)
    return std::move(known).error();
  auto made = *known ? result<vault_key>{std::move(**known)} : make_key(file_);
  if (!made)
    return std::move(made).error();
  for (auto& one : next.variables) {
    if (!is_open(one))
      continue;
    one.value = std::string{format} + made->mark +
                seal_bytes(made->bytes, place_of(next.lane, one), one.clear.reveal());
    one.clear = secret{};
  }
  return {};
}

result<std::vector<variable_text>> secret_vault::open(const configuration& stored) const {
  std::vector<variable_text> all;
  std::optional<vault_key> key;
  for (const auto& one : stored.variables) {
    if (!one.is_secret) {
      all.push_back({one.name, secret{one.value}, false});
      continue;
    }
    if (!key) {
      auto known = read_key(file_);
      if (!known)
        return std::move(known).error();
      if (!*known)
        return unusable(file_, fmt::format("is gone, and {} cannot be opened", one.name),
                        put_it_back);
      key.emplace(std::move(**known));
    }
    const std::string_view sealed{one.value};
    const bool is_of_key = sealed.starts_with(std::string{format} + key->mark);
    auto text = is_of_key ? open_sealed(key->bytes, place_of(stored.lane, one),
                                        sealed.substr(1 + mark_bytes))
                          : std::nullopt;
    if (!text)
      return unusable(file_,
                      fmt::format("{} the secret {} of {} in {}",
                                  is_of_key ? "does not open" : "is not the one that has sealed",
                                  one.name, stored.lane.app, stored.lane.cluster),
                      put_it_back);
    all.push_back({one.name, *std::move(text), true});
  }
  return all;
}

} // namespace pawl
