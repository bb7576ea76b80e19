# ./learn test --live: the tests tagged [ref] once more, against outputs that the installed PyTorch computes
# now, from other draws and another net than the committed ones.
# shellcheck shell=bash

# run_live_tests [--seed N]
run_live_tests() {
  local seed python source passed=0 failed=0
  read_live_seed "$@"
  python=$(reference_python)
  build release "building the chapters and their tests" all
  make_scratch
  say "seed $seed, $("$python" -c 'import torch; print("PyTorch", torch.__version__)') in $python"
  quietly "computing fresh reference outputs" "$root/build/release/live.log" \
    "$python" "$root/tests/reference/generate_reference.py" --seed "$seed" --into "$scratch" || exit 1
  for source in "$root"/tests/reference/ch[0-9][0-9].py; do  # a chapter without has nothing to compare
    if [[ ! -d $scratch/$(basename -- "$source" .py) ]]; then
      put "$(basename -- "$source" .py): left out, its reference needs a Python module that is not here"
      continue
    fi
    run_live_test "$root/build/release/chapters/$(basename -- "$source" .py)_test"
  done
  ((failed == 0)) || say "The same again:  ./learn test --live --seed $seed"
  put "$passed passed, $failed failed"
  ((failed == 0))
}

# Sets `seed`: the one that is given, or a fresh one.
read_live_seed() {
  seed=$((SRANDOM % 1000000000))
  (($# == 0)) && return
  [[ $1 == --seed && $# == 2 ]] || refuse "./learn test --live does not know this" "$*" "--seed N" \
    "see ./learn --help"
  [[ $2 =~ ^${digit}{1,9}$ ]] || refuse "the seed is no number" "$2" "an integer from 0 to 999999999" \
    "for example ./learn test --live --seed 7"
  seed=$((10#$2))
}

# run_live_test PROGRAM: adds its test cases to `passed` and `failed`; runs it again to show what failed.
run_live_test() {
  local report="$scratch/report.xml" name totals='OverallResultsCases successes="([0-9]+)" failures="([0-9]+)"'
  name=$(basename -- "$1" _test)
  export QFS_REFERENCE=$scratch
  start "$1" '[ref]~[committed]' --reporter xml >"$report" 2>&1
  finish || true
  if [[ $(<"$report") =~ $totals ]] && ((BASH_REMATCH[1] + BASH_REMATCH[2] > 0)); then
    put "$name: ${BASH_REMATCH[1]} passed, ${BASH_REMATCH[2]} failed"
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    ((BASH_REMATCH[2] > 0)) || return 0
  else
    put "$name: crashed, or has nothing to compare"
    failed=$((failed + 1))
  fi
  run "$1" '[ref]~[committed]' || true
}
