# Flags, all of them target-scoped.
#
# qfs_arithmetic: what the numbers depend on. Public: a program that includes our headers must compile
#   their float arithmetic as we do, or its last bits differ.
# qfs_warnings: for our own targets only.

# A compiler that may reorder or shorten float arithmetic would move the numbers of every chapter.
if("${CMAKE_CXX_COMPILER_ARG1} ${CMAKE_CXX_FLAGS} " MATCHES "[ \t](-Ofast|-ffast-math|-funsafe-math-optimizations\
|-fassociative-math|-freciprocal-math|-ffinite-math-only|-fno-signed-zeros|-fsingle-precision-constant\
|-ffp-model=(fast|aggressive))[ \t]")
  message(FATAL_ERROR "CXXFLAGS would change the arithmetic.\n  got:        ${CMAKE_MATCH_1}\n"
    "  expected:   flags that keep float arithmetic exact\n"
    "  what to do: take it out of CXXFLAGS (or CMAKE_CXX_FLAGS), then start with an empty build folder")
endif()

# Standard C++20, without the compiler's extensions: -std=c++20, not gnu++20.
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(qfs_arithmetic INTERFACE)
target_compile_features(qfs_arithmetic INTERFACE cxx_std_20)
target_compile_options(qfs_arithmetic INTERFACE -ffp-contract=off -fno-math-errno)

add_library(qfs_warnings INTERFACE)
target_compile_options(qfs_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${QFS_WERROR}>:-Werror>)
# GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651), and behind precompiled
# headers overflows too. The preset dev, and the loops of all, keep the latter warnings.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(qfs_warnings INTERFACE -Wno-restrict
    $<$<CONFIG:Release>:-Wno-stringop-overflow;-Wno-array-bounds>)
endif()
target_compile_definitions(qfs_warnings INTERFACE $<$<CONFIG:Debug>:XTENSOR_ENABLE_ASSERT>)
if(QFS_SANITIZE)
  target_compile_options(qfs_warnings INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(qfs_warnings INTERFACE -fsanitize=address,undefined)
endif()

# The loops of the libraries add -O3 (QfsPrecompile.cmake).
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")  # lines, for the reports of the sanitizers
