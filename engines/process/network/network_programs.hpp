// The programs ip and nft, and settings of the kernel's network, in the network of the calling
// thread. Blocks; any thread.
#pragma once

#include "posix/program_run.hpp"

#include <cstdint>
#include <vector>

namespace pawl {

// Names, each with the Debian package that has it, of the programs that are not installed.
std::vector<std::string> missing_network_programs();

// Runs the commands in order, up to the first that fails.
result<void> run_ip(std::string commands, std::vector<std::pair<int, int>> descriptors = {});

// Runs one command, and gives its output.
result<std::string> ask_ip(std::vector<std::string> arguments);

// Makes all of the rules, or none.
result<void> run_nft(std::string rules);

result<std::string> ask_nft(std::vector<std::string> arguments);

// A setting below /proc/sys/net/ipv4.
result<std::string> network_setting(const std::string& name);
result<void> set_network_setting(const std::string& name, const std::string& value);

// Whether there is an interface of this name, and the names of all.
bool has_interface(const std::string& name);
std::vector<std::string> interface_names();

// Sends a packet of UDP, and gives the errno of what becomes of it, or 0. Blocks for 50 ms at most.
int send_packet(std::string_view address, std::uint16_t port);

} // namespace pawl
