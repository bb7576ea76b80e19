# How ./learn speaks, and the places it writes to. Messages go to stderr: stdout belongs to the lessons and
# to what a command was asked for.
# shellcheck shell=bash

# A stderr that takes nothing changes no exit code.
say() { printf '%s\n' "$*" >&2 || true; }

# explain WHAT GOT EXPECTED WHAT_TO_DO: the one form of every message about something that went wrong. An
# empty GOT or EXPECTED is left out.
explain() {
  say "learn: $1"
  [[ -z $2 ]] || say "  got:        $2"
  [[ -z $3 ]] || say "  expected:   $3"
  say "  what to do: $4"
}

# refuse WHAT GOT EXPECTED WHAT_TO_DO: bad usage, or something missing or broken: exit code 2.
refuse() {
  explain "$@"
  exit 2
}

# put WORD ...: one line on stdout, which must take it; the shell says why it does not.
put() { printf '%s\n' "$*" || exit 2; }

# put_file FILE: a file's text on stdout.
put_file() {
  [[ -r $1 ]] || refuse "cannot read a file of the course" "$1" "" "git checkout -- ${1#"$root"/}"
  cat -- "$1" || exit 2
}

# make_folder FOLDER: makes it, and what is missing above it, and refuses one that cannot be written into.
make_folder() {
  mkdir -p -- "$1" 2>/dev/null || true
  [[ -d $1 && -w $1 && -x $1 ]] || refuse "cannot write into a folder" "$1" \
    "a folder that this user may write into" \
    "if a file has its name, rename the file; else see who owns the folders above it: ls -ld"
}

# make_scratch: sets `scratch` to a new folder, which ./learn removes when it ends.
make_scratch() {
  scratch=$(mktemp -d 2>/dev/null) || refuse "cannot make a folder for temporary files" \
    "${TMPDIR:-/tmp}" "a folder that this user may write into" "set TMPDIR to one"
}

# quietly MESSAGE LOG COMMAND ...: prints "MESSAGE ..." and, when it is done, the seconds it took.
# The command's output goes to LOG, whose end is shown if it fails; returns the command's exit code.
quietly() {
  local message=$1 log=$2 code=0 begun=$SECONDS
  shift 2
  { : >"$log"; } 2>/dev/null || refuse "cannot write a log" "$log" "a file that this user may write" \
    "delete it, if another user made it"
  printf '%s ...' "$message" >&2 || true
  if [[ $1 == as_root ]]; then # sudo may ask for a password, so it stays in the terminal's foreground
    "$@" >"$log" 2>&1 </dev/null || code=$?
  else
    start "$@" >"$log" 2>&1 </dev/null
    finish || code=$?
  fi
  if ((code == 0)); then
    say " $((SECONDS - begun)) s"
    return 0
  fi
  say " failed. The end of what it said (all of it is in $log):"
  say ""
  tail -n 80 -- "$log" 2>/dev/null | sed 's/^/    /' >&2 || true
  say ""
  return "$code"
}

# agreed QUESTION: asks when someone sits at a terminal, Enter means yes; otherwise the answer is yes.
agreed() {
  [[ -t 0 && -t 2 ]] || return 0
  local answer
  printf '%s [Y/n] ' "$1" >&2 || true
  if ! read -r answer; then # Ctrl-D
    say ""
    return 1
  fi
  [[ -z $answer || $answer == [Yy]* ]]
}
