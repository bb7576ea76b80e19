#!/usr/bin/env python3
"""Trains the recipe of chapter 04 or 20 with PyTorch and with our program, in turn, and compares them.

  compare_training.py PROGRAM [--seeds 5] [--kernels NAME] [--write FILE.md]

PROGRAM is the built ch04_mnist_mlp; or ch20_float_cnn: one epoch of its small CNN. Both train on the bundled digits with one thread. PyTorch gets every
advantage that keeps the recipe: all pictures normalized beforehand, batches taken by index, no data loader.
Denormals are flushed on both sides. Both use OpenBLAS; --kernels sets its OPENBLAS_CORETYPE for both, and without it
PyTorch gets the kernels that our program chooses.
Times are medians over the ten epochs of a run; runs alternate, so that a busy machine slows both. Of the CNN they
are of its only epoch: PyTorch has run some batches before, keeps its tensors channels last, which is its faster
way here, and finds its pictures moved; ours moves them while it trains.
"""
import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
T_8 = 2.306          # 97.5 % point of Student's t with 8 degrees of freedom: 5 + 5 seeds


def read_png(path):
    """The grey pixels of an 8-bit PNG (ISO/IEC 15948), as a numpy array."""
    import numpy
    data, at, stream = path.read_bytes(), 8, b""
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            assert tuple(body[8:10]) == (8, 0) and body[12] == 0, f"{path} is not an 8-bit grey PNG"
        elif kind == b"IDAT":
            stream += body
        at += length + 12
    raw = zlib.decompress(stream)
    rows, above = [], bytes(width)
    for r in range(height):
        start = r * (width + 1)
        line, kind = bytearray(raw[start + 1:start + 1 + width]), raw[start]
        for i in range(width if kind else 0):
            a, b, c = (line[i - 1] if i else 0), above[i], (above[i - 1] if i else 0)
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line[i] = line[i] + (0, a, b, (a + b) // 2, nearest)[kind] & 255
        rows.append(bytes(line))
        above = rows[-1]
    return numpy.frombuffer(b"".join(rows), numpy.uint8).reshape(height, width)


def bundled_digits():
    """Pixels and labels by class: the last 200 of each are test. Order plays no part: it is shuffled."""
    import numpy
    folder = ROOT / "datasets" / "mnist"
    train, test = [], []
    for digit in range(10):
        sheet = read_png(folder / f"digit_{digit}.png")
        cells = sheet.reshape(sheet.shape[0] // 28, 28, 40, 28).swapaxes(1, 2).reshape(-1, 784)
        count = next(int(line.split()[1]) for line in (folder / "counts.txt").read_text().splitlines()
                     if line.split()[:1] == [str(digit)])
        train.append((cells[:count - 200], digit))
        test.append((cells[count - 200:count], digit))
    join = lambda parts: (numpy.concatenate([c for c, _ in parts]),
                          numpy.concatenate([numpy.full(len(c), d) for c, d in parts]))
    return join(train), join(test)


def is_cnn(program):
    return "ch20" in pathlib.Path(program).name


def run_pytorch(seed, data):
    import torch
    (train_x, train_y), (test_x, test_y) = data
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 100),
                              torch.nn.ReLU(), torch.nn.Linear(100, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    cross_entropy = torch.nn.CrossEntropyLoss()
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        order = torch.randperm(len(train_x))
        for begin in range(0, len(train_x), 32):
            batch = order[begin:begin + 32]
            optimizer.zero_grad(set_to_none=True)
            cross_entropy(net(train_x[batch]), train_y[batch]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
    with torch.no_grad():
        right = (net(test_x).argmax(1) == test_y).float().mean().item()
    return right, statistics.median(seconds)


def moved(x, shift=2):
    """Every picture moved by up to two pixels each way, paper from outside."""
    import torch
    padded = torch.nn.functional.pad(x, (shift,) * 4, value=float((0.0 - 0.1307) / 0.3081))
    rows, columns = (torch.randint(0, 2 * shift + 1, (len(x), 1)) + torch.arange(28) for _ in range(2))
    return padded[torch.arange(len(x))[:, None, None], 0, rows[:, :, None], columns[:, None, :]][:, None]


def run_pytorch_cnn(seed, data):
    import math
    import torch
    n, last = torch.nn, torch.channels_last
    (train_x, train_y), (test_x, test_y) = data
    train_x, test_x = train_x.reshape(-1, 1, 28, 28), test_x.reshape(-1, 1, 28, 28)
    torch.manual_seed(seed)
    make = lambda: n.Sequential(n.Conv2d(1, 8, 3, padding=1), n.ReLU(), n.MaxPool2d(2), n.Conv2d(8, 16, 3, padding=1),
                                n.ReLU(), n.MaxPool2d(2), n.Flatten(), n.Linear(784, 10)).to(memory_format=last)
    cross_entropy = n.CrossEntropyLoss()

    def epoch(net, x, y):
        optimizer, steps = torch.optim.Adam(net.parameters(), lr=0.002), (len(x) + 63) // 64
        order = torch.randperm(len(x))
        for step, begin in enumerate(range(0, len(x), 64)):
            batch = order[begin:begin + 64]
            optimizer.param_groups[0]["lr"] = 0.001 * (1.0 + math.cos(math.pi * step / steps))
            optimizer.zero_grad(set_to_none=True)
            cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()

    epoch(make(), train_x[:640].to(memory_format=last), train_y[:640])
    net, x = make(), moved(train_x).to(memory_format=last)
    start = time.perf_counter()
    epoch(net, x, train_y)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        return (net(test_x).argmax(1) == test_y).float().mean().item(), seconds


def run_ours(program, seed):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        quick = ["--quick"] if is_cnn(program) else []  # shortens what is not the epoch
        done = subprocess.run([program, "--seed", str(seed), "--json", report, *quick], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{program} ended with exit code {done.returncode}:\n{done.stderr}")
        figures = json.loads(report.read_text())["figures"]
    accuracy = figures["one_epoch_accuracy" if is_cnn(program) else "trained_accuracy"]
    return accuracy, figures["epoch_seconds"], done.stderr.splitlines()[0]


def kernels_of(program):
    """The CPU family after which our program has OpenBLAS choose its kernels."""
    done = subprocess.run([program, "--quick"], capture_output=True, text=True)
    return done.stderr.splitlines()[0].split("; OpenBLAS for ")[1]


def table(ours, theirs, machine, torch_version):
    a, b = [100 * r[0] for r in ours], [100 * r[0] for r in theirs]
    difference = statistics.mean(a) - statistics.mean(b)
    half = T_8 * ((statistics.variance(a) + statistics.variance(b)) / len(a)) ** 0.5
    ratios = [x[1] / y[1] for x, y in zip(ours, theirs)]
    lines = ["| seed | this program, right % | PyTorch, right % | this program, s per epoch | PyTorch, s per epoch | ratio |",
             "|---|---:|---:|---:|---:|---:|"]
    for i, (x, y) in enumerate(zip(ours, theirs)):
        lines.append(f"| {i + 1} | {a[i]:.2f} | {b[i]:.2f} | {x[1]:.4f} | {y[1]:.4f} | {ratios[i]:.2f} |")
    lines += [f"| mean, median | {statistics.mean(a):.2f} | {statistics.mean(b):.2f} | "
              f"{statistics.median(x[1] for x in ours):.4f} | {statistics.median(y[1] for y in theirs):.4f} | "
              f"{statistics.median(ratios):.2f} |", "",
              f"Difference in accuracy: {difference:+.2f} percentage points, 95 % interval "
              f"{difference - half:+.2f} to {difference + half:+.2f}. A seed means other weights and other batches "
              "in the two programs.", "",
              f"{machine}; -O3 -ffp-contract=off -fno-math-errno, x86-64 baseline; the same OpenBLAS kernels on both "
              f"sides, one thread each, runs alternated; PyTorch {torch_version}; {datetime.date.today()}.", ""]
    return "\n".join(lines), difference, half, statistics.median(ratios)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=5, choices=[5], help="the interval is for 5")
    parser.add_argument("--kernels")
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # before PyTorch loads OpenBLAS
    os.environ["OPENBLAS_CORETYPE"] = options.kernels or kernels_of(options.program)
    import numpy
    import torch
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    data = [(torch.from_numpy(((x.astype(numpy.float32) / numpy.float32(255)) - numpy.float32(0.1307))
                              / numpy.float32(0.3081)), torch.from_numpy(y)) for x, y in bundled_digits()]
    ours, theirs = [], []
    for seed in range(1, options.seeds + 1):
        ours.append(run_ours(options.program, seed))
        theirs.append((run_pytorch_cnn if is_cnn(options.program) else run_pytorch)(seed, data))
        print(f"seed {seed}: ours {ours[-1][0]:.4f} {ours[-1][1]:.4f} s, "
              f"PyTorch {theirs[-1][0]:.4f} {theirs[-1][1]:.4f} s", file=sys.stderr)
    text, difference, half, ratio = table(ours, theirs, ours[0][2], torch.__version__)
    print(text)
    if options.write:
        options.write.write_text(text)
    at_most = 1.0 if is_cnn(options.program) else 0.5
    return 0 if abs(difference) <= half and ratio <= at_most else 1


if __name__ == "__main__":
    sys.exit(main())
