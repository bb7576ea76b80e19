# Configuring and building, by the presets of CMakePresets.json.
# shellcheck shell=bash

# configure PRESET: once; afterwards ninja itself runs CMake again when a CMake file has changed.
configure() { is_prepared "$root/build/$1" || prepare "$1"; }

# Whether a folder holds a build of this clone: CMake's cache names the folder it was made for, so that a
# copy of the clone starts afresh.
is_prepared() {
  [[ -f $1/build.ninja ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$1/CMakeCache.txt" 2>/dev/null
}

# prepare PRESET: without what an earlier attempt, which may have failed or been cut off, has noted.
prepare() {
  local build="$root/build/$1" missing
  require_cmake
  make_folder "$build"
  rm -rf -- "$build/CMakeCache.txt" "$build/CMakeFiles" "$build/build.ninja" 2>/dev/null ||
    refuse "cannot start the build afresh" "$build" "" "delete it: rm -rf '$build'"
  quietly "preparing build/$1" "$build/learn.log" cmake -S "$root" --preset "$1" && return
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    refuse "the build could not be prepared" "the messages above" "" \
      "repair what they name; if nothing helps, delete build/$1 and try again"
  fi
  refuse "the build could not be prepared: libraries are missing and could not be fetched" \
    "without ${missing[*]}" "them installed, or a network that reaches their sources" \
    "on Debian and Ubuntu:  $(apt_line "${missing[@]}")"
}

require_cmake() {
  local version=""
  read -r _ _ version _ < <(cmake --version 2>/dev/null) || true
  [[ -n $version ]] && printf '%s\n' 3.22 "$version" | sort -CV && return
  refuse "this CMake is too old" "CMake ${version:-of an unknown version}" "CMake 3.22 or later" \
    "install a newer one, for example with: python3 -m pip install cmake  (or from https://cmake.org/download)"
}

# build PRESET MESSAGE TARGET ...: builds, and says so when there is something to build. A build that
# fails is a check that failed: exit code 1.
build() {
  local preset=$1 message=$2 build="$root/build/$1" plan
  shift 2
  take_lock
  set_up
  configure "$preset"
  remove_damaged "$build"
  if ! plan=$(ninja -C "$build" -n "$@" 2>&1); then
    say "The build files in build/$preset are damaged or out of date; making them anew."
    prepare "$preset"
    plan=""
  fi
  if [[ $plan != *"no work to do"* ]]; then
    make_folder "$build"
    quietly "$message" "$build/learn.log" cmake --build "$build" --target "$@" -j "$(nproc)" ||
      build_failed "$preset"
  fi
  note_made_files "$build"
  release_lock
}

# build_failed PRESET
build_failed() {
  local log="$root/build/$1/learn.log" what="the build failed" advice
  if grep -q 'No space left on device' "$log"; then
    advice="make room on the disk, then run this again"
  elif grep -qE 'Killed signal|[Cc]annot allocate memory|memory exhausted' "$log"; then
    advice="the memory ran out: end other programs, then run this again"
  else
    advice="mend what the first error names, in your exercise or elsewhere (git status lists what differs \
from the course); if it names a file in build/, delete that folder: rm -rf build/$1"
  fi
  explain "$what" "the messages above" "" "$advice"
  exit 1
}

# Prints "FILE <tab> when and how ninja made it <tab> SIZE" of every object, library and program of a build.
made_files() {
  (
    cd "$1" && [[ -f .ninja_log ]] || return 0
    cut -sf 4 .ninja_log | grep -E '\.(o|a|gch)$|/[^./]+$' | sort -u | tr '\n' '\0' |
      xargs -0 stat -c $'%n\t%s' 2>/dev/null |
      awk -F '\t' 'NR == FNR { size[$1] = $2; next }
        $4 in size { line[$4] = $4 FS $1 " " $2 " " $5 FS size[$4] }
        END { for (file in line) print line[file] }' - .ninja_log
  ) || true
}

note_made_files() { { made_files "$1" >"$1/learn.made"; } 2>/dev/null || rm -f -- "$1/learn.made"; }

# A file that ninja has not made again and whose size is another one was cut: by a full disk, or a machine
# that went down. Ninja sees only that it is new; without the file it builds it anew.
remove_damaged() {
  local damaged
  [[ -f $1/learn.made ]] || return 0
  mapfile -t damaged < <(made_files "$1" | awk -F '\t' 'NR == FNR { size[$1 FS $2] = $3; next }
    ($1 FS $2) in size && size[$1 FS $2] != $3 { print $1 }' "$1/learn.made" -)
  if ((${#damaged[@]} == 0)); then return; fi
  say "Damaged files of the build, built anew: ${#damaged[@]}, the first ${damaged[0]}"
  (cd "$1" && rm -f -- "${damaged[@]}") || refuse "cannot remove damaged files" "$1" "" \
    "delete the folder: rm -rf '$1'"
}

# run_tool TARGET NAME [ARGUMENT ...]: builds one of the programs of tools/ and runs it.
run_tool() {
  build release "building $2" "$1"
  exec "$root/build/release/tools/$1" "${@:3}"
}

# test_command [--live [--seed N]]
test_command() {
  case ${1-} in
    "") run_tests ;;
    --live) run_live_tests "${@:2}" ;;
    *) refuse "./learn test does not know this option" "$*" "nothing, or --live [--seed N]" \
      "see ./learn --help" ;;
  esac
}

run_tests() {
  build release "building the chapters and their tests" all
  run ctest --test-dir "$root/build/release" --output-on-failure --no-tests=error -j "$(nproc)" \
    -LE 'maintainer|fuzz' || return 1
}
