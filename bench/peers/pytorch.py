#!/usr/bin/env python3
"""PyTorch as a peer of ./learn bench: the MLP, float and quantized. The lines are those of bench/serve.hpp.

  pytorch.py WEIGHTS FOLDER    WEIGHTS holds the .npy files of the net, FOLDER x.npy, the rows of "model"

Kinds: float, frozen (TorchScript, frozen), static_onednn, static_qnnpack (8-bit activations, ReLU fused),
dynamic (onednn). Weights have one scale.
"""
import os
import pathlib
import sys
import time
import warnings

import numpy
import torch
from torch.ao import quantization
from torch.ao.quantization import MinMaxObserver, QConfig

RUNS = 8  # as in bench/timing.hpp


def float_net(weights):
    modules = []
    for i in (1, 2, 3):
        weight, bias = (numpy.load(weights / f"fc{i}_{kind}.npy") for kind in ("weight", "bias"))
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1]).eval()


def static_net(net, calibration):
    """Quantize, LinearReLU, LinearReLU, Linear, dequantize. The calibration digits are those that are timed:
    what scales they give changes no time."""
    fused = quantization.fuse_modules(net, [["0", "1"], ["2", "3"]])
    wrapped = quantization.QuantWrapper(fused)
    wrapped.qconfig = QConfig(
        activation=MinMaxObserver.with_args(dtype=torch.quint8),
        weight=MinMaxObserver.with_args(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric))
    prepared = quantization.prepare(wrapped)
    prepared(calibration)
    return quantization.convert(prepared)


def make(kind, weights, x):
    net = float_net(weights)
    if kind == "float":
        return net
    if kind == "frozen":
        return torch.jit.freeze(torch.jit.trace(net, x[:1]))
    engine = "qnnpack" if kind == "static_qnnpack" else "onednn"
    if kind not in ("static_onednn", "static_qnnpack", "dynamic"):
        raise ValueError(f"PyTorch has no such model here: {kind}")
    if engine not in torch.backends.quantized.supported_engines:
        raise ValueError(f"this PyTorch has no quantized engine {engine}")
    torch.backends.quantized.engine = engine
    if kind == "dynamic":
        return quantization.quantize_dynamic(net, {torch.nn.Linear})
    return static_net(net, x)


class Peer:
    def __init__(self, weights, folder):
        self.weights, self.folder = weights, folder
        self.ready = {}

    def prepare(self, kind, batch, threads):
        torch.set_num_threads(int(threads))
        x = torch.from_numpy(numpy.load(self.folder / "x.npy"))
        net = make(kind, self.weights, x)
        engine = torch.backends.quantized.engine
        some = x[:int(batch)].contiguous()

        self.ready[f"model {kind} {batch} {threads}"] = (engine, net, some)
        return "".join(str(c) for c in net(some).argmax(1).tolist())

    def time(self, repeats, request):
        """Microseconds of one call: the median of up to RUNS runs."""
        engine, net, some = self.ready[request]
        torch.backends.quantized.engine = engine
        runs = min(RUNS, repeats)
        times = []
        for run in range(runs):
            calls = (repeats + RUNS - 1 - run) // RUNS
            begun = time.perf_counter()
            for _ in range(calls):
                net(some)
            times.append((time.perf_counter() - begun) * 1e6 / calls)
        return sorted(times)[runs // 2]

    def answer(self, line):
        words = line.split()
        if words[0] == "hello":
            return f"PyTorch {torch.__version__}"
        if words[0] == "model":
            return self.prepare(*words[1:])
        if words[0] == "forget":
            self.ready.clear()
            return ""
        if words[0] == "run":
            return f"{self.time(int(words[1]), ' '.join(words[2:])):.9g}"
        raise ValueError(f"PyTorch is not asked for this: {words[0]}")


def main():
    warnings.simplefilter("ignore")
    lines = os.fdopen(os.dup(1), "w")  # what libraries print goes to stderr
    os.dup2(2, 1)
    peer = Peer(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    with torch.inference_mode():
        for line in sys.stdin:
            try:
                reply = f"ok {peer.answer(line)}"
            except Exception as error:  # whatever it is, the next request may do
                reply = "error " + (str(error).splitlines() or [repr(error)])[0]
            print(reply, file=lines, flush=True)


main()
