# Files that are compiled for an instruction set that not every x86-64 CPU has. Nobody calls what is in them
# before looking at the CPU. So they must not bring what others call too: an inline function of the standard
# library, compiled there, may be the copy that the linker keeps for the whole program, which then fails on
# older CPUs. They include intrinsics, headers of C and declarations; the test build.instruction_sets looks
# at the symbols of their objects.
set(QFS_ON_X86_64 OFF)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(QFS_ON_X86_64 ON)
endif()

# qfs_compiled_for(target flags file ...): sources of a library, with more flags; elsewhere left out.
function(qfs_compiled_for target flags)
  if(NOT QFS_ON_X86_64 OR NOT ARGN)
    return()
  endif()
  target_sources(${target} PRIVATE ${ARGN})
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
    COMPILE_OPTIONS "${flags};$<$<CONFIG:Release>:-O3>")
  set_property(GLOBAL APPEND PROPERTY QFS_SPECIAL_FILES ${ARGN})
  set_property(GLOBAL APPEND PROPERTY QFS_SPECIAL_OBJECTS $<TARGET_OBJECTS:${target}>)
endfunction()
