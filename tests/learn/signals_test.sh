#!/usr/bin/env bash
# signals_test.sh REPOSITORY: signals end ./learn with all that it started; one ./learn at a time builds.
repository=$1
source "$1/tests/learn/miniature.sh"
command -v setsid ps >/dev/null || { echo "skipped: setsid and ps are needed" && exit 77; }

# Notes its number and that of a process of its own, then waits, as a build or a lesson does.
lasting="sleep 300 & echo \$\$ \$! >'$scratch/pids'; wait"

# until_true COMMAND ...: waits for it, 20 s at most.
until_true() {
  local turn
  for turn in {1..400}; do
    "$@" && return
    sleep 0.05
  done
  return 1
}

# Whoever starts this test may ignore SIGINT, and so would ./learn.
heeding=(env --default-signal=INT)
"${heeding[@]}" true 2>/dev/null || heeding=(env)

# begin ARGUMENT ...: ./learn, which heeds SIGINT under set -m, until what it started has noted its pids.
begin() {
  rm -f "$scratch/pids"
  set -m
  "${heeding[@]}" "PATH=$scratch/bin:$PATH" TMPDIR="$scratch/tmp" "$course/learn" "$@" \
    >"$scratch/said" 2>&1 </dev/null &
  learn_pid=$!
  set +m
  until_true test -s "$scratch/pids" || fail "learn $*" "$(<"$scratch/said")" "a program that runs"
}

# ends_with SIGNAL CODE ARGUMENT ...: ./learn alone gets the signal, and ends with CODE; nothing runs on.
ends_with() {
  local pid code=0
  begin "${@:3}"
  kill "-$1" "$learn_pid"
  until_true eval '! running "$learn_pid"' || kill -KILL "$learn_pid"
  wait "$learn_pid" || code=$?
  ((code == $2)) || fail "$1 to learn ${*:3}" "exit code $code" "$2"
  [[ $(<"$scratch/said") == *stopped* ]] || fail "$1 to learn ${*:3}" "$(<"$scratch/said")" "stopped"
  for pid in $(<"$scratch/pids"); do
    ! running "$pid" || { fail "$1 to learn ${*:3}" "process $pid still runs" "none" && kill -KILL "$pid"; }
  done
  check_that "no temporary file is left" test -z "$(ls -A "$scratch/tmp")"
}

mkdir "$scratch/tmp"
new_course
chapter_does 01_one "$lasting"
judge_does "$lasting"
learn start 1.1
for signal in "TERM 143" "HUP 129" "INT 130"; do
  # shellcheck disable=SC2086
  ends_with $signal all
  # shellcheck disable=SC2086
  ends_with $signal check 1.1
done
judge_does "trap '' TERM; $lasting; wait" # one that will not end
ends_with TERM 143 check 1.1

chapter_does 01_one "trap 'touch $scratch/tidied; exit' TERM; $lasting" # one that tidies up
ends_with TERM 143 all
check_that "there is time to tidy up" test -e "$scratch/tidied"

# Ctrl-Z stops what runs with ./learn, and `fg` lets both go on.
stopped() { [[ $(ps -o stat= -p "$1") == T* ]]; }
going_on() { [[ $(ps -o stat= -p "$1") == [!TZ]* ]]; }
begin all
read -r pid _ <"$scratch/pids"
kill -TSTP "$learn_pid"
check_that "./learn stops" until_true stopped "$learn_pid"
check_that "what it runs stops" until_true stopped "$pid"
kill -CONT "$learn_pid"
check_that "./learn goes on" until_true going_on "$learn_pid"
check_that "what it runs goes on" until_true going_on "$pid"
kill "$learn_pid"
wait "$learn_pid"

# On a terminal that lets no background write, what runs writes all the same.
# Where no terminal can be made (a container without /dev/pts), there is nothing to try.
if command -v stty >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  chapter_does 01_one '[[ -t 1 ]] && echo "on the terminal"'
  said=$(cd "$course" && PATH="$scratch/bin:$PATH" timeout -k 1 20 \
    script -qec "stty tostop; ./learn" /dev/null </dev/null)
  [[ $said == *"on the terminal"*"table ch01.json"* ]] || fail "stty tostop" "$said" "the lesson, the table"
fi

# The build, the tests, and the preparation.
new_course
stand_in ctest <<<"$lasting"
ends_with TERM 143 test
new_course
stand_in cmake <<<"[[ \$1 != --version ]] || exec echo cmake version 3.25.1; $lasting"
ends_with TERM 143 test
check_that "a preparation cut off is no build" test ! -e "$course/build/release/build.ninja"
ends_with HUP 129 docs
new_course
learn 1
stand_in cmake <<<"$lasting"
ends_with INT 130 1

# The second one waits, says so, and goes on when the first has built.
new_course
learn 1
stand_in cmake <<<"$lasting"
stand_in sleep <<<"exec $(command -v sleep) \"\$@\""
begin 1
{
  PATH="$scratch/bin:$PATH" UP_TO_DATE=1 "$course/learn" 1 >"$scratch/second" 2>&1 </dev/null
  echo $? >"$scratch/code"
} &
until_true grep -qs "Another ./learn is building here" "$scratch/second" || fail "the second" "no word" "a word"
check_that "the second waits" until_true grep -q '^sleep 0.5' "$calls"
check_that "the second waits" test ! -e "$scratch/code"
silent=$(<"$scratch/second")
[[ $silent != *ch01_one* ]] || fail "the second" "$silent" "no lesson yet"
read -r pid _ <"$scratch/pids"
kill "$pid"
wait "$learn_pid"
until_true test -s "$scratch/code" || fail "the second" "$(<"$scratch/second")" "an end"
[[ $(<"$scratch/second") == *"ch01_one"* && $(<"$scratch/code") == 0 ]] ||
  fail "the second" "$(<"$scratch/second")" "the lesson"

# A lesson that runs keeps nobody waiting; nor does what a build has left in the background.
new_course
stand_in cmake <<<"[[ \$1 != --version ]] || exec echo cmake version 3.25.1
[[ \$1 == -S ]] && echo CMAKE_HOME_DIRECTORY:INTERNAL=\"\$2\" >\"\$2/build/release/CMakeCache.txt\" &&
  touch \"\$2/build/release/build.ninja\"
setsid sleep 20 & echo \$! >>'$scratch/servers'"
chapter_does 01_one "$lasting"
begin 1
expect 0 "ch02_two" 2
silent_about "Another"
kill "$learn_pid"
read -r -a pids <"$scratch/pids"
# shellcheck disable=SC2046
kill "${pids[@]}" $(<"$scratch/servers") 2>/dev/null
wait "$learn_pid" 2>/dev/null

exit $((failures > 0))
