#!/usr/bin/env bash
# build_test.sh REPOSITORY: how ./learn configures, builds and tests.
repository=$1
source "$1/tests/learn/miniature.sh"

# A build that fails is exit code 1 with advice, and nothing runs after it.
new_course
expect 1 "what to do" BUILD_CODE=1 1
silent_about "ch01_one"
expect 1 "the build failed" BUILD_CODE=2
silent_about "table"
expect 1 "the build failed" BUILD_CODE=1 test
called 0 '^ctest'
expect 1 "the build failed" BUILD_CODE=1 diff
expect 1 "git status" BUILD_CODE=1 BUILD_SAYS="error: expected ;" 1
expect 1 "room on the disk" BUILD_CODE=1 BUILD_SAYS="fatal: No space left on device" 1
expect 1 "memory ran out" BUILD_CODE=1 BUILD_SAYS="g++: fatal error: Killed signal terminated program" 1
expect 1 "memory ran out" BUILD_CODE=1 BUILD_SAYS="cc1plus: Cannot allocate memory" 1
expect 1 "No space" BUILD_CODE=1 BUILD_SAYS="fatal: No space left on device" 1  # the log's end is shown
check_that "the log is kept" grep -q "No space" "$course/build/release/learn.log"

# What there is to build is built, and only that.
forget
expect 0 "building chapter 01" 1
called 1 '^cmake --build .*/build/release --target ch01_one -j [1-9]'
forget
expect 0 "ch01_one" UP_TO_DATE=1 1
silent_about "building"
called 0 '^cmake --build'

# The tests: ctest's failure is ours, whatever its code; the reader's tests only.
forget
expect 0 "building the chapters and their tests" test
called 1 '^cmake --build .* --target all'
called 1 '^ctest --test-dir .*/build/release --output-on-failure --no-tests=error .*-LE maintainer\|fuzz'
for failure in 1 8 137; do expect 1 "" CTEST_CODE=$failure test; done

# Configured once, and afresh after a failure, in a clone that was moved, and where the cache was cut.
new_course
forget
expect 0 "preparing build/release" 1
expect 0 "ch01_one" 1
silent_about "preparing"
called 1 '^cmake -S .* --preset release'
new_course
echo "CMAKE_CXX_FLAGS:STRING=-odd" >"$scratch/cache"
mkdir -p "$course/build/release/CMakeFiles" && cp "$scratch/cache" "$course/build/release/CMakeCache.txt"
expect 2 "could not be prepared" CONFIGURE_CODE=1 1
silent_about "ch01_one "
check_that "a failed attempt is forgotten" test ! -e "$course/build/release/CMakeCache.txt"
expect 0 "preparing" 1
for folder in "$course/old" ''; do
  echo "CMAKE_HOME_DIRECTORY:INTERNAL=$folder" >"$course/build/release/CMakeCache.txt"
  touch "$course/build/release/CMakeFiles"
  expect 0 "preparing" 1
  check_that "it starts afresh" test ! -e "$course/build/release/CMakeFiles"
  expect 0 "ch01_one" 1
  silent_about "preparing"
done
rm "$course/build/release/build.ninja"
expect 0 "preparing" 1

# Build files that ninja cannot read are made anew, once.
forget
expect 0 "making them anew" NINJA_CODE=1 1
called 1 '^cmake -S'
called 1 '^cmake --build'

# An old CMake is named, with the remedy; one of a later number is not.
for version in 3.21.7 3.9 2.8.12.2 ''; do
  new_course
  expect 2 "got:        CMake ${version:-of an unknown version}" CMAKE_IS="$version" 1
  called 0 '^cmake -S'
done
[[ $said == *"pip install cmake"* ]] || fail "an old CMake" "$said" "the remedy"
for version in 3.22 3.22.0 3.30.1 4.0.0-rc1 10.1; do
  rm -f "$course/build/release/build.ninja"
  expect 0 "ch01_one" CMAKE_IS=$version 1
done

# A file of the build that was cut is built anew: one that ninja has made again since is not touched.
new_course
mkdir -p "$course/build/release/common"
echo whole >"$course/build/release/common/lib.a"
echo whole >"$course/build/release/chapters/ch01_test"
log() { printf '# ninja log v5\n1\t2\t%d\t%s\t%s\n' 3 common/lib.a "$1" 3 chapters/ch01_test "$1"; }
log a1 >"$course/build/release/.ninja_log"
expect 0 "ch01_one" 1
expect 0 "ch01_one" UP_TO_DATE=1 1
silent_about "Damaged"
: >"$course/build/release/common/lib.a"
expect 0 "Damaged files of the build, built anew: 1, the first common/lib.a" 1
check_that "it is removed" test ! -e "$course/build/release/common/lib.a"
check_that "the other stays" test -s "$course/build/release/chapters/ch01_test"
log a2 >"$course/build/release/.ninja_log"
echo "another, longer program" >"$course/build/release/chapters/ch01_test"
expect 0 "ch01_one" 1
silent_about "Damaged"
check_that "it stays" test -s "$course/build/release/chapters/ch01_test"

# The texts and figures: built by their targets, and a failure is told.
for target in docs figures; do
  stand_in gnuplot <<<''
  forget
  expect 0 "rewriting" $target
  called 1 "^cmake --build .* --target $target"
  expect 2 "could not be rewritten" BUILD_CODE=1 $target
done

exit $((failures > 0))
