# The installable library: headers under include/qfs/, one library per chapter (qfs::chNN_name), those of
# common/, and the package that find_package(qfs) reads. qfs::qfs is all the chapters together.
if(QFS_FETCHED)
  list(JOIN QFS_FETCHED " " fetched)
  message(STATUS "No installation: it would need the libraries that were fetched here:${fetched}")
  return()
endif()
include(CMakePackageConfigHelpers)

get_property(chapters GLOBAL PROPERTY QFS_CHAPTERS)
list(TRANSFORM chapters REPLACE "(.+)" "ch\\1_lib" OUTPUT_VARIABLE libraries)
add_library(qfs INTERFACE)
add_library(qfs::qfs ALIAS qfs)
target_link_libraries(qfs INTERFACE qfs_common ${libraries})
set_target_properties(qfs_arithmetic PROPERTIES EXPORT_NAME arithmetic)
foreach(chapter IN LISTS chapters)
  get_target_property(type ch${chapter}_lib TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    set_target_properties(ch${chapter}_lib PROPERTIES OUTPUT_NAME "qfs_ch${chapter}")
  endif()
endforeach()
install(TARGETS qfs qfs_arithmetic qfs_core qfs_datasets qfs_common ${libraries} EXPORT qfsTargets)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/qfs")
install(EXPORT qfsTargets NAMESPACE qfs:: DESTINATION "${package}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/common" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/qfs"
  FILES_MATCHING PATTERN "*.hpp")
foreach(chapter IN LISTS chapters)
  get_property(headers GLOBAL PROPERTY QFS_HEADERS_${chapter})
  foreach(header IN LISTS headers)
    get_filename_component(place "${chapter}/${header}" DIRECTORY)
    install(FILES "${PROJECT_SOURCE_DIR}/chapters/${chapter}/${header}"
      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/qfs/${place}")
  endforeach()
endforeach()

# All components, and those that need no library but xtensor.
list(TRANSFORM chapters PREPEND "ch" OUTPUT_VARIABLE all_components)
list(PREPEND all_components qfs core common)
get_property(core_components GLOBAL PROPERTY QFS_CORE_CHAPTERS)
list(TRANSFORM core_components PREPEND "ch")
list(PREPEND core_components core)
list(JOIN all_components " " all_components)
list(JOIN core_components " " core_components)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/qfsConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/qfsConfig.cmake" INSTALL_DESTINATION "${package}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/qfsConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/qfsConfig.cmake" "${CMAKE_BINARY_DIR}/qfsConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/QfsCblas.cmake" DESTINATION "${package}")
