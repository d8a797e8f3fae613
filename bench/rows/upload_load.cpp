#include "bench/rows/upload_load.hpp"

#include "bench/rows/app.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

namespace pawl::bench {

namespace {

void write_noise(const std::filesystem::path& path, std::size_t megabytes) {
  std::ofstream file{path, std::ios::binary};
  std::mt19937_64 noise{20260101};
  std::vector<std::uint64_t> block(1'000'000 / sizeof(std::uint64_t));
  for (std::size_t i = 0; i < megabytes; ++i) {
    std::generate(block.begin(), block.end(), std::ref(noise));
    file.write(reinterpret_cast<const char*>(block.data()), 1'000'000);
  }
}

} // namespace

double upload_observer::seconds() const {
  return std::chrono::duration<double>(clock::now() - begin_).count();
}

void upload_observer::uploaded(std::uint64_t bytes, std::uint64_t total) {
  if (bytes == total && received_ == 0)
    received_ = seconds();
}

void upload_observer::seen(const std::string&, const event& what) {
  const auto* moved = std::get_if<state_event>(&what.body);
  if (moved != nullptr && moved->state == state::building)
    verified_ = seconds();
}

big_source make_big_source(const workplace& place, std::size_t megabytes) {
  auto directory = place.fresh("upload-app");
  write_app(directory, {.name = "big", .build = "exit 1"}); // it has been verified by then
  write_noise(directory / "noise", megabytes);
  auto packed = expect(packing::pack(directory));
  return {directory, std::move(packed)};
}

void send_source(const client::known_server& server, const big_source& what,
                 upload_observer& heard) {
  client::upload wanted;
  wanted.request.app = "big";
  wanted.request.request_id = "upload-1";
  wanted.request.source = what.packed.facts;
  wanted.file = what.packed.file.get();
  client::conversation talk{
      [&] { return client::server_link::connect(server, limits::connect_timeout); }, heard};
  const auto end = talk.deploy(wanted, false);
  if (heard.seconds_to_verify() == 0)
    throw std::runtime_error("the upload failed: " +
                             (end.problem ? end.problem->message : std::string{"no reason"}));
}

} // namespace pawl::bench
