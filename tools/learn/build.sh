# Configuring and building, by the presets of CMakePresets.json.
# shellcheck shell=bash

# configure PRESET: once; afterwards ninja itself runs CMake again when a CMake file has changed.
configure() {
  local build="$root/build/$1"
  forget_if_moved "$build"
  [[ -f $build/build.ninja ]] && return
  make_folder "$build"
  quietly "preparing build/$1" "$build/learn.log" run_in_root cmake --preset "$1" && return
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    refuse "the build could not be prepared" "the messages above" "" \
      "repair what they name; if nothing helps, delete build/$1 and try again"
  fi
  refuse "the build could not be prepared: libraries are missing and could not be fetched" \
    "without ${missing[*]}" "them installed, or a network that reaches their sources" \
    "on Debian and Ubuntu:  $(apt_line "${missing[@]}")"
}

run_in_root() { (cd "$root" && "$@"); }

# CMake's cache names the folder it was made in; a copy of the folder starts afresh.
forget_if_moved() {
  [[ -f $1/CMakeCache.txt ]] || return 0
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$1/CMakeCache.txt" ||
    rm -rf -- "$1/CMakeCache.txt" "$1/CMakeFiles" "$1/build.ninja" 2>/dev/null ||
    refuse "cannot start the build afresh in a folder that was moved" "$1" "" "delete it: rm -rf $1"
}

# build PRESET MESSAGE TARGET ...: builds, and says so when there is something to build. A build that
# fails is a check that failed: exit code 1.
build() {
  local preset=$1 message=$2 build="$root/build/$1"
  shift 2
  set_up
  configure "$preset"
  if [[ $(ninja -C "$build" -n "$@" 2>/dev/null) == *"no work to do"* ]]; then return; fi
  make_folder "$build"
  quietly "$message" "$build/learn.log" cmake --build "$build" --target "$@" -j "$(nproc)" || exit 1
}

# run_tool TARGET NAME [ARGUMENT ...]: builds one of the programs of tools/ and runs it.
run_tool() {
  build release "building $2" "$1"
  "$root/build/release/tools/$1" "${@:3}"
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
  local code=0
  build release "building the chapters and their tests" all
  ctest --test-dir "$root/build/release" --output-on-failure -j "$(nproc)" -LE 'maintainer|fuzz' ||
    code=1
  return "$code"
}
