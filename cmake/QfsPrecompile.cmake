# What makes the build quick. A small file costs what its headers cost: reading those of xtensor and of
# Catch2, and making the tensors' types of them. So they are read once for the libraries and programs, once
# for the tests; the files of a lesson are compiled six at a time; and only what is timed is -O3: the inner
# loops of the libraries (qfs_loops).
#
# No file may lean on headers that another has brought. With -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON nothing is
# precompiled, and a missing #include shows.
#
# An inline function or a template that a loop calls, and does not swallow, is one weak symbol in every
# file that uses it, and the linker keeps the first it meets: the slow copy of a program. The test
# build.hot_loops looks into the loops for such symbols.

set(_qfs_precompiled_headers <algorithm> <array> <cmath> <cstdint> <cstdio> <filesystem> <functional>
  <limits> <map> <optional> <span> <string> <string_view> <utility> <vector>
  "${PROJECT_SOURCE_DIR}/common/tensor.hpp")

# qfs_position_independent(target): code that may become part of a shared object such as a Python extension.
# Functions of one file may still be inlined into each other, as without -fPIC; and the text of an error
# names our files as the repository does, not where it was built. Programs are compiled so too: objects
# that share a precompiled header need the same flags.
function(qfs_position_independent target)
  target_compile_options(${target} PRIVATE -fPIC -fno-semantic-interposition
    "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
endfunction()

# An empty file compiled behind the headers, as the targets are that reuse them.
function(_qfs_add_headers target)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/empty.cpp" CONTENT "\n")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/precompiled/empty.cpp")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE qfs_arithmetic qfs_warnings xtensor)
  target_precompile_headers(${target} PRIVATE ${_qfs_precompiled_headers} ${ARGN})
  qfs_position_independent(${target})
endfunction()

# qfs_precompiled(target): a library or a program.
_qfs_add_headers(qfs_headers)
function(qfs_precompiled target)
  qfs_position_independent(${target})
  target_precompile_headers(${target} REUSE_FROM qfs_headers)
endfunction()

if(QFS_BUILD_TESTS)
  _qfs_add_headers(qfs_test_headers "${PROJECT_SOURCE_DIR}/tests/support/catch.hpp")
  target_link_libraries(qfs_test_headers PRIVATE Catch2::Catch2WithMain)
endif()
function(qfs_precompiled_test target)
  qfs_position_independent(${target})
  target_precompile_headers(${target} REUSE_FROM qfs_test_headers)
endfunction()

# qfs_in_batches(target): the files of a program are compiled six at a time, so that no two of them may give
# one name to things of their own. A rebuild still takes seconds.
function(qfs_in_batches target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
endfunction()

# qfs_loops(target file ...): files of a library whose inner loops are timed. Headers precompiled at -O1 are
# not for them.
function(qfs_loops target)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
    COMPILE_OPTIONS "$<$<CONFIG:Release>:-O3>;$<$<CXX_COMPILER_ID:GNU>:-Wstringop-overflow;-Warray-bounds>")
  set_property(GLOBAL APPEND PROPERTY QFS_LOOPS ${ARGN})
  set_property(GLOBAL APPEND PROPERTY QFS_LOOPS_OBJECTS $<TARGET_OBJECTS:${target}>)
endfunction()
