#!/usr/bin/env bash
# tests/other_machines/old_cpu.sh [BUILD]
#
# Runs what has been built in BUILD (build/release) as on an Intel CPU of 2008, which has no AVX: the programs
# and unit tests of the chapters that bring kernels must find out, and do everything by backend `ref`. An
# instruction too many is a SIGILL. With --avx2, as on a CPU that has AVX2 and nothing wider. About a minute
# each on two cores. Debian 12: apt-get install qemu-user
set -euo pipefail

cpu=Nehalem blas=Nehalem
if [[ ${1-} == --avx2 ]]; then
  cpu=max blas=Haswell # qemu 7.2 knows AVX2, and neither VNNI nor AMX
  shift
fi
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
[[ $(uname -m) == x86_64 ]] || {
  echo "skipped: this is no x86-64"
  exit 0
}
command -v qemu-x86_64 >/dev/null || {
  echo "qemu-x86_64 is missing; on Debian 12: apt-get install qemu-user" >&2
  exit 2
}
build=$(cd -P -- "${1:-$root/build/release}" && pwd)
log=$(mktemp)
trap 'rm -f -- "$log"' EXIT
passed=0 failed=0

# A program that starts itself or another one again would leave the emulation: no OpenBLAS that is to be
# started anew (common/blas_start.hpp), and the tests' programs emulated too (tests/support/run_program.hpp).
export OPENBLAS_CORETYPE=$blas OPENBLAS_NUM_THREADS=1 QFS_TEST_EMULATOR="qemu-x86_64 -cpu $cpu"
unset QFS_FORCE_ISA

# judge NAME COMMAND ...: counts it, and shows what it said where it fails.
judge() {
  local name=$1
  shift
  if "$@"; then
    ((++passed))
    echo "passed: $name"
  else
    ((++failed))
    echo "FAILED: $name"
    tail -n 40 "$log"
  fi
}
# on CODE PROGRAM [ARGUMENT ...]: whether it ends so.
on() {
  local expected=$1 program=$2 code=0
  shift 2
  timeout 300 qemu-x86_64 -cpu "$cpu" "$build/chapters/$program" "$@" >"$log" 2>&1 || code=$?
  ((code == expected)) || {
    echo "exit code $code, expected $expected"
    return 1
  }
}
said() { grep -qE -- "$1" "$log"; }

for program in ch10_kernel_ladder ch11_avx2_kernel ch12_wider_instructions ch17_int4_weights ch13_int8_engine; do
  judge "$program --quick" on 0 "$program" --quick
done
# Which backend, and that the line of the CPU is the emulated one's: the emulation has not been left.
if [[ $cpu == max ]]; then
  judge "the engine takes avx2" said '^backend avx2$'
  judge "the CPU is known by AVX2 alone" said ', AVX2(, FMA)?; GCC|, AVX2(, FMA)?; Clang'
else
  judge "the engine takes ref" said '^backend ref$'
  judge "no instruction set is found" said '^[^,]*; (GCC|Clang) '
  judge "avx2 cannot be forced" env QFS_FORCE_ISA=avx2 bash -c "$(declare -f on said)
    cpu=$cpu build='$build' log='$log'; on 2 ch13_int8_engine --quick && said 'a CPU with AVX2'"
fi
for test in ch10_test ch11_test ch12_test ch13_test ch17_test; do
  judge "$test" on 0 "$test"
  [[ $cpu == max ]] || judge "$test says what it skips" said 'this CPU (has no|cannot run)|nothing runs|No tests ran|neither|no AVX2'
done

echo "$passed passed, $failed failed"
((failed == 0))
