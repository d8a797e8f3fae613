# Flags that every target of ours shares: the standard, the warnings, the sanitizers, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(PAWL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread; with fuzzer-no-link there is a pawl-fuzz")

# The same in every translation unit: it changes msgpack's inline code.
add_compile_definitions(MSGPACK_NO_BOOST)

find_program(PAWL_CCACHE ccache)
if(PAWL_CCACHE)
  # Precompiled headers and ccache agree only with this sloppiness; relative paths let every checkout share it.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;${PAWL_CCACHE}")
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
    "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# Programs are position independent, and the linker is told so.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
if(NOT CMAKE_CXX_LINK_PIE_SUPPORTED)
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} links no position independent programs")
endif()

# Hardening of what users run, which test/packaging reads back from the programs. Not every processor has targets of
# indirect jumps. _FORTIFY_SOURCE needs the optimizer, and a sanitizer checks more.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection PAWL_CF_PROTECTION)
set(PAWL_OPTIMIZED $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
set(PAWL_HARDENING -fstack-protector-strong $<${PAWL_OPTIMIZED}:-fstack-clash-protection>)
if(PAWL_CF_PROTECTION)
  list(APPEND PAWL_HARDENING $<${PAWL_OPTIMIZED}:-fcf-protection>)
endif()
if(NOT PAWL_SANITIZE)
  list(APPEND PAWL_HARDENING $<${PAWL_OPTIMIZED}:-D_FORTIFY_SOURCE=2>)
endif()
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)

# A program names only the libraries that it uses: each costs every start of `pawl`.
add_link_options(-Wl,--as-needed)

find_program(PAWL_MOLD mold)
if(PAWL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

function(pawl_target_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion $<$<CXX_COMPILER_ID:GNU>:-Wshadow>
    -Wnon-virtual-dtor -Woverloaded-virtual -Werror ${PAWL_HARDENING}
    # CAF 0.17.6 and libstdc++ 12 report these from their own inlined templates at -O2.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized -Wno-error=stringop-overflow -Wno-error=restrict -Wno-error=array-bounds>)
  if(CMAKE_UNITY_BUILD) # then a source is not the main file, in which alone its types may be its own
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  # No _GLIBCXX_ASSERTIONS: CAF 0.17.6 dereferences (and never reads) an empty shared_ptr when it spawns
  # a function without arguments.
  target_compile_definitions(${target} PRIVATE PAWL_VERSION="${PROJECT_VERSION}")
  if(PAWL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${PAWL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${PAWL_SANITIZE})
    if(PAWL_SANITIZE MATCHES "address") # GCC and Clang say it by different names
      target_compile_definitions(${target} PRIVATE PAWL_ADDRESS_SANITIZER)
    endif()
  endif()
endfunction()

# CAF's templates dereference everywhere: these checks of each pointer double the time that its users take to
# build, and what they find crashes under the address sanitizer. The rooms that handle raw bytes keep them.
function(pawl_checks_for_caf target)
  if(PAWL_SANITIZE MATCHES "undefined")
    target_compile_options(${target} PRIVATE -fno-sanitize=null,vptr,alignment,object-size)
  endif()
endfunction()
