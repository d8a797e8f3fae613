#include "bin/packing/module.hpp"

const pawl::packing::functions* pawl_packing() {
  static constexpr pawl::packing::functions all{PAWL_VERSION, pawl::packing::pack,
                                                pawl::packing::read_git_facts};
  return &all;
}
