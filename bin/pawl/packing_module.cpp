#include "bin/pawl/packing_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

namespace pawl::cli {

namespace {

error not_usable(std::string_view why) {
  return {errc::internal,
          fmt::format("pawl deploy needs {}, which was installed with pawl: {}; install Pawl again",
                      packing::module_file, why),
          {}};
}

// Beside the program, as it was built or installed; else where the program's run path says, as for
// one that was copied away. The run path alone would not do: who wraps dlopen, as the sanitizers
// do, has another one.
void* load() {
  std::error_code unknown;
  auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  auto beside = program.parent_path() / PAWL_MODULE_FOLDER / packing::module_file;
  if (void* loaded = ::dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL))
    return loaded;
  return ::dlopen(packing::module_file, RTLD_NOW | RTLD_LOCAL);
}

} // namespace

result<const packing::functions*> load_packing() {
  void* loaded = load();
  if (loaded == nullptr)
    return not_usable(::dlerror());
  auto entry = reinterpret_cast<decltype(&pawl_packing)>(::dlsym(loaded, packing::module_entry));
  if (entry == nullptr)
    return not_usable(::dlerror());
  const auto* functions = entry();
  if (functions->release != PAWL_VERSION)
    return not_usable(
        fmt::format("it is of release {}, and pawl is {}", functions->release, PAWL_VERSION));
  return functions;
}

} // namespace pawl::cli
