# Exercises. The reader works on a copy: work/NN_M/M_slug.hpp. A copy that has passed leaves its SHA-256
# beside it, so that ./learn progress knows whether it has changed since.
# shellcheck shell=bash

exercise_command() {
  (($# == 2)) || refuse "./learn $1 takes one exercise" "${*:2}" "a number like 1.2" \
    "./learn progress lists them"
  find_exercise "$2"
  "exercise_$1"
}

# find_exercise N.M: sets number (1.2), chapter_dir, slug (2_rescale), name (01_2) and copy.
find_exercise() {
  local exercise found=()
  while read -r exercise; do
    [[ ${exercise%% *} == "$(plain_number "$1")" ]] && found=("$exercise")
  done < <(all_exercises)
  ((${#found[@]} == 1)) || refuse "there is no exercise $1" "$1" \
    "one of $(all_exercises | cut -d ' ' -f 1 | tr '\n' ' ')" "./learn progress lists them with their names"
  use_exercise "${found[0]}"
}

# plain_number 01.2: prints 1.2; anything that is no such number stays as it is.
plain_number() {
  if [[ $1 =~ ^([0-9]{1,2})\.([0-9])$ ]]; then
    echo "$((10#${BASH_REMATCH[1]})).${BASH_REMATCH[2]}"
  else
    echo "$1"
  fi
}

# Prints "1.2 chapters/01_affine_math 2_rescale", one line per exercise.
all_exercises() {
  local chapter stub slug
  for chapter in $(all_chapters); do
    for stub in "$root/chapters/$chapter"/exercises/[0-9]_*.hpp; do
      [[ -f $stub ]] || continue
      slug=$(basename -- "$stub" .hpp)
      echo "$((10#${chapter%%_*})).${slug%%_*} chapters/$chapter $slug"
    done
  done
}

# use_exercise LINE: sets the variables from one line of all_exercises.
use_exercise() {
  read -r number chapter_dir slug <<<"$1"
  name=$(printf '%02d_%d' "${number%.*}" "${number#*.}")
  copy="work/$name/$slug.hpp"
}

exercise_start() {
  if [[ -f $root/$copy ]]; then
    refuse "exercise $number is already started" "$copy exists" "no such file" \
      "go on editing it; to begin again, delete it first"
  fi
  make_folder "$root/work/$name"
  cp -- "$root/$chapter_dir/exercises/$slug.hpp" "$root/$copy" 2>/dev/null ||
    refuse "cannot write your copy" "$copy" "room on the disk" "make room, then start it again"
  put "Your copy: $copy"
  put "Its task stands in it and in $chapter_dir/README.md. Then: ./learn check $number"
}

exercise_check() {
  [[ -f $root/$copy ]] || refuse "exercise $number is not started" "no $copy" "your copy of it" \
    "./learn start $number"
  build release "building your exercise $number" "exercise_$name"
  local code=0 seconds=${QFS_CHECK_SECONDS:-60} # the tests of ./learn do not wait a minute
  timeout -k 5 "$seconds" "$root/build/release/chapters/exercise_$name" --abort || code=$?
  if ((code == 124 || code == 137)); then
    say "Not yet: it was stopped after $seconds seconds. Is there a loop that never ends?"
    return 1
  elif ((code != 0)); then
    say "Not yet: the first failure stands above. ./learn hint $number helps."
    return 1
  fi
  { fingerprint "$root/$copy" >"$root/work/$name/passed"; } 2>/dev/null || refuse \
    "exercise $number passes, but that cannot be noted" "work/$name/passed" "a file to write" \
    "see who owns it: ls -l work/$name"
  put "Exercise $number passes. ./learn solution $number shows how we wrote it."
}

exercise_hint() { put_file "$root/$chapter_dir/exercises/$slug.hint.md"; }

exercise_solution() { put_file "$root/$chapter_dir/solutions/$slug.hpp"; }

fingerprint() { sha256sum <"$1" | cut -d ' ' -f 1; }

exercise_progress() {
  local line done_count=0 count=0 state
  while read -r line; do
    use_exercise "$line"
    state=$(exercise_state)
    count=$((count + 1))
    [[ $state != passed ]] || done_count=$((done_count + 1))
    put "$(printf '  %-5s %-28s %s' "$number" "${slug#*_}" "$state")"
  done < <(all_exercises)
  put "$done_count of $count passed"
}

exercise_state() {
  if [[ ! -f $root/$copy ]]; then
    echo "not started"
  elif [[ ! -f $root/work/$name/passed ]]; then
    echo "started"
  elif [[ $(<"$root/work/$name/passed") == "$(fingerprint "$root/$copy")" ]]; then
    echo "passed"
  else
    echo "changed since it passed"
  fi
}
