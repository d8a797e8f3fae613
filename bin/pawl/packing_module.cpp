#include "bin/pawl/packing_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace pawl::cli {

namespace {

error not_usable(std::string_view why) {
  return {errc::internal,
          fmt::format("pawl deploy needs {}, which was installed with pawl: {}; install Pawl again",
                      packing::module_file, why),
          {}};
}

} // namespace

result<const packing::functions*> load_packing() {
  void* loaded =
      ::dlopen(packing::module_file, RTLD_NOW | RTLD_LOCAL); // found by the program's run path
  if (loaded == nullptr)
    return not_usable(::dlerror());
  auto entry = reinterpret_cast<decltype(&pawl_packing)>(::dlsym(loaded, packing::module_entry));
  if (entry == nullptr)
    return not_usable(::dlerror());
  const auto* functions = entry();
  if (functions->release != PAWL_VERSION)
    return not_usable(
        fmt::format("this one is of release {}, and pawl is {}", functions->release, PAWL_VERSION));
  return functions;
}

} // namespace pawl::cli
