# Exercises. The reader works on a copy: work/NN_M/M_slug.hpp. A copy that has passed leaves its SHA-256
# beside it, so that ./learn progress knows whether it has changed since.
# shellcheck shell=bash

exercise_command() {
  local given=${*:2}
  (($# == 2)) || refuse "./learn $1 takes one exercise" "${given:-none}" "a number like 1.2" \
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
  if [[ $1 =~ ^(${digit}{1,2})\.($digit)$ ]]; then
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

# The copy gets its name when it is whole.
exercise_start() {
  local stub="$root/$chapter_dir/exercises/$slug.hpp" new="$root/work/$name/$slug.new"
  if [[ -f $root/$copy ]]; then
    refuse "exercise $number is already started" "$copy exists" "no such file" \
      "go on editing it; to begin again, delete it first"
  elif [[ -e $root/$copy || -L $root/$copy ]]; then
    refuse "something else has the name of your copy" "$copy, which is no regular file" "a free name" \
      "move it away, then start the exercise again"
  fi
  make_folder "$root/work/$name"
  if ! { rm -f -- "$new" && cp -- "$stub" "$new" && cmp -s "$stub" "$new" && mv -- "$new" "$root/$copy"; } \
    2>/dev/null; then
    rm -f -- "$new" 2>/dev/null || true
    refuse "cannot write your copy" "$copy" "room on the disk, and a folder that this user may write into" \
      "make room, then start it again"
  fi
  put "Your copy: $copy"
  put "Its task stands in it and in $chapter_dir/README.md. Then: ./learn check $number"
}

exercise_check() {
  [[ -f $root/$copy ]] || refuse "exercise $number is not started" "no file $copy" "your copy of it" \
    "./learn start $number"
  build release "building your exercise $number" "exercise_$name"
  make_scratch
  local code=0 verdict seconds=${QFS_CHECK_SECONDS:-60} begun=$SECONDS # the tests do not wait a minute
  start run_judge "$root/build/release/chapters/exercise_$name" "$seconds" >"$scratch/said" 2>&1
  finish || code=$?
  show_judge "$scratch/said"
  verdict=$(verdict_of "$code" $((SECONDS - begun)) "$seconds" "$scratch/said")
  if [[ -n $verdict ]]; then
    rm -f -- "$root/work/$name/passed" 2>/dev/null || true
    say "Not yet: $verdict"
    return 1
  fi
  { fingerprint "$root/$copy" >"$root/work/$name/passed"; } 2>/dev/null || refuse \
    "exercise $number passes, but that cannot be noted" "work/$name/passed" "a file to write" \
    "see who owns it: ls -l work/$name"
  put "Exercise $number passes. ./learn solution $number shows how we wrote it."
}

memory_gib=4  # what the program of an exercise may use
output_mib=1  # what it may print, or write into any one file

# run_judge PROGRAM SECONDS: within limits of time, memory and output. With OpenBLAS's threads, or with
# AddressSanitizer, addresses are no measure of memory.
run_judge() {
  ulimit -c 0
  ulimit -f $((output_mib * 1024))
  grep -qa __asan_init "$1" || ulimit -v $((memory_gib * 1024 * 1024))
  export OPENBLAS_NUM_THREADS=1
  exec timeout --foreground -k 5 "$2" stdbuf -oL "$1" --abort </dev/null
}

# show_judge FILE: what the program said, of which the end tells most; without the judge's closing line.
show_judge() {
  local lines
  lines=$(wc -l <"$1")
  ((lines <= 200)) || put "... $((lines - 200)) lines, then:"
  tail -n 200 -- "$1" | grep -av '^judged: ' || true
}

# verdict_of CODE SECONDS LIMIT FILE: prints why the exercise has not passed; nothing if it has. The judge's
# closing line says that it reached its end: an answer that ends the program leaves with code 0 too.
verdict_of() {
  if (($1 == 124 || ($1 == 137 && $2 >= $3))); then
    echo "it was stopped after $3 seconds. Is there a loop that never ends?"
  elif (($1 == 153)); then
    echo "it was stopped when it had written $output_mib MB. Does it print without end?"
  elif (($1 != 0)) && grep -qa 'std::bad_alloc' "$4"; then
    echo "it asked for more than the $memory_gib GB of memory that it may use."
  elif (($1 > 128)); then
    echo "it crashed (signal $(($1 - 128))); what it said last stands above."
  elif (($1 != 0)); then
    echo "the first failure stands above. ./learn hint $number helps."
  elif ! [[ $(tail -n 1 -- "$4") =~ ^judged:\ [1-9][0-9]*\ assertions,\ all\ passed$ ]]; then
    echo "the program ended before it was judged. Does your code end it, or redefine a name of the judge's?"
  fi
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
