#!/usr/bin/env bash
# Whether ONNX Runtime gives the integers that we give: writes our nets, runs them on all test digits, compares.
#   tests/onnxruntime/run.sh                    exit code 1 where something differs that may not
#   tests/onnxruntime/run.sh --tables           and writes chapter 23's tables of it
#   tests/onnxruntime/run.sh --times            chapter 23's table of times, on a machine that has nothing to do
# Needs a build in build/release, and Node with npm; skipped, with a line that says why, where one is missing.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
agreement=build/release/tests/onnxruntime/onnx_agreement
measured=chapters/23_onnx_export/measured

case "$#,${1-}" in
  0, | 1,--tables | 1,--times) ;;
  *)
    echo "error: tests/onnxruntime/run.sh does not know '$*'" >&2
    echo "  usage: tests/onnxruntime/run.sh [--tables | --times]" >&2
    exit 2
    ;;
esac

skip() {
  echo "skipped: $*"
  exit 0
}

installed() {
  [[ $(node -p 'require("onnxruntime-node/package.json").version' 2>/dev/null) == \
    "$(node -p 'require("./tests/onnxruntime/package.json").dependencies["onnxruntime-node"]')" ]]
}

command -v node >/dev/null && command -v npm >/dev/null || skip "no Node with npm here (Debian: nodejs npm)"
cmake build/release -L -N | grep -q '^ONNX_DIR:PATH=.*-NOTFOUND$' && skip "no libonnx-dev here"
export NODE_PATH="$PWD/work/peers/node_modules${NODE_PATH:+:$NODE_PATH}"
if ! installed; then
  if ! tests/onnxruntime/install.sh; then
    npm ping >/dev/null 2>&1 || skip "the npm registry cannot be reached"
    exit 1
  fi
  installed || { echo "onnxruntime-node is not what package-lock.json says"; exit 1; }
fi
cmake --build build/release --target onnx_agreement >/dev/null || {
  cmake --build build/release --target onnx_agreement
  exit 1
}
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
"$agreement" write "$folder"
if [[ ${1-} == --times ]]; then
  node tests/onnxruntime/run.cjs "$folder" --time
  "$agreement" times "$folder" "$measured"
  exit
fi
node tests/onnxruntime/run.cjs "$folder"
if [[ ${1-} == --tables ]]; then "$agreement" compare "$folder" "$measured"; else "$agreement" compare "$folder"; fi

# The models that chapter 24 imports. They have 8 bits, with which ONNX Runtime saturates on a CPU without VNNI.
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null || continue
  grep -qE 'avx512_vnni|avx_vnni' /proc/cpuinfo || skip "no VNNI here: the models of chapter 24 were not run"
  "$python" tests/onnxruntime/record_imported.py --check
  exit
done
skip "no NumPy here (Debian: python3-numpy): the models of chapter 24 were not run"
