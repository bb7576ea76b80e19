#!/usr/bin/env python3
"""PyTorch as a peer of ./learn bench: whole nets, float and quantized. The lines are those of bench/serve.hpp.

  pytorch.py WEIGHTS FOLDER    WEIGHTS holds the .npy files of the MLP, FOLDER the files of all nets
                               (bench/nets.hpp): NET.npy, the rows, and NET.qfs, a float net of chapter 20

Kinds: float, frozen (TorchScript, frozen), static_onednn, static_qnnpack (8-bit activations, ReLU and batch norm
fused), dynamic (onednn; the MLP alone). Weights have one scale; those of a net of convolutions one an output.
"""
import os
import pathlib
import re
import struct
import sys
import time
import warnings

import numpy
import torch
from torch.ao import quantization
from torch.ao.quantization import MinMaxObserver, PerChannelMinMaxObserver, QConfig

RUNS = 8  # as in bench/timing.hpp
ONE_SCALE = MinMaxObserver.with_args(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
SCALE_AN_OUTPUT = PerChannelMinMaxObserver.with_args(dtype=torch.qint8, qscheme=torch.per_channel_symmetric)


def qconfig(weight):
    # Without VNNI oneDNN's sums of 8-bit activations saturate; there PyTorch's own default is 7 bits.
    held = os.environ.get("DNNL_MAX_CPU_ISA") == "AVX2" and torch.backends.quantized.engine == "onednn"
    return QConfig(activation=MinMaxObserver.with_args(dtype=torch.quint8, reduce_range=held), weight=weight)


def float_mlp(weights):
    modules = []
    for i in (1, 2, 3):
        weight, bias = (numpy.load(weights / f"fc{i}_{kind}.npy") for kind in ("weight", "bias"))
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1]).eval()


def static_mlp(net, calibration):
    """Quantize, LinearReLU, LinearReLU, Linear, dequantize. The calibration digits are those that are timed:
    what scales they give changes no time."""
    fused = quantization.fuse_modules(net, [["0", "1"], ["2", "3"]])
    wrapped = quantization.QuantWrapper(fused)
    wrapped.qconfig = QConfig(activation=MinMaxObserver.with_args(dtype=torch.quint8), weight=ONE_SCALE)
    prepared = quantization.prepare(wrapped)
    prepared(calibration)
    return quantization.convert(prepared)


def records(file):
    """The records of a container (common/container_file.hpp): name -> array."""
    types = {1: numpy.uint8, 2: numpy.int8, 3: numpy.int32, 4: numpy.int64, 5: numpy.float32, 6: numpy.float64}
    data = file.read_bytes()
    at, found = 16, {}
    for _ in range(struct.unpack_from("<I", data, 12)[0]):
        length = struct.unpack_from("<I", data, at)[0]
        name = data[at + 4:at + 4 + length].decode()
        at += 4 + length
        dtype, rank = data[at], data[at + 1]
        dims = struct.unpack_from(f"<{rank}Q", data, at + 2)
        at += 2 + 8 * rank
        size = struct.unpack_from("<Q", data, at)[0]
        found[name] = numpy.frombuffer(data, types[dtype], size // numpy.dtype(types[dtype]).itemsize,
                                       at + 8).reshape(dims)
        at += 8 + size
    return found


LAYER = re.compile(r"(\d+) = (\w+)(?:\((.*?)\))?(?: (\d+) x (\d+) stride (\d+) padding (\d+))?(?: groups (\d+))?"
                   r"( bias)?: (\d+) x (\d+) x (\d+)")


class Graph(torch.nn.Module):
    """A flat list of layers on numbered tensors: chapter 20's net, read from its file."""

    def __init__(self, file):
        super().__init__()
        self.quant, self.dequant = quantization.QuantStub(), quantization.DeQuantStub()
        self.steps, shapes, counts, arrays = [], {}, {}, records(file)
        for line in arrays["layers"].tobytes().decode().splitlines():
            output, kind, inputs, *window, groups, bias, h, w, c = LAYER.fullmatch(line).groups()
            shapes[int(output)] = tuple(map(int, (h, w, c)))
            if kind == "input":
                self.shape = shapes[0]
                continue
            inputs = tuple(map(int, inputs.split(", ")))
            window = tuple(map(int, window)) if window[0] else None
            name = {"conv2d": "conv", "batch_norm": "norm", "linear": "fc"}.get(kind, kind)
            counts[name] = counts.get(name, 0) + 1
            numbers = {key[len(f"{name}{counts[name]}_"):]: torch.from_numpy(value.copy())
                       for key, value in arrays.items() if key.startswith(f"{name}{counts[name]}_")}
            module = self.make(kind, shapes[inputs[0]], shapes[int(output)], window, int(groups or 1), bool(bias), numbers)
            setattr(self, f"layer{output}", module)
            self.steps.append([int(output), kind, inputs])
        self.eval()

    @staticmethod
    def make(kind, before, after, window, groups, bias, numbers):
        if kind == "conv2d":
            kh, kw, stride, padding = window
            conv = torch.nn.Conv2d(before[2], after[2], (kh, kw), stride, padding, groups=groups, bias=bias)
            conv.weight.data = numbers["weight"].reshape(after[2], kh, kw, -1).permute(0, 3, 1, 2).contiguous()
            if bias:
                conv.bias.data = numbers["bias"]
            return conv
        if kind == "batch_norm":
            norm = torch.nn.BatchNorm2d(before[2])
            norm.weight.data, norm.bias.data = numbers["gamma"], numbers["beta"]
            norm.running_mean, norm.running_var = numbers["mean"], numbers["variance"]
            return norm
        if kind == "linear":
            h, w, c = before  # a row of the weight is h x w x c; PyTorch's picture is c x h x w
            linear = torch.nn.Linear(h * w * c, after[2])
            weight = numbers["weight"].reshape(-1, h, w, c).permute(0, 3, 1, 2)
            linear.weight.data, linear.bias.data = weight.reshape(after[2], -1).contiguous(), numbers["bias"]
            return linear
        if kind == "max_pool":
            return torch.nn.MaxPool2d(window[:2], window[2], window[3])
        if kind == "average_pool" and window[:2] == before[:2]:
            return torch.nn.AdaptiveAvgPool2d(1)  # as torchvision has it; qnnpack has none of 1 x 1
        if kind == "average_pool":
            return torch.nn.AvgPool2d(window[:2], window[2], window[3])
        return {"relu": torch.nn.ReLU, "add": torch.nn.quantized.FloatFunctional}[kind]()

    def fuse(self):
        """conv2d, batch_norm, relu and linear, relu to one; add, relu to add_relu."""
        kinds = {output: kind for output, kind, _ in self.steps}
        reads = {inputs[0]: output for output, kind, inputs in self.steps if kind in ("batch_norm", "relu")}
        for output, kind, _ in self.steps:
            if kind in ("conv2d", "linear"):
                chain = [output]
                while chain[-1] in reads and kinds[reads[chain[-1]]] in ("batch_norm", "relu"):
                    chain.append(reads[chain[-1]])
                if len(chain) > 1:
                    quantization.fuse_modules(self, [[f"layer{i}" for i in chain]], inplace=True)
        for step in self.steps:
            if step[1] == "add" and kinds.get(reads.get(step[0])) == "relu":
                step[1] = "add_relu"
                setattr(self, f"layer{reads[step[0]]}", torch.nn.Identity())
        gone = {output: inputs[0] for output, _, inputs in self.steps
                if isinstance(getattr(self, f"layer{output}"), torch.nn.Identity)}

        def written_by(tensor):
            while tensor in gone:
                tensor = gone[tensor]
            return tensor
        self.steps = [[output, kind, tuple(map(written_by, inputs))] for output, kind, inputs in self.steps
                      if output not in gone]
        return self

    def forward(self, x):
        tensors = {0: self.quant(x)}
        for output, kind, inputs in self.steps:
            module, x = getattr(self, f"layer{output}"), tensors[inputs[0]]
            if kind == "linear":
                x = torch.flatten(x, 1)
            if kind == "add":
                x = module.add(x, tensors[inputs[1]])
            elif kind == "add_relu":
                x = module.add_relu(x, tensors[inputs[1]])
            else:
                x = module(x)
            tensors[output] = x
        return self.dequant(x)


def static_graph(net, calibration):
    net.fuse()
    net.qconfig = qconfig(SCALE_AN_OUTPUT)
    prepared = quantization.prepare(net)
    prepared(calibration)
    return quantization.convert(prepared)


def make(kind, net, calibration, quantize):
    if kind == "float":
        return net
    if kind == "frozen":
        return torch.jit.freeze(torch.jit.trace(net, calibration[:1]))
    engine = "qnnpack" if kind == "static_qnnpack" else "onednn"
    if kind not in ("static_onednn", "static_qnnpack", "dynamic"):
        raise ValueError(f"PyTorch has no such model here: {kind}")
    if engine not in torch.backends.quantized.supported_engines:
        raise ValueError(f"this PyTorch has no quantized engine {engine}")
    torch.backends.quantized.engine = engine
    if kind == "dynamic":
        return quantization.quantize_dynamic(net, {torch.nn.Linear})
    return quantize(net, calibration)


class Peer:
    def __init__(self, weights, folder):
        self.weights, self.folder = weights, folder
        self.ready = {}

    def prepare(self, name, kind, batch, threads):
        torch.set_num_threads(int(threads))
        x = torch.from_numpy(numpy.load(self.folder / f"{name}.npy"))
        if name == "mlp":
            net = make(kind, float_mlp(self.weights), x, static_mlp)
        else:
            graph = Graph(self.folder / f"{name}.qfs")
            x = x.reshape(-1, *graph.shape).permute(0, 3, 1, 2)
            if not kind.startswith("static"):  # the integers' kernels want pixels as ours, the reals' as PyTorch's
                x = x.contiguous()
            net = make(kind, graph, x, static_graph)
        some = x[:int(batch)].clone()
        self.ready[f"model {name} {kind} {batch} {threads}"] = (torch.backends.quantized.engine, net, some)
        return " ".join(f"{logit:.9g}" for logit in net(some).flatten().tolist())

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
