# ./learn doctor, data, docs, figures, reference.
# shellcheck shell=bash

maintain_docs() { build_shown docs "the texts' code, outputs and tables"; }

maintain_figures() {
  has gnuplot || require_packages gnuplot-nox
  build_shown figures "the figures"
}

# build_shown TARGET WHAT: builds a target whose commands rewrite files, and shows what they say.
build_shown() {
  take_lock
  set_up
  configure release
  say "rewriting $2"
  run cmake --build "$root/build/release" --target "$1" -j "$(nproc)" ||
    refuse "$2 could not be rewritten" "the messages above" "" "repair what they name"
  release_lock
}

# The reference outputs come from PyTorch.
maintain_reference() {
  local python
  python=$(reference_python)
  say "using $python, $("$python" -c 'import torch; print("PyTorch", torch.__version__)')"
  run "$python" "$root/tests/reference/generate_reference.py" ||
    refuse "the reference outputs could not be made" "the messages above" "" "repair what they name"
}

# Prints the Python that runs the generator: the first that has PyTorch, which is installed if none has.
reference_python() {
  python_with_torch && return
  require_packages python3-torch python3-numpy
  echo /usr/bin/python3
}

python_with_torch() {
  local python
  for python in "${PYTHON:-python3}" /usr/bin/python3; do
    if "$python" -c 'import torch, numpy' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

fetch_data() {
  (($# <= 1)) || refuse "./learn data takes one folder at most" "$*" "./learn data [DIR]" \
    "put quotes around a name with spaces"
  has curl || require_packages curl ca-certificates
  run "$root/tools/fetch_mnist.sh" "${1:-$root/work/mnist}"
}

# One line per thing: what it is, what is there, and, where it is missing, what that means.
doctor() {
  local flags
  flags=$(grep -m1 '^flags' /proc/cpuinfo 2>/dev/null || true)
  put "This machine"
  line "CPU" "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)" "unknown"
  line "cores" "$(nproc)" ""
  line "instruction sets" "$(instruction_sets "$flags")" "none beyond the baseline"
  line "memory" "$(awk '/^MemTotal/ {printf "%.1f GB", $2 / 1048576}' /proc/meminfo 2>/dev/null)" "unknown"
  put ""
  put "To build and to run (./learn setup installs what is missing)"
  doctor_tools
  doctor_libraries
  put ""
  put "For maintainers (./learn setup --maintainer)"
  line "clang++" "$(version_of clang++)" "missing: .ci/run needs it"
  line "clang-format" "$(version_of clang-format)" "missing: .ci/run needs it"
  line "gnuplot" "$(version_of gnuplot)" "missing: ./learn figures installs it"
  line "Fashion-MNIST" "$(fashion_folder)" "missing: apt-get install dataset-fashion-mnist; --data fashion needs it"
  line "PyTorch" "$(torch_version)" "missing: ./learn reference installs it; only that and ./learn bench use it"
  put ""
  put "Peers of ./learn bench, which runs without them"
  doctor_peers
  put ""
  doctor_verdict
}

# line NAME FOUND IF_MISSING
line() { put "$(printf '  %-20s %s' "$1" "${2:-$3}")"; }

version_of() { has "$1" && "$1" --version 2>/dev/null | head -n 1 || true; }

fashion_folder() {
  local folder=/usr/share/datasets/fashion-mnist
  [[ ! -d $folder ]] || echo "$folder"
}

torch_version() {
  local python
  python=$(python_with_torch) || return 0
  "$python" -c 'import sys, torch; print(torch.__version__, "in", sys.executable)'
}

# instruction_sets FLAGS: those that the kernels of later chapters can use.
instruction_sets() {
  local found=() set
  for set in avx2 fma avx_vnni avx512_vnni amx_int8; do
    [[ " $1 " == *" $set "* ]] && found+=("$set")
  done
  echo "${found[*]-}"
}

doctor_tools() {
  line "g++" "$(version_of g++)" "missing: clang++ 14 or later will do instead"
  line "cmake" "$(version_of cmake)" "missing"
  line "ninja" "$(version_of ninja)" "missing"
}

doctor_libraries() {
  local package
  has dpkg-query || return 0
  for package in "${library_packages[@]}"; do
    line "$package" "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || true)" "missing"
  done
}

doctor_verdict() {
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    put "Everything a reader needs is there. Next: ./learn"
  elif can_install; then
    put "Missing: ${missing[*]}. ./learn installs them when it starts, if root or sudo lets it."
  else
    put "Missing: ${missing[*]}. This user cannot install them; an administrator can:"
    put "  $(apt_line "${missing[@]}")"
  fi
}
