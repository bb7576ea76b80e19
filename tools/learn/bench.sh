# ./learn bench: the kernels and nets beside their peers, each of which is used if it is there.
# shellcheck shell=bash disable=SC2154

# bench_command [OPTION ...]: nothing is installed for it but what every build needs.
bench_command() {
  local programs="$root/build/release/bench" peers=()
  build release "building the benchmarks" bench
  find_onednn
  peers+=(--openblas "$programs/qfs_bench_openblas")
  [[ ! -x $programs/qfs_bench_onednn ]] || peers+=(--onednn "$programs/qfs_bench_onednn")
  local python modules
  modules=$(node_modules)
  if python=$(python_with_torch); then peers+=(--python "$(command -v -- "$python")"); fi
  if has node; then peers+=(--node "$(command -v node)"); fi
  export NODE_PATH="$modules${NODE_PATH:+:$NODE_PATH}"
  exec "$programs/qfs_bench" "${peers[@]}" "$@"
}

# Where npm puts onnxruntime-node, as bench/README.md says.
node_modules() { echo "$root/work/peers/node_modules"; }

# A oneDNN that was installed after the build had been prepared is not known to it; one that has gone would
# leave a program that cannot start.
find_onednn() {
  local cache="$root/build/release/CMakeCache.txt"
  has_onednn || return 0
  grep -q '^QFS_ONEDNN_LIBRARY:FILEPATH=.*-NOTFOUND$' "$cache" 2>/dev/null || return 0
  quietly "looking for oneDNN again" "$root/build/release/learn.log" cmake "$root/build/release" ||
    refuse "the build could not be prepared" "the messages above" "" "delete build/release and try again"
  build release "building the benchmarks" bench
}

has_onednn() { has dpkg-query && [[ -z $(not_installed libdnnl-dev) ]]; }

# The peers' lines of ./learn doctor.
doctor_peers() {
  local runtime=""
  line "oneDNN" "$(dpkg-query -W -f '${Version}' libdnnl-dev 2>/dev/null || true)" \
    "missing: apt-get install libdnnl-dev"
  line "PyTorch" "$(torch_version)" "missing: apt-get install python3-torch python3-numpy"
  if has node; then
    runtime=$(NODE_PATH=$(node_modules) node -p \
      'require("onnxruntime-node").env.versions.node + ", node " + process.version' 2>/dev/null || true)
  fi
  line "ONNX Runtime" "$runtime" \
    "missing: tests/onnxruntime/install.sh"
}
