#!/usr/bin/env bash
# Fetches the full MNIST: four .gz files, 11.6 MB, each checked by its SHA-256.
#
#   tools/fetch_mnist.sh [--sums FILE] DIR [MIRROR...]
#
# DIR       where the files go; made if it is not there
# MIRROR    URLs that end in / and hold the four files; the default is two public mirrors
# --sums    another list of files and sums, in the format of sha256sum
#
# A file is downloaded as NAME.partial and gets its name only when its sum is right. A download that
# was cut off goes on where it stopped, in this run or the next. Exit code: 0 when all files are there
# and right, 2 when not.
#
# The environment may change: QFS_FETCH_STALL (seconds without progress after which a download is
# given up, 20), QFS_FETCH_PAUSE (seconds between two attempts, 2), QFS_FETCH_ATTEMPTS (per mirror, 4).
set -u -o pipefail

here=$(CDPATH='' cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
sums="$here/../datasets/mnist/full_set.sha256"
stall=${QFS_FETCH_STALL:-20}
pause=${QFS_FETCH_PAUSE:-2}
attempts=${QFS_FETCH_ATTEMPTS:-4}
largest_kib=32768 # no file of MNIST is near; a server that sends without end fills no disk

give_up() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  what to do: %s\n' "$2" >&2
  exit 2
}

say() { # FORMAT WORD...
  # shellcheck disable=SC2059 # the formats are below
  printf "$@" 2>/dev/null || give_up "cannot write to stdout" "check where the output goes"
}

usage="use it as: tools/fetch_mnist.sh [--sums FILE] DIR [MIRROR...]"
if [ "${1:-}" = --sums ]; then
  [ $# -ge 2 ] || give_up "--sums needs a file" "$usage"
  sums=$2
  shift 2
fi
case "${1:-}" in
  '') give_up "the directory is missing" "$usage" ;;
  -*) give_up "unknown option $1" "$usage" ;;
esac
dir=$1
shift
mirrors=("$@")
[ $# -gt 0 ] || mirrors=(
  https://storage.googleapis.com/cvdf-datasets/mnist/
  https://ossci-datasets.s3.amazonaws.com/mnist/)
for mirror in "${mirrors[@]}"; do
  case "$mirror" in
    http://*/ | https://*/) ;;
    *) give_up "'$mirror' is not a mirror" "give a URL that begins with http and ends in /" ;;
  esac
done

sum_of() { # FILE
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

# One attempt: NAME from MIRROR, going on where NAME.partial ends. Sets http (the status; 000 for none);
# returns curl's exit code, after curl has said on stderr what went wrong.
download() { # MIRROR NAME
  local look=(--silent --show-error)
  if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then look=(--progress-bar); fi
  http=$(
    ulimit -f "$largest_kib"
    exec curl --fail --location "${look[@]}" --connect-timeout 15 --max-time 1800 \
      --speed-limit 256 --speed-time "$stall" --continue-at - --output "$dir/$2.partial" \
      --write-out '%{http_code}' "$1$2"
  )
}

# Gives the partial file its final name if its sum is right; says so if not, and deletes it.
accept() { # NAME EXPECTED
  local got
  got=$(sum_of "$dir/$1.partial")
  if [ "$got" = "$2" ]; then
    mv -f "$dir/$1.partial" "$dir/$1" || give_up "cannot write $dir/$1" "check the directory"
    return 0
  fi
  say '  wrong content: SHA-256 is %s\n              expected      %s\n' "$got" "$2"
  rm -f "$dir/$1.partial"
  return 1
}

# NAME from one mirror, in several attempts; 1 when this mirror cannot give it.
fetch_from() { # MIRROR NAME EXPECTED
  local attempt resumed code partial="$dir/$2.partial"
  for ((attempt = 1; attempt <= attempts; ++attempt)); do
    [ "$attempt" = 1 ] || sleep "$pause"
    resumed=no
    [ ! -s "$partial" ] || resumed=yes
    say '  from %s%s\n' "$1" "$([ $resumed = no ] || echo ', going on where it stopped')"
    download "$1" "$2"
    code=$?
    case "$code:$http" in
      0:*)
        accept "$2" "$3" && return 0
        [ $resumed = yes ] || return 1 # a whole download from this mirror alone: it has another file
        ;;
      33:* | 22:416) # the server cannot go on at this place: is it all there, or start anew
        accept "$2" "$3" && return 0
        ;;
      22:4*) return 1 ;;
      23:*) give_up "cannot write $partial" "check that the disk has room" ;;
      130:* | 143:*) exit "$code" ;;
      153:*) # SIGXFSZ: more than largest_kib
        say '  more than %s KiB: this is not the file\n' "$largest_kib"
        rm -f "$partial"
        return 1
        ;;
    esac
  done
  return 1
}

fetch() { # NAME EXPECTED
  local mirror file
  for file in "$dir/$1" "$dir/$1.partial"; do
    [ -f "$file" ] || { [ ! -e "$file" ] && [ ! -L "$file" ]; } ||
      give_up "$file is in the way: it is no regular file" "move it away, or choose another directory"
  done
  if [ -f "$dir/$1" ]; then
    if [ "$(sum_of "$dir/$1")" = "$2" ]; then
      say '%s: already there, SHA-256 right\n' "$1"
      return
    fi
    say '%s: there, but damaged; fetching it again\n' "$1"
  else
    say '%s\n' "$1"
  fi
  for mirror in "${mirrors[@]}"; do
    if fetch_from "$mirror" "$1" "$2"; then
      say '  SHA-256 right\n'
      return
    fi
  done
  give_up "$1 could not be fetched from any mirror" \
    "run the command again later (it goes on where it stopped), or name another mirror: tools/fetch_mnist.sh DIR URL/"
}

command -v curl >/dev/null || give_up "curl is not installed" "install it: apt-get install curl"
[ -r "$sums" ] || give_up "cannot read the sums in $sums" "restore the file from the repository"
if ! mkdir -p "$dir" 2>/dev/null || [ ! -w "$dir" ]; then
  give_up "cannot write into $dir" "choose another directory"
fi
while read -r expected name; do
  fetch "$name" "$expected"
done <"$sums"
say 'MNIST is complete. Use it with: --data %s\n' "$dir"
