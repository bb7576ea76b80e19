#!/usr/bin/env bash
# commands_test.sh REPOSITORY: what ./learn answers, tried on a copy in a folder whose name has spaces.
set -uo pipefail

copy=$(mktemp -d)/"a folder with spaces"
trap 'rm -rf -- "$(dirname -- "$copy")"' EXIT
mkdir -p "$copy/tools"
chmod 755 "$(dirname -- "$copy")"
cp -r "$1/learn" "$1/chapters" "$copy"
cp -r "$1/tools/learn" "$copy/tools"
cd / # ./learn must not depend on where it is called from
failures=0

# expect CODE TEXT ARGUMENT ...: ./learn ARGUMENT ... must end with CODE and say TEXT somewhere. The command
# before it is in `before`.
before=()
expect() {
  local code=$1 text=$2 said got=0
  shift 2
  said=$("${before[@]}" "$copy/learn" "$@" 2>&1 </dev/null) || got=$?
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
expect 2 "got:        1.1 1.2" check 1.1 1.2
expect 2 "got:        none" start
expect 2 "an exercise needs a verb" 01.2
for word in 1.1.1 1. .1 100 1x x1 '*' '?'; do expect 2 "there is no such command" "$word"; done
for option in --csv -1 --seeds=1; do expect 2 "does not know this option" "$option" 1; done
expect 2 "there is no exercise 1.9" start 1.9
expect 2 "there is no exercise nonsense" check nonsense
expect 2 "an option lacks its value" --seed
expect 2 "does not know this option" all --trace
expect 2 "does not know this option" setup --everything
expect 2 "takes one folder at most" data a b

# A locale in which [0-9] holds the digits of other scripts, where it can be made.
if localedef -i en_US -f UTF-8 "$(dirname -- "$copy")/en_US.UTF-8" >/dev/null 2>&1; then
  before=(env "LOCPATH=$(dirname -- "$copy")" LC_ALL=en_US.UTF-8)
  for number in ٣ ³ ３ 1³; do expect 2 "there is no such command" "$number"; done
  expect 2 "there is no exercise ٣.١" start ٣.١
  expect 2 "there is no such command" 1.٣
  expect 2 "the seed is no number" test --live --seed ٣
  before=()
fi

# A stderr that takes nothing changes no exit code.
for stream in '2>/dev/full' '2>&-'; do
  for command in "2 lern" "2 check 1.1" "0 progress"; do
    got=0
    eval "\"\$copy/learn\" ${command#* } >/dev/null $stream" </dev/null || got=$?
    if ((got != ${command%% *})); then
      echo "learn ${command#* } $stream: exit code $got, expected ${command%% *}"
      failures=$((failures + 1))
    fi
  done
done

# The life of an exercise, up to the compiler.
expect 2 "is not started" check 1.1
expect 0 "not started" progress
expect 0 "Your copy: work/01_1/" start 01.1
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

rm -r "$copy/work"

# A stdout that takes nothing: exit code 2, and the shell's word on why.
expect_no_stdout() { # ARGUMENT ...
  local stream said got
  for stream in '>/dev/full' '>&-'; do
    got=0
    said=$(eval "\"\$copy/learn\" \"\$@\" 2>&1 $stream" </dev/null) || got=$?
    if ((got != 2)) || ! [[ $said =~ "write error"|"Bad file descriptor" ]]; then
      printf 'learn %s %s\n  got:      exit code %d, "%s"\n' "$*" "$stream" "$got" "$said"
      failures=$((failures + 1))
    fi
    rm -rf -- "$copy/work"
  done
}
if [[ -c /dev/full ]]; then
  expect_no_stdout --help
  expect_no_stdout doctor
  expect_no_stdout progress
  expect_no_stdout hint 1.1
  expect_no_stdout solution 1.1
  expect_no_stdout start 1.1
fi

# Where it is called from, and by which name.
cd -- "$(dirname -- "$copy")" || exit 1
ln -s "$copy/learn" link
if [[ $(CDPATH=/:. "$(basename -- "$copy")/learn" progress 2>&1) != *"of "*" passed" ]]; then
  echo "CDPATH leads it astray"
  failures=$((failures + 1))
fi
[[ $(./link progress 2>&1) == *"of "*" passed" ]] || {
  echo "a symbolic link leads it astray"
  failures=$((failures + 1))
}
cd /

# Folders that cannot be written: a file has the name, or the user may not.
touch "$copy/work"
expect 2 "cannot write into a folder" start 1.1
rm "$copy/work"
touch "$copy/build"
expect 2 "cannot write into a folder" 1
rm "$copy/build"
if ((EUID == 0)); then # root may write everywhere
  before=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
  chmod a-w "$copy"
fi
if "${before[@]}" true 2>/dev/null; then
  expect 2 "cannot write into a folder" start 1.1
  expect 2 "cannot write into a folder" 1
fi
before=()
chmod u+w "$copy"

# A file of ./learn itself is missing.
mv "$copy/tools/learn/build.sh" "$copy/build.sh"
expect 2 "git checkout -- tools" --help

exit $((failures > 0))
