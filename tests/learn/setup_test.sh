#!/usr/bin/env bash
# setup_test.sh REPOSITORY: what ./learn and ./learn doctor say and do where something is missing. Nothing is
# installed: apt-get and sudo are stand-ins.
repository=$1
source "$1/tests/learn/miniature.sh"

# Only what stands here is on PATH: the stand-ins, and these of the machine.
tools=(awk basename bash cat chmod chown cmp cp cut dirname env find flock grep
  head ls mkdir mktemp mv nproc ps readlink rm sed sleep sort stat stdbuf tail timeout touch tr uname wc xargs)
only_stand_ins() {
  local tool
  for tool in "${tools[@]}"; do ln -sf "$(command -v "$tool")" "$scratch/bin/$tool"; done
  PATH=$scratch/bin
}
whole_path=$PATH
new_machine() {
  PATH=$whole_path
  new_course
  only_stand_ins
  stand_in apt-get <<<'exit "${APT_CODE:-0}"'
  stand_in python3 <<<'' # the doctor looks for PyTorch
  stand_in sudo <<'EOF'
[[ ${SUDO_CODE:-0} == 0 ]] || exit 1
while [[ $1 == -* || $1 == *=* || $1 == env ]]; do shift; done
"$@"
EOF
}
as_user=() # a user that is not root
if [[ $(id -u) == 0 ]]; then
  as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$scratch"
  tools+=(setpriv)
fi
# lacks PACKAGE ...: dpkg lists all the others as installed.
lacks() {
  stand_in dpkg-query <<EOF
for package in "\${@:3}"; do [[ " $* " == *" \$package "* ]] || echo "ii :\$package:"; done
EOF
}
learn_as_user() { # CODE TEXT [NAME=VALUE ...] ARGUMENT ...
  local settings=()
  while [[ ${3-} == [A-Z]*=* ]]; do settings+=("$3") && set -- "$1" "$2" "${@:4}"; done
  [[ ${#as_user[@]} == 0 ]] || chown -R 65534:65534 "$scratch"
  code=0
  said=$(env "${settings[@]}" "${as_user[@]}" "$course/learn" "${@:3}" 2>&1 </dev/null) || code=$?
  ((code == $1)) && [[ $said == *"$2"* ]] ||
    fail "learn ${*:3}, as a user" "exit code $code, \"$said\"" "exit code $1 and \"$2\""
}
line='apt-get update && apt-get install --no-install-recommends'

# All there: nothing is installed.
new_machine
expect 0 "Everything is there." setup
called 0 '^apt-get'
expect 0 "Next: ./learn" doctor

# Root installs what is missing, and only that.
new_machine
lacks libxtensor-dev catch2
if ((EUID == 0)); then
  expect 0 "Everything is there." setup
  called 1 '^apt-get install -y -q --no-install-recommends libxtensor-dev catch2$'
  expect 2 "apt-get could not install what is missing" APT_CODE=100 setup
  expect 2 "$line libxtensor-dev catch2" APT_CODE=100 1
  silent_about "ch01_one"
  expect 0 "Missing: libxtensor-dev catch2. ./learn installs them" doctor
fi

# A user with a sudo that works does the same; one without is told what an administrator types.
new_machine
lacks zlib1g-dev
learn_as_user 0 "Everything is there." setup
called 1 '^apt-get install -y -q --no-install-recommends zlib1g-dev$'
learn_as_user 0 "./learn installs them" doctor
learn_as_user 0 "  $line zlib1g-dev" SUDO_CODE=1 doctor
silent_about "./learn installs"
learn_as_user 0 "Not installed: zlib1g-dev" SUDO_CODE=1 1
[[ $said == *"ch01_one"* ]] || fail "a missing library" "$said" "the build tries to fetch it"
rm "$course/build/release/build.ninja"
learn_as_user 2 "$line zlib1g-dev" SUDO_CODE=1 CONFIGURE_CODE=1 1
stand_in dpkg-query <<<'for package in "${@:3}"; do echo "rc :$package:"; done' # removed, but for its settings
learn_as_user 0 "Missing: libxtensor-dev" doctor
new_machine
rm "$scratch/bin/g++" "$scratch/bin/cmake" "$scratch/bin/ninja"
learn_as_user 2 "$line g++ cmake ninja-build" SUDO_CODE=1 1
learn_as_user 0 "  $line g++ cmake ninja-build" SUDO_CODE=1 doctor
rm "$scratch/bin/sudo"
learn_as_user 2 "$line g++ cmake ninja-build" setup
new_machine
lacks gnuplot-nox
learn_as_user 2 "$line gnuplot-nox" SUDO_CODE=1 figures

# A compiler may be a clang++, of version 14 or later.
new_machine
rm "$scratch/bin/g++"
stand_in clang++ <<<'echo 14.0.6'
expect 0 "ch01_one" 1
stand_in clang++ <<<'echo 13.0.1'
learn_as_user 2 "g++" SUDO_CODE=1 1

# Without apt-get: the libraries cannot be asked for, and are tried.
new_machine
rm "$scratch/bin/apt-get" "$scratch/bin/dpkg-query"
expect 0 "ch01_one" 1
expect 2 "this system has no apt-get" data

PATH=$whole_path
exit $((failures > 0))
