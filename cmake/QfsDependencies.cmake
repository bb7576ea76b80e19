# The libraries this project stands on: the installed package first, else the version of Debian 12 is
# fetched. Their headers are system headers, so that only our own code can warn.
#
# How each pin was verified:
#   Catch2, nlohmann_json   the commit stands in the header of Debian's source archive, which is the
#                           project's own (zcat NAME.orig.tar.gz | git get-tar-commit-id)
#   zlib, OpenBLAS, stb     the commit that other distributions record for the same release
#   xtensor, xtl            Debian's signed .dsc files hold the SHA-256 of the projects' own archives
#   CLI11                   the SHA-256 that other distributions record for the project's archive
# tests/fallback/run.sh builds and tests with each of them from local sources.
include(FetchContent)
if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW)  # an archive's files get the time of their download
endif()
set(QFS_FETCHED "" CACHE INTERNAL "the libraries that were fetched, not found")

# qfs_fetch(NAME VERSION source ...): fetches a library's files, and nothing else: no file of its own
# build is run. Sets NAME_dir in the caller.
function(qfs_fetch name version)
  message(STATUS "${name} is not installed: fetching ${version}")
  FetchContent_Declare(${name} ${ARGN} SOURCE_SUBDIR its-own-build-is-not-used)
  FetchContent_MakeAvailable(${name})
  string(TOLOWER ${name} lower)
  set(${name}_dir "${${lower}_SOURCE_DIR}" PARENT_SCOPE)
  set(QFS_FETCHED "${QFS_FETCHED};${name}" CACHE INTERNAL "")
endfunction()

# qfs_header_library(target directory): a library that is only headers.
function(qfs_header_library target directory)
  string(REPLACE "::" "_" plain "fetched_${target}")
  add_library(${plain} INTERFACE)
  target_include_directories(${plain} SYSTEM INTERFACE "${directory}")
  add_library(${target} ALIAS ${plain})
endfunction()

# Tensors.
find_package(xtensor QUIET)
if(NOT TARGET xtensor)
  qfs_fetch(xtl 0.7.2 URL https://github.com/xtensor-stack/xtl/archive/0.7.2.tar.gz
    URL_HASH SHA256=95c221bdc6eaba592878090916383e5b9390a076828552256693d5d97f78357c)
  qfs_fetch(xtensor 0.24.3 URL https://github.com/xtensor-stack/xtensor/archive/0.24.3.tar.gz
    URL_HASH SHA256=3acde856b9fb8cf4e2a7b66726da541275d40ab9b002e618ad985ab97f08ca4f)
  qfs_header_library(xtensor "${xtensor_dir}/include")
  target_include_directories(fetched_xtensor SYSTEM INTERFACE "${xtl_dir}/include")
endif()

# Command lines.
find_package(CLI11 QUIET)
if(NOT TARGET CLI11::CLI11)
  qfs_fetch(CLI11 2.1.2 URL https://github.com/CLIUtils/CLI11/archive/v2.1.2.tar.gz
    URL_HASH SHA256=26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb)
  qfs_header_library(CLI11::CLI11 "${CLI11_dir}/include")
endif()

# JSON.
find_package(nlohmann_json QUIET)
if(NOT TARGET nlohmann_json::nlohmann_json)
  qfs_fetch(nlohmann_json 3.11.2 GIT_REPOSITORY https://github.com/nlohmann/json.git
    GIT_TAG bc889afb4c5bf1c0d8ee29ef35eaaf4c8bef8a5d)
  qfs_header_library(nlohmann_json::nlohmann_json "${nlohmann_json_dir}/include")
endif()

# PNG pictures: headers that are compiled into common/image.cpp.
if(NOT CMAKE_DISABLE_FIND_PACKAGE_stb)
  find_path(QFS_STB_DIR stb_image.h PATH_SUFFIXES stb)
endif()
if(NOT QFS_STB_DIR)
  qfs_fetch(stb 2022-09-08 GIT_REPOSITORY https://github.com/nothings/stb.git
    GIT_TAG 8b5f1f37b5b75829fc72d38e7b5d4bcbf8a26d55)
  set(QFS_STB_DIR "${stb_dir}")
endif()
add_library(qfs_stb INTERFACE IMPORTED)
target_include_directories(qfs_stb INTERFACE "${QFS_STB_DIR}")

# .gz files.
find_package(ZLIB QUIET)
if(NOT TARGET ZLIB::ZLIB)
  qfs_fetch(zlib 1.2.13 GIT_REPOSITORY https://github.com/madler/zlib.git
    GIT_TAG 04f42ceca40f73e2978b50e93806c2a18c1281fc)
  include(QfsBuildZlib)
endif()

# Float products for training and for speed.
include(QfsCblas)
if(NOT TARGET qfs_cblas)
  qfs_fetch(OpenBLAS 0.3.21 GIT_REPOSITORY https://github.com/xianyi/OpenBLAS.git
    GIT_TAG b89fb708caa5a5a32de8f4306c4ff132e0228e9a)
  include(QfsBuildOpenBLAS)
endif()

# ONNX files: chapters 23 and 24. There is no fallback: ONNX's own build needs protobuf's, which takes longer
# than all of ours, and Python. Without the packages these chapters are left out (chapters/CMakeLists.txt).
find_package(Protobuf QUIET)
if(Protobuf_FOUND)
  find_package(ONNX QUIET)
endif()
set(QFS_WITH_ONNX OFF)
if(TARGET onnx AND TARGET onnx_proto AND TARGET protobuf::libprotobuf)
  set(QFS_WITH_ONNX ON)
  # For the one source that includes its headers; the rest of its library shares a precompiled header.
  get_target_property(QFS_ONNX_DEFINITIONS onnx INTERFACE_COMPILE_DEFINITIONS)
  get_target_property(QFS_ONNX_INCLUDES onnx INTERFACE_INCLUDE_DIRECTORIES)
  list(REMOVE_ITEM QFS_ONNX_INCLUDES ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
endif()

# Tests: Catch2 2.13 or 3.x.
if(QFS_BUILD_TESTS)
  find_package(Catch2 QUIET)
  if(NOT TARGET Catch2::Catch2WithMain)
    qfs_fetch(Catch2 2.13.10 GIT_REPOSITORY https://github.com/catchorg/Catch2.git
      GIT_TAG 182c910b4b63ff587a3440e08f84f70497e49a81)
    add_library(fetched_catch2_main STATIC "${Catch2_dir}/src/catch_with_main.cpp")
    target_include_directories(fetched_catch2_main SYSTEM PUBLIC "${Catch2_dir}/single_include")
    add_library(Catch2::Catch2WithMain ALIAS fetched_catch2_main)
    list(APPEND CMAKE_MODULE_PATH "${Catch2_dir}/contrib")
  endif()
endif()
