#!/usr/bin/env bash
# Runs tools/fetch_mnist.sh against mirrors on 127.0.0.1 that are slow, cut off, lie or are not there.
#
#   fetch_mnist_test.sh PATH/fetch_mnist.sh PATH/mirror_server
#
# Exit code: 0 all well, 1 not, 77 skipped.
set -u
fetch=$1
server=$2
command -v curl >/dev/null || {
  echo "skipped: curl is not installed"
  exit 77
}

scratch=$(mktemp -d)
trap 'kill "$server_pid" 2>/dev/null; rm -rf "$scratch"' EXIT
origin=$scratch/origin
names="train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz \
t10k-labels-idx1-ubyte.gz"
mkdir "$origin"
lines=20000
for name in $names; do
  seq 1 "$lines" | gzip -n >"$origin/$name"
  lines=$((lines + 1))
done
(cd "$origin" && sha256sum -- *.gz >"$scratch/sums")

"$server" "$origin" >"$scratch/port" &
server_pid=$!
for _ in $(seq 100); do
  [ -s "$scratch/port" ] && break
  sleep 0.05
done
base="http://127.0.0.1:$(cat "$scratch/port")"
export QFS_FETCH_STALL=1 QFS_FETCH_PAUSE=0 no_proxy=127.0.0.1

failed=0
note() { # VERDICT TEXT
  echo "  [$1] $2"
  [ "$1" = ok ] || failed=1
}
check() { # TEXT COMMAND...
  local text=$1
  shift
  if "$@" >/dev/null 2>&1; then note ok "$text"; else note FAILED "$text"; fi
}
run() { # DIR MODE...: fetches into DIR from mirrors of these modes; sets code and $scratch/said
  local dir=$1 mode mirrors=()
  shift
  for mode in "$@"; do mirrors+=("$base/$mode/"); done
  timeout 60 bash "$fetch" --sums "$scratch/sums" "$dir" "${mirrors[@]}" >"$scratch/said" 2>&1
  code=$?
}
said() { grep -qF -- "$1" "$scratch/said"; }
whole() { # DIR: all four files right, nothing else there
  (cd "$1" && sha256sum --check --status "$scratch/sums" && [ "$(ls -A | wc -l)" = 4 ])
}
empty() { [ -z "$(ls -A "$1")" ]; }
is() { [ "$1" = "$2" ]; }

mkdir "$scratch/stall" # curl takes seven seconds to be sure of a stall: for one file only
for name in ${names#* }; do cp "$origin/$name" "$scratch/stall"; done
for mode in good slow cut stall no_range; do
  echo "a mirror that is: $mode"
  run "$scratch/$mode" "$mode"
  check "exit code 0" is "$code" 0
  check "four right files and nothing else" whole "$scratch/$mode"
done
run "$scratch/cut_again" cut
check "a download that was cut off goes on where it stopped" said "going on where it stopped"

echo "again"
run "$scratch/good" missing
check "files that are there are not fetched again" is "$code" 0
check "and their sums are checked" said "already there, SHA-256 right"
echo damaged >"$scratch/good/t10k-labels-idx1-ubyte.gz"
run "$scratch/good" good
check "a damaged file is fetched again" whole "$scratch/good"

echo "a partial file is there already"
mkdir "$scratch/whole_partial" "$scratch/wrong_partial" "$scratch/no_range_partial"
first=${names%% *}
cp "$origin/$first" "$scratch/whole_partial/$first.partial"
run "$scratch/whole_partial" good
check "complete but not renamed: it is accepted" whole "$scratch/whole_partial"
head -c 1000 /dev/zero >"$scratch/wrong_partial/$first.partial"
run "$scratch/wrong_partial" good
check "of other content: the file is fetched anew" whole "$scratch/wrong_partial"
check "got and expected are said" said "wrong content: SHA-256 is"
head -c 1000 "$origin/$first" >"$scratch/no_range_partial/$first.partial"
run "$scratch/no_range_partial" no_range
check "the server ignores Range: the file is fetched anew" whole "$scratch/no_range_partial"

echo "a second mirror helps"
for mode in lies half_lie missing busy endless; do
  run "$scratch/after_$mode" "$mode" good
  check "after one that is: $mode" whole "$scratch/after_$mode"
done

echo "no mirror helps"
for mode in lies missing busy endless; do
  run "$scratch/only_$mode" "$mode"
  check "$mode: exit code 2" is "$code" 2
  check "$mode: nothing is left" empty "$scratch/only_$mode"
  check "$mode: the message says what to do" said "what to do"
done
check "endless: it is stopped" said "this is not the file"
timeout 60 bash "$fetch" --sums "$scratch/sums" "$scratch/nobody" http://127.0.0.1:1/ >"$scratch/said" 2>&1
check "nobody listens: exit code 2" is "$?" 2

echo "something else has a file's name"
for name in "$first" "$first.partial"; do
  for make in mkdir mkfifo "ln -s /nowhere"; do
    rm -rf "$scratch/taken"
    mkdir "$scratch/taken"
    $make "$scratch/taken/$name"
    run "$scratch/taken" good
    check "$make: exit code 2" is "$code" 2
    check "$make: the message names it" said "$name is in the way"
  done
done

echo "bad usage"
for arguments in "" "--what" "--sums" "--sums $scratch/none $scratch/d" "$scratch/d not-a-mirror" \
  "/dev/null/d"; do
  # shellcheck disable=SC2086 # several words are several arguments
  timeout 60 bash "$fetch" $arguments >"$scratch/said" 2>&1
  check "'${arguments//$scratch\//}': exit code 2" is "$?" 2
done
check "no word of mkdir's own" is "$(grep -c mkdir "$scratch/said")" 0
if [ -c /dev/full ]; then
  timeout 60 bash "$fetch" --sums "$scratch/sums" "$scratch/good" "$base/good/" 2>"$scratch/said" >/dev/full
  check "a full disk under stdout: exit code 2" is "$?" 2
  check "and one message" is "$(grep -c "" "$scratch/said"):$(grep -c "cannot write to stdout" "$scratch/said")" 2:1
fi
ln -s "$fetch" "$scratch/link"
(cd "$(dirname "$(dirname "$fetch")")" && CDPATH=/:. bash tools/fetch_mnist.sh "$scratch/d" not-a-mirror) \
  >"$scratch/said" 2>&1
check "CDPATH does not lead it astray" said "'not-a-mirror' is not a mirror"
timeout 60 bash "$scratch/link" "$scratch/d" http://127.0.0.1:1/ >"$scratch/said" 2>&1
check "called by a symbolic link it finds its sums" said "could not be fetched from any mirror"
mkdir "$scratch/bin"
for tool in bash dirname readlink; do ln -s "$(command -v "$tool")" "$scratch/bin/$tool"; done
PATH=$scratch/bin bash "$fetch" "$scratch/d" >"$scratch/said" 2>&1
check "without curl: exit code 2" is "$?" 2
check "without curl: the package is named" said "apt-get install curl"

[ "$failed" = 0 ] || { echo "--- the last output" && cat "$scratch/said"; }
exit "$failed"
