# What the build needs, and how it is installed.
# shellcheck shell=bash

# The libraries, as Debian and Ubuntu name them. cmake/QfsDependencies.cmake says what each is for.
library_packages=(libxtensor-dev xtl-dev libopenblas-dev libstb-dev catch2 libcli11-dev
  nlohmann-json3-dev zlib1g-dev libonnx-dev libprotobuf-dev)
maintainer_packages=(g++ clang clang-format clang-tidy libclang-rt-dev gnuplot-nox libdnnl-dev qemu-user
  dataset-fashion-mnist)

has() { command -v "$1" >/dev/null 2>&1; }

# Whether a C++20 compiler is there: any g++, or a clang++ of version 14 or later.
has_compiler() {
  has g++ && return
  has clang++ || return 1
  local version
  version=$(clang++ -dumpversion)
  ((${version%%.*} >= 14))
}

# Prints the packages without which nothing can be compiled and which are not there.
missing_tools() {
  has_compiler || echo g++
  has cmake || echo cmake
  has ninja || echo ninja-build
}

# not_installed PACKAGE ...: prints those that dpkg does not list as installed.
not_installed() {
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}:${Package}:\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [[ $installed == *"ii :$package:"* ]] || echo "$package"
  done
}

# Prints the packages that a build needs and that are not there. Without dpkg nobody knows which libraries
# are, so all of them count.
missing_packages() {
  missing_tools
  not_installed "${library_packages[@]}"
}

# Readies the machine for the build; says what it does, and does nothing when nothing is missing.
set_up() {
  local tools libraries
  mapfile -t tools < <(missing_tools)
  libraries=()
  if has apt-get; then mapfile -t libraries < <(not_installed "${library_packages[@]}"); fi
  if ((${#tools[@]} + ${#libraries[@]} == 0)); then return; fi
  if can_install; then
    install_packages "${tools[@]}" "${libraries[@]}"
  elif ((${#tools[@]} > 0)); then
    refuse "some packages are missing, and this user cannot install them here" \
      "without ${tools[*]} ${libraries[*]}" "root, or a sudo that works, and apt-get" \
      "ask an administrator to run:  $(apt_line "${tools[@]}" "${libraries[@]}")"
  else
    say "Not installed: ${libraries[*]}"
    say "This user cannot install packages, so the build will try to fetch the sources instead."
  fi
}

# Whether packages can be installed: apt-get, and root or a sudo that will not hang on a password.
can_install() {
  has apt-get || return 1
  ((EUID == 0)) && return
  has sudo || return 1
  [[ -t 0 ]] || sudo -n true 2>/dev/null
}

# apt_line PACKAGE ...: what root types to install them.
apt_line() { echo "apt-get update && apt-get install --no-install-recommends $*"; }

# require_packages PACKAGE ...: installs those that are missing, or names them and ends.
require_packages() {
  local missing
  if ! has apt-get; then
    refuse "this system has no apt-get" "" "Debian or Ubuntu" \
      "install what your system calls $*, then run this again"
  fi
  mapfile -t missing < <(not_installed "$@")
  if ((${#missing[@]} == 0)); then return; fi
  can_install || refuse "some packages are missing, and this user cannot install them" \
    "without ${missing[*]}" "root, or a sudo that works" \
    "ask an administrator to run:  $(apt_line "${missing[@]}")"
  install_packages "${missing[@]}"
}

# install_packages PACKAGE ...: says what, asks on a terminal, installs.
install_packages() {
  local by_hand
  by_hand="install them yourself:  $(apt_line "$@")"
  say "Missing: $*"
  agreed "Install these now with apt-get?" || refuse "nothing was installed" "no" "yes, or Enter" "$by_hand"
  if ((EUID != 0)); then sudo true || refuse "sudo did not let this user in" "" "" "$by_hand"; fi
  local log
  log=$(mktemp 2>/dev/null) || refuse "cannot make a temporary file" "${TMPDIR:-/tmp}" \
    "a folder that this user may write into" "set TMPDIR to one"
  if package_lists_are_old; then update_package_lists "$log"; fi
  if ! quietly "installing $# packages and what they need" "$log" \
    as_root apt-get install -y -q --no-install-recommends "$@"; then
    refuse "apt-get could not install what is missing" "the messages above" \
      "a working network and enough room on the disk" "repair that, or $by_hand"
  fi
  rm -f "$log"
}

# The lists are old when none was fetched in the last seven days; then names may point to files that
# the archive no longer has.
package_lists_are_old() {
  [[ -z $(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -ctime -7 -print -quit 2>/dev/null) ]]
}

update_package_lists() {
  quietly "updating the package lists" "$1" as_root apt-get update -q ||
    say "The lists could not be updated; trying with those that are there."
}

# as_root COMMAND ...: with sudo when needed.
as_root() {
  if ((EUID == 0)); then
    DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

setup_command() {
  case "$*" in
    "") set_up ;;
    --maintainer) set_up && require_packages "${maintainer_packages[@]}" ;;
    *) refuse "./learn setup does not know this option" "$*" "nothing, or --maintainer" \
      "see ./learn --help" ;;
  esac
  say "Everything is there."
}
