#!/usr/bin/env python3
"""Lets ONNX Runtime run the models that chapter 24 imports, and keeps what it says:

  record_imported.py            the models of datasets/onnx on all test digits, into NAME.onnxruntime.npy beside them
  record_imported.py --check    writes nothing, and fails where a committed file differs

Both also run the models of tests/reference/ch24, and fail where ONNX Runtime's numbers are not NumPy's.

Needs node and onnxruntime-node (NODE_PATH), and a CPU with VNNI: older ones saturate (chapter 23)."""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REFERENCE, COMMITTED = ROOT / "tests" / "reference", ROOT / "datasets" / "onnx"
sys.path.insert(0, str(REFERENCE))
import digits  # noqa: E402: found by the line before

PRIME = 0x01000193


def run_of(name, x, rows, output):
    return {"name": name, "model": f"{name}.onnx", "input": x, "batch": rows, "optimizations": "all", "outputs": [output]}


def small_models(folder):
    runs = []
    for path in sorted((REFERENCE / "ch24").glob("*_model.npy")):
        name = path.name[:-len("_model.npy")]
        if name.startswith("hostile_"):
            continue
        (folder / f"{name}.onnx").write_bytes(numpy.load(path).tobytes())
        x = numpy.load(REFERENCE / "ch24" / f"{name}_x.npy")
        numpy.save(folder / f"{name}_x.npy", x)
        runs.append(run_of(name, f"{name}_x.npy", len(x), "y"))
    return runs


def committed_models(folder):
    """On all test digits, 100 a call: a dynamic net's ranges are those of a batch."""
    pixels, _ = digits.test_digits()
    x = digits.normalized(pixels).astype(numpy.float32)
    numpy.save(folder / "digits.npy", x)
    numpy.save(folder / "pictures.npy", x.reshape(-1, 1, 28, 28))
    runs = []
    for path in sorted(COMMITTED.glob("*.onnx")):
        (folder / path.name).write_bytes(path.read_bytes())
        runs.append(run_of(path.stem, "digits.npy" if path.stem.startswith("mlp") else "pictures.npy", 100, "logits"))
    return runs


def classes_and_hashes(logits):
    """Of each row its class, and h = h * PRIME + byte over its float32 bits, modulo 2^32."""
    h = numpy.zeros(len(logits), numpy.uint32)
    for column in numpy.ascontiguousarray(logits, "<f4").view(numpy.uint8).reshape(len(logits), -1).T:
        h = h * numpy.uint32(PRIME) + column
    return numpy.stack([logits.argmax(axis=1).astype(numpy.int32), h.view(numpy.int32)], axis=1)


def main():
    check, wrong = sys.argv[1:] == ["--check"], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        small, committed = small_models(folder), committed_models(folder)
        (folder / "runs.json").write_text(json.dumps(small + committed))
        subprocess.run(["node", HERE / "run.cjs", folder], check=True)
        for run in small:
            y = numpy.load(folder / f"{run['name']}.y.npy")
            different = int((y != numpy.load(REFERENCE / "ch24" / f"{run['name']}_y.npy")).sum())
            print(f"{run['name']}: {different} of {y.size} numbers differ from NumPy's")
            wrong += different
        for run in committed:
            both = classes_and_hashes(numpy.load(folder / f"{run['name']}.logits.npy"))
            kept = COMMITTED / f"{run['name']}.onnxruntime.npy"
            different = len(both) if not kept.exists() else int((both != numpy.load(kept)).any(axis=1).sum())
            print(f"{run['name']}: {different} of {len(both)} digits differ from what is committed")
            if check:
                wrong += different
            else:
                numpy.save(kept, both)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
