# Running chapters, and the table of models that closes a run.
# shellcheck shell=bash

# Prints the folder names of the chapters, in reading order.
all_chapters() {
  local folder
  for folder in "$root"/chapters/[0-9][0-9]_*/; do
    [[ -d $folder ]] && basename -- "$folder"
  done
}

# chapter_name NUMBER: sets `chapter` to the folder's name, 01_affine_math for 1 or 01.
chapter_name() {
  local number names
  number=$(printf '%02d' "$((10#$1))")
  mapfile -t names < <(all_chapters)
  for chapter in "${names[@]}"; do
    [[ $chapter == "${number}"_* ]] && return
  done
  refuse "there is no chapter $number" "$1" "one of ${names[*]/%_*/}" \
    "see chapters/README.md for what each one teaches"
}

closing_table() { echo "$root/build/release/tools/qfs_closing_table"; }

program_of() { echo "$root/build/release/chapters/ch$1"; }

# packages_of CHAPTER: prints what a chapter needs that was left out of the build because it was not there.
packages_of() { sed -n "s/^$1 //p" "$root/build/release/left_out.txt" 2>/dev/null || true; }

# Refuses a chapter that cannot be built here; what has been installed since the build was prepared counts.
require_chapter() {
  local packages=()
  read -r -a packages < <(packages_of "$chapter") || return 0
  if has dpkg-query && [[ -z $(not_installed "${packages[@]}") ]]; then
    prepare release
    build release "building chapter ${chapter%%_*}" "ch$chapter"
    [[ -n $(packages_of "$chapter") ]] || return 0
  fi
  refuse "chapter ${chapter%%_*} was left out of the build" "without ${packages[*]}" \
    "these libraries; there is no other way to get them" "$(apt_line "${packages[@]}")"
}

# run_one_chapter NUMBER [OPTION ...]
run_one_chapter() {
  chapter_name "$1"
  build release "building chapter ${chapter%%_*}" "ch$chapter"
  require_chapter
  exec "$(program_of "$chapter")" "${@:2}"
}

# run_chapters LAST [OPTION ...]: every chapter up to number LAST, then the table of models.
run_chapters() {
  local last=$1 chapters=() targets=() chapter failed=()
  read_run_options "${@:2}"
  mapfile -t chapters < <(all_chapters)
  for chapter in "${chapters[@]}"; do
    ((10#${chapter%%_*} > last)) || targets+=("ch$chapter")
  done
  build release "building ${#targets[@]} chapters" "${targets[@]}" qfs_closing_table
  make_scratch
  # What the table would refuse after minutes of lessons, it refuses now.
  ((${#table_options[@]} == 0)) || run "$(closing_table)" --check "${table_options[@]}"
  for chapter in "${targets[@]#ch}"; do run_for_table "$chapter"; done
  run "$(closing_table)" "${table_options[@]}" "$scratch"/ch*.json
  ((${#failed[@]} == 0)) && return
  say ""
  say "A claim failed in chapter ${failed[*]}: look for [FAILED] above."
  return 1
}

# run_for_table CHAPTER: runs it with the options of this run; its figures go to $scratch. A failed claim is
# remembered in `failed`; a crash, bad usage or missing data ends the run.
run_for_table() {
  local chapter=$1 number=${1%%_*} code=0 packages
  packages=$(packages_of "$chapter")
  if [[ -n $packages ]]; then
    say "Chapter $number is left out: it needs $packages."
    return
  fi
  run "$(program_of "$chapter")" "${chapter_options[@]}" --json "$scratch/ch$number.json" || code=$?
  put ""
  if ((code == 1)); then
    failed+=("$number")
  elif ((code > 128)); then
    say "Chapter $number crashed (signal $((code - 128))); stopped here."
    exit 1
  elif ((code != 0)); then
    say "Chapter $number could not run (exit code $code); stopped here."
    exit 2
  fi
  [[ -s $scratch/ch$number.json ]] || refuse "chapter $number ended without its figures" \
    "exit code $code, no figures" "a program that runs to its end" \
    "build it anew: rm '$(program_of "$chapter")', then run this again"
}

# read_run_options [OPTION ...]: sets chapter_options, which every chapter gets, and table_options, for the
# closing table.
read_run_options() {
  chapter_options=()
  table_options=()
  local name value
  while (($# > 0)); do
    name=${1%%=*}
    case $name in
      --data | --weights | --seed | --threads | --json | --markdown) ;;
      *) refuse "./learn does not know this option when it runs all chapters" "$1" \
        "--data DIR, --weights DIR, --seed N, --threads N, --json FILE or --markdown FILE" \
        "give an option of one chapter after its number, as in ./learn 1 $1" ;;
    esac
    if [[ $1 == *=* ]]; then
      value=${1#*=}
      shift
    else
      (($# >= 2)) || refuse "an option lacks its value" "$1" "a value after it" "see ./learn --help"
      value=$2
      shift 2
    fi
    case $name in
      --json | --markdown) table_options+=("$name=$value") ;;
      *) chapter_options+=("$name=$value") ;;
    esac
  done
}
