#!/usr/bin/env bash
# tests/other_machines/arm64.sh [BUILD]
#
# Cross-builds the project for 64-bit ARM and runs it under qemu: the unit tests, and the programs of the
# chapters whose output is the same on every machine, with the lines that need AVX2 and more left out. Takes
# about ten minutes on two cores. Debian 12: apt-get install g++-aarch64-linux-gnu qemu-user
#
# The libraries are Debian's own packages for arm64, unpacked into BUILD: nothing is installed, and dpkg never
# hears of another architecture.
set -euo pipefail

packages=(zlib1g zlib1g-dev libopenblas0-pthread libopenblas-pthread-dev libgfortran5 catch2 libxtensor-dev
  xtl-dev libcli11-dev nlohmann-json3-dev libstb-dev)

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/build/arm64}
mkdir -p "$build"
build=$(cd -P -- "$build" && pwd)
for tool in aarch64-linux-gnu-g++ qemu-aarch64 apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing; on Debian 12: apt-get install g++-aarch64-linux-gnu qemu-user" >&2
    exit 2
  }
done

sysroot=$build/sysroot
if [[ ! -d $sysroot ]]; then
  apt=$build/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,packages}
  : >"$apt/status"
  options=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State=$apt"
    -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1)
  (cd "$apt/packages" && apt-get "${options[@]}" -q update && apt-get "${options[@]}" -q download "${packages[@]}")
  for package in "$apt"/packages/*.deb; do dpkg-deb -x "$package" "$sysroot.new"; done
  # The one file that names its folder from the root.
  sed -i "s| /usr/| $sysroot/usr/|" "$sysroot.new"/usr/lib/aarch64-linux-gnu/openblas-pthread/cmake/openblas/*.cmake
  mv "$sysroot.new" "$sysroot"
fi

lib=$sysroot/usr/lib/aarch64-linux-gnu
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DQFS_WERROR=ON \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64;-L;/usr/aarch64-linux-gnu;-E;LD_LIBRARY_PATH=$lib/openblas-pthread:$lib" \
  -DCMAKE_FIND_ROOT_PATH="$sysroot" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
  -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
  -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY -DCMAKE_LIBRARY_ARCHITECTURE=aarch64-linux-gnu \
  -DOpenBLAS_DIR="$lib/openblas-pthread/cmake/openblas" \
  -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath-link,$lib"

programs=(ch01_affine_math ch02_integer_products ch06_static_ptq ch10_kernel_ladder ch11_avx2_kernel
  ch12_wider_instructions ch13_int8_engine)
tests=(ch01_test ch02_test ch10_test ch11_test ch12_test ch13_test)
cmake --build "$build" -j "$(nproc)" --target qfs_golden "${programs[@]}" "${tests[@]}"

# run FILE [ARGUMENT ...]. A program that starts itself or another one again would leave the emulation: no
# OpenBLAS that is to be started anew, and the tests' programs emulated too.
export QFS_TEST_EMULATOR="qemu-aarch64 -L /usr/aarch64-linux-gnu"
export QEMU_SET_ENV="LD_LIBRARY_PATH=$lib/openblas-pthread:$lib"
export OPENBLAS_NUM_THREADS=1
unset OPENBLAS_CORETYPE QFS_FORCE_ISA
passed=0 failed=0
judge() {
  local name=$1
  shift
  if "$@"; then
    ((++passed))
    echo "passed: $name"
  else
    ((++failed))
    echo "FAILED: $name"
  fi
}
run() { $QFS_TEST_EMULATOR "$build/chapters/$1" "${@:2}"; }

# golden PROGRAM: prints what it should, without the lines that need an instruction set of x86-64.
golden() {
  $QFS_TEST_EMULATOR "$build/tools/qfs_golden" "$root/chapters/${1#ch}/expected_output.txt" \
    $QFS_TEST_EMULATOR "$build/chapters/$1"
}
for program in "${programs[@]:0:2}"; do judge "$program prints the same" golden "$program"; done
for program in "${programs[@]:2}"; do judge "$program --quick" run "$program" --quick >/dev/null; done
for test in "${tests[@]}"; do judge "$test" run "$test"; done
echo "$passed passed, $failed failed"
((failed == 0))
