#include "engines/process/sandbox/port_guard.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#include <linux/bpf.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pawl {

namespace {

// The registers: 0 is the answer (1 lets the call go on), 1 the description of the call, 2 ours.
constexpr std::uint8_t answer_register = 0;
constexpr std::uint8_t call_register = 1;
constexpr std::uint8_t value_register = 2;

constexpr bpf_insn set_answer(std::int32_t to) {
  return {BPF_ALU64 | BPF_MOV | BPF_K, answer_register, 0, 0, to};
}

constexpr bpf_insn load_field(std::size_t offset) {
  return {BPF_LDX | BPF_MEM | BPF_W, value_register, call_register,
          static_cast<std::int16_t>(offset), 0};
}

constexpr bpf_insn skip_if(std::uint8_t test, std::int32_t operand, std::int16_t instructions) {
  return {static_cast<std::uint8_t>(BPF_JMP | test | BPF_K), value_register, 0, instructions,
          operand};
}

auto guarding_program(port_range closed, std::uint16_t own) {
  return std::array{
      set_answer(1),
      load_field(offsetof(bpf_sock_addr, type)),
      skip_if(BPF_JNE, SOCK_STREAM, 6),
      load_field(offsetof(bpf_sock_addr, user_port)),
      // It is in the network's order.
      bpf_insn{BPF_ALU | BPF_END | BPF_TO_BE, value_register, 0, 0, 16},
      skip_if(BPF_JLT, closed.first, 3),
      skip_if(BPF_JGT, closed.last, 2),
      skip_if(BPF_JEQ, own, 1),
      set_answer(0),
      bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
}

int control(bpf_cmd command, bpf_attr& what) {
  return static_cast<int>(::syscall(SYS_bpf, command, &what, sizeof what));
}

template <class T>
std::uint64_t address_of(const T* object) {
  return reinterpret_cast<std::uint64_t>(object);
}

// bind() of IPv4 and of IPv6 are two calls: a socket of IPv6 takes the port of IPv4 too.
bool attach(const descriptor& group, bpf_attach_type bind, port_range closed, std::uint16_t own) {
  const auto instructions = guarding_program(closed, own);
  bpf_attr load;
  std::memset(&load, 0, sizeof load); // the kernel refuses what is not 0
  load.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
  load.expected_attach_type = bind;
  load.insns = address_of(instructions.data());
  load.insn_cnt = instructions.size();
  load.license = address_of("");
  const descriptor program{control(BPF_PROG_LOAD, load)};
  bpf_attr place;
  std::memset(&place, 0, sizeof place);
  place.target_fd = static_cast<std::uint32_t>(group.get());
  place.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  place.attach_type = bind;
  return program && control(BPF_PROG_ATTACH, place) == 0;
}

} // namespace

bool guard_ports(const std::filesystem::path& group, port_range closed, std::uint16_t own) {
  const auto directory = open_file(group, O_RDONLY | O_DIRECTORY);
  return directory && attach(*directory, BPF_CGROUP_INET4_BIND, closed, own) &&
         attach(*directory, BPF_CGROUP_INET6_BIND, closed, own);
}

} // namespace pawl
