// A server that `pawld --init` has set up, and machines of people from which pawl reaches it over
// TLS. All of it is on this machine.
#pragma once

#include "test/end_to_end/running_server.hpp"

#include <map>

namespace pawl::test {

class remote_server {
public:
  enum class form { document, text };

  // Sets it up, and starts it; `more` is put behind its pawld.toml.
  explicit remote_server(form asked = form::document, const std::string& more = {});

  running_server& owner() { return owner_; } // for who owns it: over its socket
  const std::filesystem::path& place() const { return owner_.place(); }

  const std::string& said() const { return said_; } // what `pawld --init` printed
  // Its document: config, address, fingerprint, token. Only if it was asked for.
  const json& made() const { return made_; }
  std::string made(const char* field) const { return made_.at(field).get<std::string>(); }
  std::uint16_t port() const { return port_; } // of the TLS listener
  std::string address() const;

private:
  running_server owner_;
  std::uint16_t port_;
  std::string said_;
  json made_;
};

// Somebody's home, with nothing of the server but what pawl keeps there.
class machine {
public:
  explicit machine(std::filesystem::path home);

  const std::filesystem::path& home() const { return home_; }
  // The servers and tokens that pawl remembers.
  std::filesystem::path servers_file() const { return home_ / ".config/pawl/config.toml"; }

  // Runs pawl, and waits for its end; under another command, or with more variables.
  outcome pawl(const words& arguments, const std::map<std::string, std::string>& more = {},
               const words& under = {});
  std::unique_ptr<program> begin(const words& arguments);
  outcome shell(const std::string& commands); // with pawl on its PATH
  outcome login(const remote_server& server, const std::string& token);

private:
  std::unique_ptr<program> start(words arguments, const std::map<std::string, std::string>& more);

  std::filesystem::path home_;
  unsigned runs_ = 0;
};

} // namespace pawl::test
