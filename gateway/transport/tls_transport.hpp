// TLS over a connected socket, on the server's side.
#pragma once

#include "gateway/transport/openssl_pointers.hpp"
#include "gateway/transport/socket_bio.hpp"
#include "gateway/transport/socket_transport.hpp"
#include "gateway/transport/tls_credentials.hpp"

#include <optional>
#include <string>

namespace pawl::gateway {

class tls_transport final : public socket_transport {
public:
  // With the context that the listener has now. Empty without memory.
  static std::shared_ptr<tls_transport> make(int descriptor, const tls_credentials& credentials);

  bool is_open() const override { return open_; }
  rw_state open() override;
  rw_state read_some(std::size_t& done, void* to, std::size_t size) override;
  rw_state write_some(std::size_t& done, const void* from, std::size_t size) override;
  std::size_t send_now(std::span<const char> one, std::span<const char> other) override;
  void end_sending() override;
  bool has_read_ahead() const override;
  void close() override;

  // Once it is open: the protocol that ALPN has chosen, empty without one; and the common name of
  // the client's certificate, which an authority of ours has signed, empty without one.
  std::string protocol() const;
  const std::string& client_name() const noexcept { return client_name_; }
  // The end of that certificate.
  std::optional<timestamp> client_expiry() const noexcept { return client_expiry_; }

  // Why it is over; empty if the client has closed it, or simply went away.
  const std::string& problem() const noexcept { return problem_; }

private:
  enum class direction { reading, writing };

  tls_transport() = default;
  rw_state judge(int returned, direction which);
  rw_state fail(std::string problem);
  void say_last_word();
  std::size_t send_one(std::span<const char> bytes);
  bool read_client();
  void count_what_came();

  socket_end end_;
  ssl_pointer ssl_; // uses end_
  std::string client_name_;
  std::optional<timestamp> client_expiry_;
  std::string problem_;
  bool open_ = false;
  bool over_ = false; // after it, no call of OpenSSL but SSL_free()
};

} // namespace pawl::gateway
