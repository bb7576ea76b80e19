# A miniature of the course for the tests of ./learn: three chapters, exercises, and stand-ins for cmake, ninja,
# ctest and the chapters' programs, so that no compiler is needed. Set `repository`, then source it.
# shellcheck shell=bash disable=SC2016,SC2154
set -uo pipefail

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
course="$scratch/a course with spaces"
programs="$course/build/release/chapters"
calls="$scratch/calls" # what the stand-ins were called with, a line each
failures=0

# write_program FILE: an executable script, from stdin.
write_program() {
  mkdir -p -- "$(dirname -- "$1")"
  { echo '#!/usr/bin/env bash' && cat; } >"$1"
  chmod +x "$1"
}

# stand_in NAME: comes before the NAME of this machine; notes its calls, and then does what stdin says.
stand_in() {
  { printf 'echo "%s $*" >>%q\n' "$1" "$calls" && cat; } | write_program "$scratch/bin/$1"
}

# new_course: a fresh copy, ready to be built; all that it builds passes.
new_course() {
  rm -rf -- "$course" "${scratch:?}/bin" "$calls"
  mkdir -p -- "$course/tools" "$scratch/bin"
  cp -- "$repository/learn" "$course"
  cp -r -- "$repository/tools/learn" "$course/tools"
  local chapter
  for chapter in 01_one 02_two 15_late; do
    mkdir -p -- "$course/chapters/$chapter/exercises" "$course/chapters/$chapter/solutions"
    chapter_does "$chapter" 'exit 0'
  done
  echo '// TODO' >"$course/chapters/01_one/exercises/1_first.hpp"
  echo '// TODO' >"$course/chapters/01_one/exercises/2_second.hpp"
  write_program "$course/build/release/tools/qfs_closing_table" <<<"echo \"table \${*##*/}\""
  touch "$calls"
  stand_in g++ <<<''
  stand_in dpkg-query <<<'for package in "${@:3}"; do echo "ii :$package:"; done'
  stand_in ctest <<<'exit "${CTEST_CODE:-0}"'
  stand_in ninja <<<'[[ -z ${UP_TO_DATE-} ]] || echo "ninja: no work to do."; exit "${NINJA_CODE:-0}"'
  stand_in cmake <<EOF2
case \$1 in
  --version) echo "cmake version \${CMAKE_IS-3.25.1}" ;;
  -S)
    ((\${CONFIGURE_CODE:-0} == 0)) || exit "\$CONFIGURE_CODE"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=\$2" >"\$2/build/release/CMakeCache.txt"
    touch "\$2/build/release/build.ninja" ;;
  --build) echo "\${BUILD_SAYS-}"; exit "\${BUILD_CODE:-0}" ;;
esac
EOF2
}

# chapter_does CHAPTER COMMANDS: its program leaves its figures, says its options, and runs the commands.
chapter_does() {
  write_program "$programs/ch$1" <<EOF2
echo "ch$1 \$*"
for option; do [[ \$option != *.json ]] || figures=\${option#--json=}; done
echo '{"models": []}' >"\${figures:-/dev/null}"
$2
EOF2
}

# judge_does COMMANDS: what the program of exercise 1.1 does.
judge_does() { write_program "$programs/exercise_01_1" <<<"$1"; }
judged='judged: 7 assertions, all passed'

# learn [NAME=VALUE ...] ARGUMENT ...: runs it with the stand-ins; sets code and said. One that waits for ever ends with 124.
learn() {
  local settings=()
  while [[ ${1-} == [A-Z]*=* ]]; do settings+=("$1") && shift; done
  code=0
  said=$(env "PATH=$scratch/bin:$PATH" "${settings[@]}" timeout --foreground 200 "$course/learn" "$@" \
    2>&1 </dev/null | tr -d '\0') || code=$?
}

# expect CODE TEXT ARGUMENT ...: learn ARGUMENT ... must end with CODE and say TEXT somewhere.
expect() {
  learn "${@:3}"
  if ((code != $1)) || [[ $said != *"$2"* ]]; then
    fail "learn ${*:3}" "exit code $code, \"$said\"" "exit code $1 and \"$2\""
  fi
}

# silent_about TEXT: what was said last must not hold it.
silent_about() { [[ $said != *"$1"* ]] || fail "the last learn" "\"$said\"" "nothing about \"$1\""; }

# called TIMES PATTERN: how many of the calls since the last `forget` match. Forgets nothing.
called() {
  local times
  times=$(grep -cE -- "$2" "$calls")
  ((times == $1)) || fail "calls of $2" "$times: $(<"$calls")" "$1"
}

# running PID: whether it runs; one that has ended and that nobody has waited for does not.
running() { [[ $(ps -o stat= -p "$1") == [!Z]* ]]; }

forget() { : >"$calls"; }

# check_that WHAT COMMAND ...: the command must succeed.
check_that() { "${@:2}" || fail "$1" "no" "yes"; }

fail() { # WHAT GOT EXPECTED
  printf '%s, line %d: %s\n  got:      %s\n  expected: %s\n' "$0" "${BASH_LINENO[1]}" "$1" "$2" "$3"
  failures=$((failures + 1))
}
