#!/usr/bin/env bash
# commands_test.sh REPOSITORY: what ./learn answers, tried on a copy in a folder whose name has spaces.
set -uo pipefail

copy=$(mktemp -d)/"a folder with spaces"
trap 'rm -rf -- "$(dirname -- "$copy")"' EXIT
mkdir -p "$copy/tools"
cp -r "$1/learn" "$1/chapters" "$copy"
cp -r "$1/tools/learn" "$copy/tools"
cd / # ./learn must not depend on where it is called from
failures=0

# expect CODE TEXT ARGUMENT ...: ./learn ARGUMENT ... must end with CODE and say TEXT somewhere.
expect() {
  local code=$1 text=$2 said got=0
  shift 2
  said=$("$copy/learn" "$@" 2>&1 </dev/null) || got=$?
  if ((got != code)) || [[ $said != *"$text"* ]]; then
    printf 'learn %s\n  got:      exit code %d, "%s"\n  expected: exit code %d and "%s"\n' \
      "$*" "$got" "$said" "$code" "$text"
    failures=$((failures + 1))
  fi
}

expect 0 "usage: ./learn" --help
expect 0 "instruction sets" doctor

# Bad usage: exit code 2, what was wrong, what to do.
expect 2 "there is no such command" lern
expect 2 "got:        lern" lern
expect 2 "there is no chapter 99" 99
expect 2 "there is no chapter 00" 0
expect 2 "an exercise needs a verb" 1.1
expect 2 "./learn test does not know this option" test fast
expect 2 "the seed is no number" test --live --seed seven
expect 2 "takes no arguments" progress 1.1
expect 2 "takes one exercise" hint
expect 2 "there is no exercise 1.9" start 1.9
expect 2 "there is no exercise nonsense" check nonsense
expect 2 "an option lacks its value" --seed
expect 2 "does not know this option" all --trace
expect 2 "names no folder" --data no/such/folder
expect 2 "a folder that does not exist" --seed 2 --json=no/such/folder/table.json
expect 2 "does not know this option" setup --everything
expect 2 "takes one folder at most" data a b

# The life of an exercise, up to the compiler.
expect 2 "is not started" check 1.1
expect 0 "not started" progress
expect 0 "Your copy: work/01_1/" start 1.1
expect 2 "already started" start 1.1
expect 0 "started" progress
for part in hint solution; do expect 0 "" "$part" 1.1; done
for stub in "$copy"/chapters/01_affine_math/exercises/1_*.hpp; do
  if ! cmp -s "$stub" "$copy/work/01_1/$(basename "$stub")"; then
    echo "start 1.1 did not copy $stub"
    failures=$((failures + 1))
  fi
done

# A copy that passed, and one that was edited since.
sha256sum <"$(echo "$copy"/work/01_1/1_*.hpp)" | cut -d ' ' -f 1 >"$copy/work/01_1/passed"
expect 0 "1 of " progress
echo "// more" >>"$(echo "$copy"/work/01_1/1_*.hpp)"
expect 0 "changed since it passed" progress

exit $((failures > 0))
