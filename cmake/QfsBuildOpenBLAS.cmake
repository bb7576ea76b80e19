# qfs_cblas from the fetched sources in OpenBLAS_dir: float32 only, no LAPACK, no Fortran; about half a
# minute on two cores. Built as a project of its own, so that its options do not meet ours.
include(ExternalProject)
find_package(Threads REQUIRED)
set(openblas_build "${CMAKE_BINARY_DIR}/_deps/openblas-own-build")
set(openblas_cpu "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # The kernels for AVX2 and for older CPUs, chosen at run time. Release 0.3.21 cannot name newer CPUs,
  # so it must not look for the name.
  set(openblas_cpu -DTARGET=GENERIC -DDYNAMIC_ARCH=ON -DDYNAMIC_LIST=HASWELL)
endif()
ExternalProject_Add(openblas_own_build
  SOURCE_DIR "${OpenBLAS_dir}"
  BINARY_DIR "${openblas_build}"
  CMAKE_ARGS -DCMAKE_BUILD_TYPE=Release -DBUILD_SINGLE=ON -DBUILD_WITHOUT_LAPACK=ON -DNOFORTRAN=ON
    -DBUILD_TESTING=OFF ${openblas_cpu}
  BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR> --target openblas_static
  INSTALL_COMMAND ""
  BUILD_BYPRODUCTS "${openblas_build}/lib/libopenblas.a")
# Of its headers only the generated ones may be seen: the sources have a cpuid.h of their own.
file(MAKE_DIRECTORY "${openblas_build}/generated")
add_library(qfs_cblas INTERFACE IMPORTED)
target_include_directories(qfs_cblas INTERFACE "${openblas_build}/generated" "${openblas_build}")
target_link_libraries(qfs_cblas INTERFACE "${openblas_build}/lib/libopenblas.a" Threads::Threads m)
add_dependencies(qfs_cblas openblas_own_build)
