# Programs that ./learn starts and waits for, the signals that end them, and the lock on the build.
# shellcheck shell=bash

child="" # the program that runs now; its process group has the same number

# start COMMAND ...: in a process group of its own, so that a signal to ./learn ends all that it starts.
# That group is a terminal's background: without the trap a terminal under `stty tostop` would stop it.
# Descriptor 9 is the lock's; a compiler server that outlives the build must not keep it.
start() {
  set -m
  { trap '' TTIN TTOU && "$@"; } 9<&- &
  child=$!
  set +m
}

# finish: waits for what was started and returns its exit code. What it has left behind ends with it.
finish() {
  local code=0
  while :; do
    code=0
    wait "$child" 2>/dev/null || code=$? # without bash's own word on how it ended
    if ((code <= 128)) || ! kill -0 "$child" 2>/dev/null; then break; fi # else a signal only woke us
  done
  kill -KILL -- "-$child" 2>/dev/null || true
  child=""
  return "$code"
}

run() {
  start "$@"
  finish
}

# stop SIGNAL: ends what runs, with two seconds to tidy up, and ./learn itself.
stop() {
  trap '' INT TERM HUP TSTP
  child=${child:-${!-}} # the signal may have come before `start` had noted the number
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    for _ in {1..20}; do
      kill -0 -- "-$child" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$child" 2>/dev/null || true
  fi
  say ""
  say "stopped"
  exit $((128 + $1))
}

# Ctrl-Z, which a terminal sends to ./learn alone, stops what runs as well.
pause() {
  [[ -z $child ]] || kill -STOP -- "-$child" 2>/dev/null || true
  trap - TSTP
  kill -TSTP $$
  trap pause TSTP
  [[ -z $child ]] || kill -CONT -- "-$child" 2>/dev/null || true
}

heed_signals() {
  trap 'stop 1' HUP
  trap 'stop 2' INT
  trap 'stop 15' TERM
  trap pause TSTP
}

# take_lock: one ./learn at a time builds in a clone. What it locks is the clone's folder, so no file is left.
take_lock() {
  local code=0
  has flock || return 0
  exec 9<"$root"
  flock -n 9 || code=$?
  ((code == 1)) || return 0 # it is ours, or the file system has no locks
  say "Another ./learn is building here; this one goes on when that is done."
  until flock -n 9; do run sleep 0.5; done
}

release_lock() { exec 9<&-; }
