#!/usr/bin/env bash
# make_sheets refuses input that is not the package, and writes nothing then. Exit code 0: all well.
#
#   make_sheets_test.sh PATH/make_sheets
set -u
make_sheets=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/in" "$scratch/out"

failed=0
refuses() { # TEXT JSON: with JSON as the first class's file, the message holds TEXT and the code is 2
  printf '%s' "$2" >"$scratch/in/0.json"
  "$make_sheets" "$scratch/in" "$scratch/out" 2>"$scratch/said"
  code=$?
  if [ "$code" = 2 ] && grep -qF -- "$1" "$scratch/said" && [ -z "$(ls -A "$scratch/out")" ]; then
    echo "  [ok] $1"
  else
    echo "  [FAILED] $1: exit code $code"
    cat "$scratch/said"
    failed=1
  fi
}
digit() { # VALUE: one digit whose last pixel is VALUE
  printf '{"data":[%s%s]}' "$(printf '0,%.0s' $(seq 783))" "$1"
}

refuses "wrong number of digits" "$(digit 0.604)"        # 154 / 255 = 0.6039: right, but one digit only
refuses "value 783 is not a byte / 255" "$(digit 0.602)" # between 153 / 255 = 0.6 and 154 / 255
refuses "value 783 is not a byte / 255" "$(digit 1.004)" # 256 / 255
refuses "value 783 is not a byte / 255" "$(digit -0.004)"
refuses "value 783 is not a number" "$(digit '"x"')"
refuses "a multiple of 784" '{"data":[0]}'
refuses "has another form" '[0]'
refuses "has another form" '{"data":'
rm "$scratch/in/0.json"
"$make_sheets" "$scratch/in" "$scratch/out" 2>/dev/null
[ $? = 2 ] || failed=1
"$make_sheets" 2>/dev/null
[ $? = 2 ] || failed=1
exit "$failed"
