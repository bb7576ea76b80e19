#!/usr/bin/env bash
# chapters_test.sh REPOSITORY: how ./learn runs the chapters and closes with the table.
repository=$1
source "$1/tests/learn/miniature.sh"

# One chapter: its options and its exit code are its own.
new_course
expect 0 "ch02_two --trace --seed 010" 2 --trace --seed 010
expect 0 "ch02_two --help" 02 --help
for failure in 1 2 139; do
  chapter_does 02_two "exit $failure"
  expect $failure "ch02_two" 2
done
chapter_does 02_two 'echo "error: QFS_FORCE_ISA names no backend: $QFS_FORCE_ISA" >&2; exit 2'
expect 2 "names no backend: nonsense" QFS_FORCE_ISA=nonsense 2 # the environment is the chapter's too
expect 2 "there is no chapter 03" 3
expect 2 "one of 01 02 15" 08
silent_about "invalid"

# All of them, in order, up to the limit; then the table of what they wrote.
new_course
forget
expect 0 "table ch01.json ch02.json"
[[ $said == *"ch01_one "*"ch02_two "*"table"* ]] || fail "the order" "$said" "01, 02, the table"
silent_about ch15
called 1 '^cmake --build .* --target ch01_one ch02_two qfs_closing_table'
forget
expect 0 "table ch01.json ch02.json ch15.json" all
called 1 '--target ch01_one ch02_two ch15_late qfs_closing_table'
mv "$course/chapters/15_late" "$course/chapters/14_late" && mv "$programs/ch15_late" "$programs/ch14_late"
expect 0 "table ch01.json ch02.json ch14.json"

# Options: each chapter gets those of the run, the closing table its own, in both spellings.
new_course
mkdir "$scratch/digits"
for form in "--seed=7 --threads=2 --data=$scratch/digits" "--seed 7 --threads 2 --data $scratch/digits"; do
  # shellcheck disable=SC2086
  expect 0 "ch02_two --seed=7 --threads=2 --data=$scratch/digits --json " $form
  [[ $said == *"ch01_one --seed=7 --threads=2 --data=$scratch/digits --json "* ]] ||
    fail "the first chapter" "$said" "the same options"
done
expect 0 "ch15_late --weights=$scratch/digits --json " all --weights "$scratch/digits"
mkdir "$scratch/a=b"
expect 0 "ch01_one --data=$scratch/a=b --json " "--data=$scratch/a=b"
cd "$scratch" || exit 1
expect 0 "table --json=table.json" --json table.json
expect 0 "--markdown=table.md ch01.json" --markdown=table.md
silent_about "--json=table"
[[ $said != *"ch01_one --markdown"* ]] || fail "a chapter" "$said" "no --markdown"
cd / || exit 1

# What the table cannot write it refuses before the first chapter; without such an option it is not asked.
new_course
write_program "$course/build/release/tools/qfs_closing_table" <<'EOF2'
echo "asked for $*"
[[ $* != *--check* ]] || exit "${CHECK_CODE:-0}"
EOF2
expect 2 "asked for --check --json=table.json --markdown=" CHECK_CODE=2 --json table.json --markdown=
silent_about "ch01_one"
expect 0 "asked for --check --markdown=table.md" --markdown table.md
[[ $said == *"--check "*"ch01_one "*"asked for --markdown=table.md /"* ]] || fail "the order" "$said" "--check first"
expect 0 "ch01_one" --seed 7
silent_about "--check"

new_course
expect 2 "an option lacks its value" --seed 7 --json
expect 2 "does not know this option" --seed 7 --trace
silent_about "ch01_one"

# A failed claim: the others still run, and the table closes, with exit code 1.
new_course
chapter_does 01_one 'exit 1'
expect 1 "A claim failed in chapter 01: look for [FAILED] above."
[[ $said == *"ch02_two"*"table ch01.json ch02.json"* ]] || fail "the others" "$said" "chapter 02, the table"
chapter_does 02_two 'exit 1'
expect 1 "A claim failed in chapter 01 02"

# Anything worse ends the run.
new_course
chapter_does 01_one 'exit 2'
expect 2 "Chapter 01 could not run (exit code 2); stopped here."
silent_about "ch02_two"
silent_about "table"
chapter_does 01_one 'kill -SEGV $$'
expect 1 "Chapter 01 crashed (signal 11); stopped here."
silent_about "table"
for code in 126 127; do
  chapter_does 01_one "exit $code"
  expect 2 "exit code $code" all
done
: >"$programs/ch01_one" # cut to nothing: bash would run it as an empty script
expect 2 "chapter 01 ended without its figures"
silent_about "table"
new_course
write_program "$course/build/release/tools/qfs_closing_table" <<<'exit 2'
expect 2 ""
write_program "$course/build/release/tools/qfs_diff" <<<'echo "diff $*"; exit 1'
expect 1 "diff mine.npy --scale 2" diff mine.npy --scale 2

# Nothing is left in TMPDIR.
new_course
mkdir "$scratch/a tmp"
expect 0 "table" TMPDIR="$scratch/a tmp" all
check_that "nothing is left behind" rmdir "$scratch/a tmp"
expect 2 "cannot make a folder for temporary files" TMPDIR=/nowhere

exit $((failures > 0))
