# How ./learn speaks. Everything here goes to stderr: stdout belongs to the lessons.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# refuse WHAT GOT EXPECTED WHAT_TO_DO: the one form of every message about bad usage or something
# missing; ends with exit code 2. An empty GOT or EXPECTED is left out.
refuse() {
  {
    printf 'learn: %s\n' "$1"
    [[ -z $2 ]] || printf '  got:        %s\n' "$2"
    [[ -z $3 ]] || printf '  expected:   %s\n' "$3"
    printf '  what to do: %s\n' "$4"
  } >&2
  exit 2
}

# quietly MESSAGE LOG COMMAND ...: prints "MESSAGE ..." and, when it is done, the seconds it took.
# The command's output goes to LOG, whose end is shown if it fails; returns the command's exit code.
quietly() {
  local message=$1 log=$2 code=0 start=$SECONDS
  shift 2
  printf '%s ...' "$message" >&2
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if ((code == 0)); then
    printf ' %d s\n' $((SECONDS - start)) >&2
    return 0
  fi
  printf ' failed. The end of what it said (all of it is in %s):\n\n' "$log" >&2
  tail -n 80 "$log" | sed 's/^/    /' >&2
  say ""
  return "$code"
}

# agreed QUESTION: asks when someone sits at a terminal, Enter means yes; otherwise the answer is yes.
agreed() {
  [[ -t 0 && -t 2 ]] || return 0
  local answer
  printf '%s [Y/n] ' "$1" >&2
  if ! read -r answer; then # Ctrl-D
    say ""
    return 1
  fi
  [[ -z $answer || $answer == [Yy]* ]]
}
