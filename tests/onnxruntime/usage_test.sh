#!/usr/bin/env bash
# usage_test.sh FOLDER: run.sh and run.cjs of FOLDER refuse what they do not know: exit code 2, a line that says
# what, a line that says how they are used. Before that nothing is built, installed or run.
set -euo pipefail
folder=$1
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# refuses TEXT COMMAND...
refuses() {
  local text=$1 said code=0
  shift
  said=$("$@" 2>&1) || code=$?
  if ((code != 2)) || [[ $said != "error: "*"$text"*$'\n'"  usage: "* ]]; then
    printf 'FAILED: %s\n  exit code %d, not 2 with "%s" and the usage:\n%s\n' "$*" "$code" "$text" "$said"
    exit 1
  fi
}

refuses "'--tabels'" "$folder/run.sh" --tabels
refuses "'--tables --times'" "$folder/run.sh" --tables --times
refuses "''" "$folder/run.sh" ""

command -v node >/dev/null || { echo "no node here: run.cjs was not looked at" && exit 0; }
refuses "needs a folder" node "$folder/run.cjs"
refuses "'--tiem'" node "$folder/run.cjs" "$scratch" --tiem
refuses "'--time 3'" node "$folder/run.cjs" "$scratch" --time 3
refuses "there is no $scratch/runs.json" node "$folder/run.cjs" "$scratch"
refuses "there is no $scratch/times.json" node "$folder/run.cjs" "$scratch" --time
