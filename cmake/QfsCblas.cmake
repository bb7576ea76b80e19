# qfs_cblas: the C interface of BLAS, from an installed OpenBLAS. Also part of the installed package, for
# the projects that link our libraries.
find_package(OpenBLAS QUIET)
if(OpenBLAS_LIBRARIES AND NOT TARGET qfs_cblas)
  add_library(qfs_cblas INTERFACE IMPORTED)
  target_include_directories(qfs_cblas INTERFACE ${OpenBLAS_INCLUDE_DIRS})
  target_link_libraries(qfs_cblas INTERFACE ${OpenBLAS_LIBRARIES})
endif()
