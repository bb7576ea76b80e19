#!/usr/bin/env bash
# check_test.sh REPOSITORY: how ./learn puts, judges and lists the exercises.
repository=$1
source "$1/tests/learn/miniature.sh"
ulimit -S -c "$(ulimit -H -c)" # where core files are allowed, check must not leave one
passes="echo '$judged'"

# start: a whole copy or none; what has its name is not touched.
new_course
expect 0 "Your copy: work/01_1/1_first.hpp" start 1.1
check_that "it is a copy" cmp "$course/work/01_1/1_first.hpp" "$course/chapters/01_one/exercises/1_first.hpp"
expect 2 "already started" start 1.1
expect 0 "Your copy: work/01_2/2_second.hpp" start 01.2
for make in 'mkdir' 'mkfifo' 'ln -s /nowhere'; do
  rm -rf "$course/work"
  mkdir -p "$course/work/01_1"
  $make "$course/work/01_1/1_first.hpp"
  expect 2 "which is no regular file" start 1.1
  expect 2 "is not started" check 1.1
done
rm -rf "$course/work"
stand_in cp <<<': >"${@: -1}"; exit 1' # a full disk
expect 2 "room on the disk" start 1.1
stand_in cp <<<': >"${@: -1}"' # one that says nothing
expect 2 "room on the disk" start 1.1
check_that "nothing is left of it" rmdir "$course/work/01_1"
rm "$scratch/bin/cp"
expect 2 "is not started" check 1.1
expect 0 "0 of 2 passed" progress

# check builds what it judges, every time.
new_course
expect 0 "Your copy" start 1.1
judge_does "$passes"
forget
expect 0 "Exercise 1.1 passes" check 1.1
called 1 '^cmake --build .* --target exercise_01_1 '
expect 0 "Exercise 1.1 passes" check 01.1
called 2 '^cmake --build .* --target exercise_01_1 '
silent_about "judged:"
expect 0 "1 of 2 passed" progress
expect 1 "the build failed" BUILD_CODE=1 check 1.1
silent_about "passes"
rm "$course/work/01_1/passed" && mkdir "$course/work/01_1/passed"
expect 2 "cannot be noted" check 1.1
rmdir "$course/work/01_1/passed"

judge_does "echo 'All tests passed: no std::bad_alloc'; $passes"
expect 0 "Exercise 1.1 passes" check 1.1

# What does not pass, and why; none of it leaves a mark of having passed.
refuses() { # TEXT COMMANDS
  judge_does "$2"
  expect 1 "Not yet: $1" QFS_CHECK_SECONDS="${seconds:-20}" check 1.1
  silent_about "passes"
  silent_about "tools/learn" # no word of bash's own on how it ended
  check_that "it is not noted as passed" test ! -e "$course/work/01_1/passed"
  judge_does "$passes"
  expect 0 "Exercise 1.1 passes" check 1.1
}
refuses "the first failure stands above" "$passes; exit 1"
refuses "the first failure stands above" "$passes; exit 42"
refuses "it crashed (signal 11)" 'kill -SEGV $$'
refuses "it crashed (signal 6)" "$passes; kill -ABRT \$\$"
refuses "it crashed (signal 9)" "$passes; kill -KILL \$\$"
refuses "the program ended before it was judged" 'exit 0'
refuses "the program ended before it was judged" 'echo "All tests passed (3 assertions in 1 test case)"'
refuses "the program ended before it was judged" 'echo "judged: 0 assertions, all passed"'
refuses "the program ended before it was judged" 'echo "judged: 7 assertions, 1 failed"'
refuses "the program ended before it was judged" "$passes; echo more"
refuses "the program ended before it was judged" "echo 'x $judged'"
refuses "the program ended before it was judged" "echo '${judged}?'"
refuses "it was stopped when it had written 1 MB" 'while :; do echo "and on and on and on and on and on"; done'
refuses "it was stopped when it had written 1 MB" 'exec head -c 2000000 /dev/zero'
refuses "it asked for more than the 4 GB" 'echo "unexpected exception: std::bad_alloc"; exit 1'
judge_does 'echo "limits $(ulimit -v) $(ulimit -f) $(ulimit -c) $OPENBLAS_NUM_THREADS $1"; exit 1'
expect 1 "limits 4194304 1024 0 1 --abort" check 1.1
judge_does 'echo "limit $(ulimit -v)" # __asan_init'
expect 1 "limit unlimited" check 1.1
seconds=1
refuses "it was stopped after 1 seconds" 'while :; do :; done'
refuses "it was stopped after 1 seconds" "trap '' TERM; $passes; sleep 15; touch '$scratch/went on'"
check_that "one that ignores SIGTERM is stopped too" test ! -e "$scratch/went on"
seconds=20

# What it says is shown, the end of it if it is long.
judge_does 'echo from-stdout; echo from-stderr >&2; exit 1'
expect 1 "from-stdout" check 1.1
expect 1 "from-stderr" check 1.1
judge_does 'seq 201; exit 1'
expect 1 "... 1 lines, then:
2
3" check 1.1
judge_does 'seq 200; exit 1'
expect 1 "
1
2" check 1.1
silent_about "lines, then"

# What it leaves running ends with it.
judge_does "sleep 300 & echo \$! >'$scratch/left'; $passes"
expect 0 "passes" check 1.1
check_that "what it left has ended" eval '! running "$(<"$scratch/left")"'

# The life of a copy, as progress tells it.
expect 0 "1.1   first                        passed" progress
echo "// more" >>"$course/work/01_1/1_first.hpp"
expect 0 "1.1   first                        changed since it passed" progress
expect 0 "1.2   second                       not started" progress
expect 0 "Your copy" start 1.2
expect 0 "1.2   second                       started" progress
expect 0 "0 of 2 passed" progress

exit $((failures > 0))
