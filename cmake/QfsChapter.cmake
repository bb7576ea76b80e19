# qfs_add_chapter(NN_name
#   [DEPENDS NN_name ...]     the floors whose headers this chapter may include
#   HEADERS file.hpp ...      what the chapter teaches
#   [SOURCES file.cpp ...]
#   [EXERCISES N_slug ...])   exercises/N_slug.hpp, N_slug.hint.md, solutions/N_slug.hpp
#
# Makes the library NN_name_lib (alias qfs::chNN_name), the program chNN_name, and, with tests, the
# tests chNN.unit, chNN.output and one per exercise.
function(qfs_add_chapter chapter)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;HEADERS;SOURCES;EXERCISES")
  if(arg_UNPARSED_ARGUMENTS OR NOT chapter MATCHES "^[0-9][0-9]_[a-z0-9_]+$")
    message(FATAL_ERROR "qfs_add_chapter(${chapter} ...): the name must look like 01_affine_math, and "
      "the arguments be DEPENDS, HEADERS, SOURCES, EXERCISES; not understood: "
      "'${arg_UNPARSED_ARGUMENTS}'")
  endif()
  string(SUBSTRING "${chapter}" 0 2 number)
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}/${chapter}")
  _qfs_check_includes("${chapter}" "${folder}" "${arg_DEPENDS}" "${arg_HEADERS};${arg_SOURCES};main.cpp")

  list(TRANSFORM arg_SOURCES PREPEND "${chapter}/" OUTPUT_VARIABLE sources)
  set(library "ch${chapter}_lib")
  if(sources)
    add_library(${library} STATIC ${sources})
    target_link_libraries(${library} PUBLIC qfs_common PRIVATE $<BUILD_INTERFACE:qfs_warnings>)
    set(scope PUBLIC)
  else()
    add_library(${library} INTERFACE)
    target_link_libraries(${library} INTERFACE qfs_common)
    set(scope INTERFACE)
  endif()
  set_target_properties(${library} PROPERTIES EXPORT_NAME "ch${chapter}")
  add_library(qfs::ch${chapter} ALIAS ${library})
  target_include_directories(${library} ${scope} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/qfs>)
  foreach(floor IN LISTS arg_DEPENDS)
    target_link_libraries(${library} ${scope} ch${floor}_lib)
  endforeach()

  add_executable(ch${chapter} "${chapter}/main.cpp")
  target_link_libraries(ch${chapter} PRIVATE ${library} qfs_warnings)

  set_property(GLOBAL APPEND PROPERTY QFS_CHAPTERS "${chapter}")
  set_property(GLOBAL PROPERTY QFS_HEADERS_${chapter} "${arg_HEADERS}")
  set_property(GLOBAL PROPERTY QFS_EXERCISES_${chapter} "${arg_EXERCISES}")
endfunction()

# Fails the configure when a file of `chapter` includes the header of a floor it does not declare.
function(_qfs_check_includes chapter folder depends files)
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${folder}/${file}")
    file(STRINGS "${folder}/${file}" includes REGEX "^#include \"[0-9][0-9]_[a-z0-9_]+/")
    foreach(line IN LISTS includes)
      string(REGEX MATCH "[0-9][0-9]_[a-z0-9_]+" floor "${line}")
      if(NOT floor STREQUAL chapter AND NOT floor IN_LIST depends)
        message(FATAL_ERROR "chapters/${chapter}/${file} includes a header of ${floor}, which "
          "${chapter} does not declare.\nAdd ${floor} to its DEPENDS in chapters/CMakeLists.txt, or "
          "include a floor it stands on (${depends}).")
      endif()
    endforeach()
  endforeach()
endfunction()

# Fails the configure when a chapter's folder has no qfs_add_chapter line.
function(qfs_check_all_chapters_registered)
  get_property(registered GLOBAL PROPERTY QFS_CHAPTERS)
  file(GLOB folders RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/[0-9][0-9]_*")
  foreach(folder IN LISTS folders)
    if(NOT folder IN_LIST registered)
      message(FATAL_ERROR "chapters/${folder} is not registered.\n"
        "Add a qfs_add_chapter(${folder} ...) line to chapters/CMakeLists.txt.")
    endif()
  endforeach()
endfunction()
