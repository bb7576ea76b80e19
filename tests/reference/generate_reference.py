#!/usr/bin/env python3
"""Makes the reference outputs of the tests with PyTorch and NumPy, and the MANIFEST that describes them.

  generate_reference.py            all chapters
  generate_reference.py 01 03      these chapters
  generate_reference.py --check    regenerates into memory and fails where a committed file differs
  generate_reference.py --seed N --into DIR
                                   other draws and another net, into DIR: what ./learn test --live compares with

One file per chapter, chNN.py, has generate(save, rng): save(name, array) keeps chNN/name.npy. rng is seeded
by the chapter's number, so that a chapter's outputs do not depend on the others. Debian: python3-torch, and
python3-onnx for chapter 24.
"""
import argparse
import hashlib
import importlib
import io
import pathlib
import platform
import sys
import warnings

import numpy
import torch

import digits

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20260101  # of the committed files


def outputs_of(number, seed):
    """The files of one chapter: {"ch01/name.npy": bytes}."""
    files = {}

    def save(name, array):
        array = numpy.ascontiguousarray(array)
        if not numpy.little_endian:
            raise SystemExit("the reference files are little-endian: run this on such a machine")
        buffer = io.BytesIO()
        numpy.save(buffer, array)
        files[f"ch{number}/{name}.npy"] = buffer.getvalue()

    warnings.simplefilter("ignore")  # PyTorch announces that reduce_range will go
    torch.manual_seed(seed + int(number))
    torch.set_num_threads(1)
    torch.backends.quantized.engine = "qnnpack"
    rng = numpy.random.Generator(numpy.random.PCG64([seed, int(number)]))
    importlib.import_module(f"ch{number}").generate(save, rng)
    return files


def write_files(folder, number, files):
    (folder / f"ch{number}").mkdir(exist_ok=True)
    for stale in (folder / f"ch{number}").glob("*.npy"):
        stale.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def another_net(folder, seed):
    """The trained net with every parameter times a factor of its own: the nets of chapters 05 and later."""
    rng = numpy.random.Generator(numpy.random.PCG64(seed))
    (folder / "weights").mkdir(exist_ok=True)
    for i, layer in enumerate(digits.pretrained()):
        for kind, values in zip(("weight", "bias"), layer):
            factors = 1.0 + 0.25 * rng.standard_normal(values.shape)
            numpy.save(folder / "weights" / f"fc{i + 1}_{kind}.npy", (values * factors).astype(numpy.float32))
    digits.weights_folder = folder / "weights"


def write_manifest():
    lines = [
        "# Made by tests/reference/generate_reference.py; do not edit.",
        f"python {platform.python_version()}",
        f"torch {torch.__version__}",
        f"numpy {numpy.__version__}",
        f"seed {SEED}",
    ]
    for path in sorted(HERE.glob("ch*/*.npy")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.relative_to(HERE)}")
    (HERE / "MANIFEST").write_text("\n".join(lines) + "\n")


def check(files):
    wrong = [name for name, data in files.items()
             if not (HERE / name).exists() or (HERE / name).read_bytes() != data]
    for name in wrong:
        print(f"{name}: the committed file differs from what this PyTorch and NumPy compute")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("chapters", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--into", type=pathlib.Path)
    options = parser.parse_args()
    known = sorted(path.stem[2:] for path in HERE.glob("ch[0-9][0-9].py"))
    chapters = [name.zfill(2) for name in options.chapters] or known
    unknown = [name for name in chapters if name not in known]
    if unknown:
        parser.error(f"no chapter {', '.join(unknown)} here; there are {', '.join(known)}")
    if (options.seed != SEED) != (options.into is not None):
        parser.error("--seed and --into go together: the committed files have one seed")
    if options.into:
        options.into.mkdir(parents=True, exist_ok=True)
        another_net(options.into, options.seed)

    wrong = []
    for number in chapters:
        try:
            files = outputs_of(number, options.seed)
        except ModuleNotFoundError as missing:
            if not options.into:
                raise
            print(f"chapter {number}: left out, there is no {missing.name} here")
            continue
        print(f"chapter {number}: {len(files)} files, {sum(map(len, files.values()))} bytes")
        if options.check:
            wrong += check(files)
        else:
            write_files(options.into or HERE, number, files)
    if not options.check and not options.into:
        write_manifest()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
