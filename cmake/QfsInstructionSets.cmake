# Files that are compiled for an instruction set that not every x86-64 CPU has. Nobody calls what is in them
# before looking at the CPU. So they must not bring what others call too: an inline function of the standard
# library, compiled there, may be the copy that the linker keeps for the whole program, which then fails on
# older CPUs. They include intrinsics, headers of C and declarations; the test build.instruction_sets looks
# at the symbols of their objects.
set(QFS_ON_X86_64 OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(QFS_ON_X86_64 ON)
endif()

# The sets, by the names that qfs_add_chapter takes.
set(QFS_INSTRUCTION_SETS AVX2 AVX_VNNI AVX512_VNNI AMX)
set(QFS_FLAGS_AVX2 -mavx2)
set(QFS_FLAGS_AVX_VNNI -mavx2 -mavxvnni)
set(QFS_FLAGS_AVX512_VNNI -mavx512f -mavx512bw -mavx512vl -mavx512vnni)
set(QFS_FLAGS_AMX -mamx-tile -mamx-int8)

# qfs_compiled_for(target flags file ...): sources of a library, with more flags; elsewhere left out. The
# property QFS_SPECIAL_FILES holds a line for each, "file flag flag ...".
function(qfs_compiled_for target flags)
  if(NOT QFS_ON_X86_64 OR NOT ARGN)
    return()
  endif()
  target_sources(${target} PRIVATE ${ARGN})
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
    COMPILE_OPTIONS "${flags};$<$<CONFIG:Release>:-O3>")
  foreach(file IN LISTS ARGN)
    string(REPLACE ";" " " line "${file};${flags}")
    set_property(GLOBAL APPEND PROPERTY QFS_SPECIAL_FILES "${line}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY QFS_SPECIAL_OBJECTS $<TARGET_OBJECTS:${target}>)
endfunction()

# The test build.instruction_sets; and tests of it: a file taken for one of another set is noticed, and so is
# one of which nobody says that it is special.
function(qfs_test_instruction_sets)
  get_property(files GLOBAL PROPERTY QFS_SPECIAL_FILES)
  if(NOT files)
    return()
  endif()
  _qfs_test_instruction_sets(build.instruction_sets "${files}")
  _qfs_test_mistaken(vnni256_tile.cpp "-mavx2" "vnni256_tile.cpp, compiled with -mavx2: [^\n]*vpdpbusd")
  _qfs_test_mistaken(vnni512_tile.cpp "-mavx2 -mavxvnni" "vnni512_tile.cpp, compiled with [^\n]*zmm")
  _qfs_test_mistaken(amx_tile.cpp "-mavx512vnni" "amx_tile.cpp, compiled with [^\n]*tmm")
  _qfs_test_mistaken(avx2_panel.cpp "-mamx-tile" "avx2_panel.cpp: no tdpbusd")
  _qfs_test_mistaken(amx_tile.cpp "" "amx_tile.cpp.o: [^\n]*(tmm|tile)")
endfunction()

function(_qfs_test_instruction_sets name files)
  get_property(objects GLOBAL PROPERTY QFS_SPECIAL_OBJECTS)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -D NM=${CMAKE_NM} -D OBJDUMP=${CMAKE_OBJDUMP}
    "-DFILES=${files}" "-DOBJECTS=${objects}" -P ${PROJECT_SOURCE_DIR}/tests/instruction_sets_test.cmake)
endfunction()

# As if `file` had been compiled with `flags`; none: as if it were not on the list.
function(_qfs_test_mistaken file flags finds)
  get_property(files GLOBAL PROPERTY QFS_SPECIAL_FILES)
  set(mistaken "")
  foreach(line IN LISTS files)
    if(NOT line MATCHES "/${file} ")
      list(APPEND mistaken "${line}")
    elseif(flags)
      string(REGEX REPLACE " .*" " ${flags}" line "${line}")
      list(APPEND mistaken "${line}")
    endif()
  endforeach()
  string(REPLACE " " "" name "build.instruction_sets:${file}${flags}")
  _qfs_test_instruction_sets(${name} "${mistaken}")
  set_tests_properties(${name} PROPERTIES PASS_REGULAR_EXPRESSION "${finds}")
endfunction()
