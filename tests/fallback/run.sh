#!/usr/bin/env bash
# tests/fallback/run.sh SOURCES [BUILD]
#
# Builds and tests the project as if none of its libraries were installed, with each of them taken from
# SOURCES in place of the network. SOURCES holds one folder per library, named as below; each is the
# unpacked source of the version that cmake/QfsDependencies.cmake pins. On Debian 12, with deb-src
# enabled, `apt-get source --download-only xtensor xtl cli11 nlohmann-json3 libstb zlib openblas catch2`
# fetches them; where the archive no longer has a header-only library's source, the headers of its -dev
# package in an include/ folder are the same files.
set -euo pipefail

libraries=(xtl xtensor CLI11 nlohmann_json stb zlib OpenBLAS Catch2)
packages=(xtensor CLI11 nlohmann_json stb ZLIB OpenBLAS Catch2) # as find_package calls them

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
sources=${1:?usage: tests/fallback/run.sh SOURCES [BUILD]}
sources=$(cd -P -- "$sources" && pwd)
build=${2:-$root/build/fallback}

options=(-DFETCHCONTENT_FULLY_DISCONNECTED=ON)
for library in "${libraries[@]}"; do
  if [[ ! -d $sources/$library ]]; then
    echo "$sources/$library is missing; expected one folder for each of: ${libraries[*]}" >&2
    exit 2
  fi
  options+=("-DFETCHCONTENT_SOURCE_DIR_${library^^}=$sources/$library")
done
for package in "${packages[@]}"; do options+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done

cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${options[@]}"
cmake --build "$build" -j "$(nproc)"
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" -LE 'maintainer|fuzz'
