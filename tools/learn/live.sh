# ./learn test --live: the tests tagged [ref] once more, against outputs that the installed PyTorch computes
# now, from other draws and another net than the committed ones.
# shellcheck shell=bash

# run_live_tests [--seed N]
run_live_tests() {
  local seed python program passed=0 failed=0
  read_live_seed "$@"
  python=$(reference_python)
  build release "building the chapters and their tests" all
  make_scratch
  say "seed $seed, $("$python" -c 'import torch; print("PyTorch", torch.__version__)') in $python"
  quietly "computing fresh reference outputs" "$root/build/release/live.log" \
    "$python" "$root/tests/reference/generate_reference.py" --seed "$seed" --into "$scratch" || exit 1
  for program in "$root"/build/release/chapters/ch[0-9][0-9]_test; do run_live_test "$program"; done
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
  [[ $2 =~ ^[0-9]{1,9}$ ]] || refuse "the seed is no number" "$2" "an integer from 0 to 999999999" \
    "for example ./learn test --live --seed 7"
  seed=$((10#$2))
}

# run_live_test PROGRAM: adds its test cases to `passed` and `failed`, and shows what it said if one failed.
run_live_test() {
  local text name cases
  name=$(basename -- "$1" _test)
  text=$(QFS_REFERENCE=$scratch "$1" '[ref]~[committed]' 2>&1) || true
  if [[ $text =~ 'All tests passed ('([0-9]+)' assertion'.*' in '([0-9]+)' test case' ]]; then
    put "$name: ${BASH_REMATCH[2]} passed, with ${BASH_REMATCH[1]} comparisons"
    passed=$((passed + BASH_REMATCH[2]))
    return
  fi
  put "$text"
  cases='test cases: +([0-9]+) \|( +([0-9]+) passed \|)? +([0-9]+) failed'
  [[ $text =~ $cases ]] || { failed=$((failed + 1)) && return; }  # it crashed, or ran nothing
  passed=$((passed + ${BASH_REMATCH[3]:-0}))
  failed=$((failed + BASH_REMATCH[4]))
}
