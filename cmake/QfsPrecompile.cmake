# What makes the build quick. Half of the time of a small file goes into reading the headers of xtensor
# and of Catch2: they are read once for the libraries, once for the programs, once for the tests. And
# programs and tests are -O1: what is timed in them are the loops of the libraries, which are -O3.
#
# No file may lean on headers that another has read: the preset clang goes without, so that a missing
# #include shows.

set(_qfs_precompiled_headers <algorithm> <array> <cmath> <cstdint> <cstdio> <filesystem> <functional>
  <limits> <map> <optional> <span> <string> <string_view> <utility> <vector>
  "${PROJECT_SOURCE_DIR}/common/tensor.hpp")

# An empty file compiled behind the headers, as the targets are that reuse them.
function(_qfs_add_precompiled target)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/empty.cpp" CONTENT "\n")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/precompiled/empty.cpp")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE qfs_arithmetic qfs_warnings xtensor)
  target_precompile_headers(${target} PRIVATE ${_qfs_precompiled_headers} ${ARGN})
endfunction()

# qfs_quick(target): a program whose own loops nobody times.
function(qfs_quick target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

_qfs_add_precompiled(qfs_precompiled_program)
qfs_quick(qfs_precompiled_program)
function(qfs_quick_program target)
  qfs_quick(${target})
  target_precompile_headers(${target} REUSE_FROM qfs_precompiled_program)
endfunction()

if(QFS_BUILD_TESTS)
  _qfs_add_precompiled(qfs_precompiled_test "${PROJECT_SOURCE_DIR}/tests/support/catch.hpp")
  target_link_libraries(qfs_precompiled_test PRIVATE Catch2::Catch2WithMain)
  qfs_quick(qfs_precompiled_test)
endif()
function(qfs_quick_test target)
  qfs_quick(${target})
  target_precompile_headers(${target} REUSE_FROM qfs_precompiled_test)
endfunction()

# qfs_installable(target): a library that other projects link, also into a shared object such as a Python
# extension. Functions of one file may still be inlined into each other, as without -fPIC; and the text
# of an error names our files as the repository does, not where it was built.
function(_qfs_position_independent target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -fno-semantic-interposition
    "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
endfunction()
_qfs_add_precompiled(qfs_precompiled_library)
_qfs_position_independent(qfs_precompiled_library)
function(qfs_installable target)
  _qfs_position_independent(${target})
  target_precompile_headers(${target} REUSE_FROM qfs_precompiled_library)
endfunction()

# qfs_parsing(file ...): files of a library that read text, behind large headers of their own.
function(qfs_parsing)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
    COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
endfunction()
