#!/usr/bin/env bash
# Installs ONNX Runtime for Node into work/peers, in the version of package-lock.json, which names no host: npm
# asks whatever registry it is set to, and compares what comes with the sums in the file. No script of any
# package runs, and nothing else is downloaded. For tests/onnxruntime/run.sh and ./learn bench.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

mkdir -p work/peers
cp tests/onnxruntime/package.json tests/onnxruntime/package-lock.json work/peers/
ONNXRUNTIME_NODE_INSTALL=skip npm ci --prefix work/peers --ignore-scripts --no-audit --no-fund --loglevel=error
