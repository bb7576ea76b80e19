#!/usr/bin/env bash
# live_test.sh REPOSITORY: ./learn test --live, with a stand-in for Python and programs that report as Catch2 does.
repository=$1
source "$1/tests/learn/miniature.sh"

# reports CHAPTER SUCCESSES FAILURES: its test program; the line is Catch2's, the rest of the report left out.
reports() {
  write_program "$programs/ch$1_test" <<EOF2
[[ -d \$QFS_REFERENCE && \$1 == '[ref]~[committed]' ]] || exit 3
if [[ \$* != *"--reporter xml"* ]]; then echo "ch$1 says it in words"
else echo '  <OverallResults successes="900" failures="7" expectedFailures="0"/>
  <OverallResultsCases successes="$2" failures="$3" expectedFailures="0"/>'; fi
exit $3
EOF2
}

new_course
stand_in python3 <<'EOF2'
if [[ $1 != -c ]]; then
  mkdir -p "${!#}/ch01"
  [[ -n ${LEFT_OUT-} ]] || mkdir -p "${!#}/ch02"
  exit "${GENERATOR_CODE:-0}"
fi
[[ $2 != *print* ]] || echo "PyTorch 9"
EOF2
mkdir -p "$course/tests/reference"
touch "$course/tests/reference/ch01.py" "$course/tests/reference/ch02.py"
reports 01 3 0
reports 02 5 0
reports 03 0 0
forget
expect 0 "8 passed, 0 failed" PYTHON=python3 test --live --seed 010
called 1 'generate_reference.py --seed 10 --into '
called 1 '^cmake --build .* --target all'
[[ $said == *"ch01: 3 passed, 0 failed"* ]] || fail "a chapter" "$said" "its line"
silent_about "in words"
silent_about "ch03"
expect 0 "3 passed, 0 failed" PYTHON=python3 LEFT_OUT=1 test --live
[[ $said == *"ch02: left out"* ]] || fail "a chapter without its module" "$said" "that it was left out"
forget
expect 0 "seed " PYTHON=python3 test --live
called 1 'generate_reference.py --seed [0-9]+ --into '
reports 01 2 1
expect 1 "7 passed, 1 failed" PYTHON=python3 test --live --seed 5
[[ $said == *"ch01 says it in words"*"./learn test --live --seed 5"* ]] ||
  fail "a failure" "$said" "what the test says, and the seed"
silent_about "ch02 says"
for failure in 'kill -SEGV $$' 'exit 0' 'echo "<OverallResultsCases successes=\"0\" failures=\"0\"/>"'; do
  write_program "$programs/ch01_test" <<<"$failure"
  expect 1 "5 passed, 1 failed" PYTHON=python3 test --live
  [[ $said == *"ch01: crashed, or has nothing to compare"* ]] || fail "$failure" "$said" "crashed"
done
expect 1 "computing fresh reference outputs" PYTHON=python3 GENERATOR_CODE=1 test --live
silent_about "passed,"
expect 1 "the build failed" PYTHON=python3 BUILD_CODE=1 test --live
for seed in -1 1e3 x 1234567890 ''; do expect 2 "the seed is no number" PYTHON=python3 test --live --seed "$seed"; done
expect 2 "does not know this" PYTHON=python3 test --live --seeds 1

exit $((failures > 0))
