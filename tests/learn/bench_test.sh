#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2154
# bench_test.sh REPOSITORY: which peers ./learn bench finds, and what it hands to its program.
repository=$1
source "$1/tests/learn/miniature.sh"

benches="$course/build/release/bench"

# new_bench: a fresh course whose benchmark says its options and where node looks for modules.
new_bench() {
  new_course
  write_program "$benches/qfs_bench" <<<'echo "bench $*; $NODE_PATH"; exit "${BENCH_CODE:-0}"'
  stand_in python3 <<<'exit "${TORCH_CODE:-0}"'
  stand_in node <<<''
}

# Every peer that is there is handed over, before the options of the user, which so come last.
new_bench
expect 0 "--openblas $benches/qfs_bench_openblas --python $scratch/bin/python3 --node $scratch/bin/node --quick --json f" \
  PYTHON=python3 bench --quick --json f
[[ $said == *"; $course/work/peers/node_modules"* ]] || fail "where node looks" "$said" "work/peers"
silent_about "--onednn"
called 1 '^cmake --build .* --target bench -j'
expect 0 "; $course/work/peers/node_modules:/mine" PYTHON=python3 NODE_PATH=/mine bench
write_program "$benches/qfs_bench_onednn" <<<''
expect 0 "--onednn $benches/qfs_bench_onednn --" PYTHON=python3 bench

# The exit code is the program's.
for failure in 1 2; do expect $failure "bench --openblas" PYTHON=python3 BENCH_CODE=$failure bench; done

# A oneDNN that came after the build had been prepared: CMake looks once more, and only then.
new_bench
expect 0 "bench --openblas" PYTHON=python3 bench # prepared
forget
echo 'QFS_ONEDNN_LIBRARY:FILEPATH=/usr/lib/libdnnl.so' >>"$course/build/release/CMakeCache.txt"
expect 0 "bench --openblas" PYTHON=python3 bench
called 0 "^cmake $course/build/release"
sed -i 's|^\(QFS_ONEDNN_LIBRARY:FILEPATH\)=.*|\1=QFS_ONEDNN_LIBRARY-NOTFOUND|' "$course/build/release/CMakeCache.txt"
expect 0 "looking for oneDNN again" PYTHON=python3 bench
called 1 "^cmake $course/build/release"
stand_in dpkg-query <<'EOF'
for package in "${@:4}"; do
  [[ $package == libdnnl-dev ]] || echo "ii :$package:"
done
EOF
forget
expect 0 "bench --openblas" PYTHON=python3 bench
called 0 "^cmake $course/build/release"
silent_about "looking for oneDNN"

# Nothing is installed for it, and the doctor says how each peer is to be had.
called 0 apt-get
expect 0 "missing: apt-get install libdnnl-dev" PYTHON=python3 doctor
[[ $said == *"tests/onnxruntime/install.sh"* ]] || fail "the doctor" "$said" "npm"

exit $((failures > 0))
