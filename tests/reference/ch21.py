"""Chapter 21: whole nets of convolutions by PyTorch's quantized operators, engine qnnpack, every integer of every
tensor; and each operator by itself on random pictures.

The nets are the two of chapter 20 with weights by a formula, in float32 without rounding, so that they need no
files: drawn() here, and in ch21_equalities_test.cpp. Reals are NHWC there and NCHW here.

Run as a program, this file counts, over all 65 536 pairs of bytes and 40 triples of scales, on how many sums each of
three rules differs from two engines of PyTorch and, where the folder of npm's onnxruntime-node is given, from ONNX
Runtime, and writes chapters/21_int8_cnn/measured/sums.md.
"""
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
import torch.nn.functional as functional

F32 = numpy.float32
DIGITS, SHOWN = 200, 12


def ch06():
    return importlib.import_module("ch06")


def digits():
    return importlib.import_module("digits")


# --- nets ----------------------------------------------------------------------------------------------------------

def drawn(first, count, fan_in, seed):
    """`count` numbers, the first of which is number `first` of the net: uniform multiples of 2^-24 in [-1/2, 1/2)
    times the largest power of two s <= 4 with (s / 2)^2 fan_in <= 9; of a bias (fan_in 0) s = 1/4."""
    h = (numpy.arange(first, first + count, dtype=numpy.uint64) + numpy.uint64(seed)).astype(numpy.uint32)
    h = h * numpy.uint32(0x9E3779B1)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ (h >> numpy.uint32(shift))) * numpy.uint32(factor)
    h = h ^ (h >> numpy.uint32(16))
    scale = 0.25
    if fan_in:
        scale = 4.0
        while (scale / 2) ** 2 * fan_in > 9:
            scale /= 2
    return ((h >> numpy.uint32(8)).astype(numpy.float64) * 2.0 ** -24 - 0.5).astype(F32) * F32(scale)


class Net:
    """A list of layers as chapter 21 has them after folding: (kind, inputs, what it needs)."""

    def __init__(self, seed):
        self.layers, self.channels, self.seed, self.count = [], [1], seed, 0

    def add(self, kind, inputs, channels, *more):
        self.layers.append((kind, inputs, more))
        self.channels.append(channels)
        return len(self.channels) - 1

    def numbers(self, shape, fan_in):
        size = int(numpy.prod(shape))
        numbers = drawn(self.count, size, fan_in, self.seed).reshape(shape)
        self.count += size
        return numbers

    def conv(self, x, channels, window, stride, padding):
        inputs = self.channels[x]
        fan_in = window * window * inputs
        weight = self.numbers((channels, window, window, inputs), fan_in)
        bias = self.numbers((channels,), 0)
        return self.add("conv", [x], channels, weight.transpose(0, 3, 1, 2).copy(), bias, stride, padding)

    def relu(self, x):
        return self.add("relu", [x], self.channels[x])

    def linear(self, x, inputs):
        weight, bias = self.numbers((10, inputs), inputs), self.numbers((10,), 0)
        return self.add("linear", [x], 10, weight, bias)


def small_net(seed):
    net = Net(seed)
    x = 0
    for channels in (8, 16):
        x = net.relu(net.conv(x, channels, 3, 1, 1))
        x = net.add("max_pool", [x], channels)
    net.linear(x, 7 * 7 * 16)
    return net


def residual_net(seed):
    net = Net(seed)
    x = net.relu(net.conv(0, 16, 3, 1, 1))
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        y = net.relu(net.conv(x, channels, 3, stride, 1))
        y = net.conv(y, channels, 3, 1, 1)
        shortcut = x if stride == 1 else net.conv(x, channels, 1, stride, 0)
        x = net.relu(net.add("add", [y, shortcut], channels))
    x = net.add("average_pool", [x], 64)
    net.linear(x, 64)
    return net


# --- in reals ------------------------------------------------------------------------------------------------------

def flat_nhwc(x):
    """Pictures as rows, the channel running fastest."""
    return x.reshape(len(x), -1) if x.ndim == 2 else x.transpose(0, 2, 3, 1).reshape(len(x), -1)


def in_reals(net, x):
    """Every tensor in double, then in float32: the same on every CPU but for a rare last bit."""
    tensors = [x.astype(numpy.float64)]
    for kind, inputs, more in net.layers:
        a = tensors[inputs[0]]
        if kind == "conv":
            weight, bias, stride, padding = more
            y = functional.conv2d(torch.from_numpy(a), torch.from_numpy(weight).double(),
                                  torch.from_numpy(bias).double(), stride, padding).numpy()
        elif kind == "relu":
            y = numpy.maximum(a, 0.0)
        elif kind == "max_pool":
            y = functional.max_pool2d(torch.from_numpy(a), 2).numpy()
        elif kind == "average_pool":
            y = a.mean((2, 3), keepdims=True)
        elif kind == "add":
            y = a + tensors[inputs[1]]
        else:
            y = flat_nhwc(a) @ more[0].astype(numpy.float64).T + more[1]
        tensors.append(y)
    return [t.astype(F32) for t in tensors]


def params_of(net, tensors, reduce_range, fused):
    """(scale, zero point) of every tensor. Fused: what a relu alone reads has those of the relu. Pooling keeps
    scale and zero point, as PyTorch's average pooling does."""
    tensors = list(tensors)
    readers = [sum(inputs.count(t) for _, inputs, _ in net.layers) for t in range(len(tensors))]
    for i, (kind, inputs, _) in enumerate(net.layers):
        if fused and kind == "relu" and readers[inputs[0]] == 1:
            tensors[inputs[0]] = tensors[i + 1]
    params = ch06().params_of(tensors, reduce_range)
    for i, (kind, inputs, _) in enumerate(net.layers):
        if kind in ("relu", "max_pool", "average_pool"):
            params[i + 1] = params[inputs[0]]
    return params


# --- in integers ---------------------------------------------------------------------------------------------------

def quantized_conv(x, weight, bias, stride, padding, groups, output):
    packed = torch.ops.quantized.conv2d_prepack(weight, torch.from_numpy(bias), [stride, stride], [padding, padding],
                                                [1, 1], groups)
    return torch.ops.quantized.conv2d(x, packed, *output)


def in_integers(net, x, params, per_channel, qmax):
    """The integers of every tensor by PyTorch's operators, none above qmax."""
    as_quantized = ch06().as_quantized
    q = torch.quantize_per_tensor(torch.from_numpy(x), *params[0], torch.quint8).int_repr().numpy()
    tensors = [as_quantized(numpy.minimum(q, qmax), params[0])]
    for i, (kind, inputs, more) in enumerate(net.layers):
        a = tensors[inputs[0]]
        if kind == "conv":
            weight, _ = ch06().quantized_weight(more[0], per_channel)
            y = quantized_conv(a, weight, more[1], more[2], more[3], 1, params[i + 1])
        elif kind == "relu":
            y = torch.relu(a)
        elif kind == "max_pool":
            y = functional.max_pool2d(a, 2)
        elif kind == "average_pool":
            y = functional.adaptive_avg_pool2d(a, 1)
        elif kind == "add":
            y = torch.ops.quantized.add(a, tensors[inputs[1]], *params[i + 1])
        else:
            weight, _ = ch06().quantized_weight(more[0], per_channel)
            flat = as_quantized(numpy.ascontiguousarray(flat_nhwc(a.int_repr().numpy())), params[inputs[0]])
            y = ch06().quantized_linear(weight, more[1], params[i + 1])(flat)
        tensors.append(as_quantized(numpy.minimum(y.int_repr().numpy(), qmax), params[i + 1]))
    return [flat_nhwc(t.int_repr().numpy()) for t in tensors]


def pictures(pixels):
    return digits().normalized(pixels).reshape(-1, 1, 28, 28)


def save_net(save, name, net, per_channel, bits, fused=True):
    train, test = digits().train_digits()[0][:100], digits().test_digits()[0][:DIGITS]
    params = params_of(net, in_reals(net, pictures(train)), bits == 7, fused)
    tensors = in_integers(net, pictures(test), params, per_channel, 2 ** bits - 1)
    save(f"{name}_scale", numpy.array([p[0] for p in params], F32))
    save(f"{name}_zero_point", numpy.array([p[1] for p in params], numpy.int32))
    save(f"{name}_hash", numpy.stack([ch06().hashes(t) for t in tensors], 1))  # digit, tensor
    save(f"{name}_logits", tensors[-1])
    save(f"{name}_before", tensors[-2][:SHOWN])  # what the linear reads, in full


# --- one operator at a time ------------------------------------------------------------------------------------------

def random_quantized(rng, shape, scale, zero_point):
    return ch06().as_quantized(rng.integers(0, 256, size=shape).astype(numpy.uint8), (scale, zero_point))


CONVS = [  # h, w, C, N, window, stride, padding, groups
    (5, 6, 3, 4, (3, 3), 1, 1, 1), (7, 5, 8, 6, (3, 3), 2, 1, 2), (6, 6, 5, 5, (3, 3), 1, 1, 5),
    (4, 7, 6, 9, (1, 1), 2, 0, 3), (6, 5, 4, 3, (2, 4), 1, 1, 1)]


def save_convs(save, rng):
    for i, (h, w, C, N, (kh, kw), stride, padding, groups) in enumerate(CONVS):
        x = random_quantized(rng, (2, C, h, w), 0.02, int(rng.integers(1, 200)))
        real = rng.normal(size=(N, C // groups, kh, kw)).astype(F32)
        weight, scale = ch06().quantized_weight(real, per_channel=i % 2 == 1)
        bias = rng.normal(size=N).astype(F32)
        y = quantized_conv(x, weight, bias, stride, padding, groups, (0.05, 60))
        save(f"conv{i}_x", flat_nhwc(x.int_repr().numpy()))
        save(f"conv{i}_x_zero_point", numpy.array([x.q_zero_point()], numpy.int32))
        save(f"conv{i}_weight", weight.int_repr().numpy().transpose(0, 2, 3, 1).reshape(N, -1))
        save(f"conv{i}_weight_scale", scale.astype(F32))
        save(f"conv{i}_bias", bias)
        save(f"conv{i}_y", flat_nhwc(y.int_repr().numpy()))


def save_pools(save, rng):
    x = random_quantized(rng, (2, 9, 7, 6), 0.03, 77)
    save("pool_x", flat_nhwc(x.int_repr().numpy()))
    for name, y in (("max2", functional.max_pool2d(x, 2)),
                    ("max3", functional.max_pool2d(x, 3, stride=2, padding=1)),
                    ("mean2", functional.avg_pool2d(x, 2)),
                    ("mean3", functional.avg_pool2d(x, 3, stride=2, padding=1)),
                    ("mean_all", functional.adaptive_avg_pool2d(x, 1))):
        save(f"pool_{name}", flat_nhwc(y.int_repr().numpy()))


def fused_multiply_add(a, b, c):
    """Rounded once: long double holds the product of a float32 and a byte exactly, with 32 bits to spare."""
    return (numpy.longdouble(a) * numpy.longdouble(b) + numpy.longdouble(c)).astype(F32)


def onnx_runtime_sum(a, b, sa, za, sb, zb, sy, zy):
    ra, rb = F32(sa) / F32(sy), F32(sb) / F32(sy)
    offset = F32(zy) - fused_multiply_add(ra, F32(za), rb * F32(zb))
    inner = fused_multiply_add(rb, b.astype(F32), offset)
    return numpy.clip(numpy.rint(fused_multiply_add(ra, a.astype(F32), inner)), 0, 255).astype(numpy.uint8)


def save_sums(save, rng):
    """All 65 536 pairs of eight triples of scales, of which some are simple ratios, that make ties: qnnpack's sums,
    and ONNX Runtime's by its formula."""
    a, b = (m.ravel().astype(numpy.uint8) for m in numpy.meshgrid(range(256), range(256), indexing="ij"))
    params, qnnpack, onnx = [], [], []
    for i in range(8):
        sa, sb, sy = (float(F32(s)) for s in numpy.exp(rng.uniform(-5.0, -1.0, size=3)))
        za, zb, zy = (int(z) for z in rng.integers(0, 256, size=3))
        if i % 2:
            sb, sy = sa / 2 ** int(rng.integers(0, 4)), sa * 2
        params.append([sa, za, sb, zb, sy, zy])
        y = torch.ops.quantized.add(ch06().as_quantized(a, (sa, za)), ch06().as_quantized(b, (sb, zb)), sy, zy)
        qnnpack.append(ch06().hashes(y.int_repr().numpy().reshape(256, 256)))
        onnx.append(ch06().hashes(onnx_runtime_sum(a, b, *params[-1]).reshape(256, 256)))
    save("sum_params", numpy.array(params, F32))
    save("sum_qnnpack", numpy.stack(qnnpack))
    save("sum_onnx_runtime", numpy.stack(onnx))


def save_fold(save, rng):
    """PyTorch's fold of a convolution without and with a bias."""
    N, C = 5, 3
    weight = rng.normal(size=(N, C, 3, 3)).astype(F32)
    gamma, beta, mean, bias = (rng.normal(size=N).astype(F32) for _ in range(4))
    var = rng.uniform(0.01, 4.0, size=N).astype(F32)
    t = torch.from_numpy
    for name, b in (("none", None), ("bias", bias)):
        w2, b2 = torch.nn.utils.fusion.fuse_conv_bn_weights(t(weight), None if b is None else t(b), t(mean), t(var),
                                                            1e-5, t(gamma), t(beta))
        save(f"fold_{name}_weight", w2.detach().numpy().transpose(0, 2, 3, 1).reshape(N, -1))
        save(f"fold_{name}_bias", b2.detach().numpy())
    save("fold_weight", weight.transpose(0, 2, 3, 1).reshape(N, -1))
    save("fold_channels", numpy.stack([bias, gamma, beta, mean, var]))


def save_paper(save):
    """The examples of the text."""
    as_quantized = ch06().as_quantized
    x = as_quantized(numpy.array([4, 2, 6, 0, 6, 2, 2, 4, 10], numpy.uint8).reshape(1, 1, 3, 3), (0.5, 2))
    window = numpy.array([1, 0, -1, 2, 1, 0, 0, -1, 3], numpy.int8).reshape(1, 1, 3, 3)
    weight = torch._make_per_tensor_quantized_tensor(torch.from_numpy(window), 0.25, 0)
    y = quantized_conv(x, weight, numpy.array([0.5], F32), 1, 1, 1, (0.5, 1))
    save("paper_conv", y.int_repr().numpy().reshape(1, 9))
    a, b = (as_quantized(numpy.array([q], numpy.uint8), p) for q, p in ((9, (0.5, 1)), (10, (0.25, 4))))
    save("paper_sum", torch.ops.quantized.add(a, b, 1.0, 3).int_repr().numpy())


def generate(save, rng):
    seed = int(rng.integers(0, 2 ** 31))
    save("seed", numpy.array([seed], numpy.int32))
    for name, net in (("small", small_net(seed)), ("residual", residual_net(seed))):
        save_net(save, f"{name}_per_tensor", net, per_channel=False, bits=8)
        save_net(save, f"{name}_per_channel", net, per_channel=True, bits=8)
        save_net(save, f"{name}_seven_bits", net, per_channel=True, bits=7)
        save_net(save, f"{name}_unfused", net, per_channel=False, bits=8, fused=False)
    save_convs(save, rng)
    save_pools(save, rng)
    save_sums(save, rng)
    save_fold(save, rng)
    save_paper(save)


# --- who computes what -----------------------------------------------------------------------------------------------

def qnnpack_sum(a, b, sa, za, sb, zb, sy, zy):
    ra, rb = F32(sa) / F32(sy), F32(sb) / F32(sy)
    shift = 22 - int(numpy.frexp(max(ra, rb))[1])
    ma, mb = (int(numpy.rint(float(r) * 2.0 ** shift)) for r in (ra, rb))
    acc = ma * (a.astype(numpy.int64) - int(za)) + mb * (b.astype(numpy.int64) - int(zb))
    steps = numpy.sign(acc) * ((numpy.abs(acc) + (1 << (shift - 1))) >> shift)
    return numpy.clip(steps + int(zy), 0, 255).astype(numpy.uint8)


def in_reals_sum(a, b, sa, za, sb, zb, sy, zy):
    """To reals, by one fused multiply-add each, their sum, and back by 1 / s_y."""
    real = [fused_multiply_add(F32(s), q.astype(F32), -(F32(s) * F32(z))) for q, s, z in ((a, sa, za), (b, sb, zb))]
    steps = numpy.rint((real[0] + real[1]) * (F32(1) / F32(sy)))
    return numpy.clip(steps + zy, 0, 255).astype(numpy.uint8)


def pytorch_sums(engine, a, b, triples):
    torch.backends.quantized.engine = engine
    as_quantized = ch06().as_quantized
    return [torch.ops.quantized.add(as_quantized(a, (sa, za)), as_quantized(b, (sb, zb)), sy, zy).int_repr().numpy()
            for sa, za, sb, zb, sy, zy in triples]


NODE = """
const ort = require(process.argv[1]), fs = require('fs');
(async () => {
  const {model, a, b, triples} = JSON.parse(fs.readFileSync(0));
  const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1});
  const u8 = (d, s) => new ort.Tensor('uint8', Uint8Array.from(d), s);
  const f32 = x => new ort.Tensor('float32', Float32Array.from([x]), []);
  const out = [];
  for (const [sa, za, sb, zb, sy, zy] of triples) {
    const {y} = await session.run({a: u8(a, [a.length]), sa: f32(sa), za: u8([za], []), b: u8(b, [b.length]),
      sb: f32(sb), zb: u8([zb], []), sy: f32(sy), zy: u8([zy], [])});
    out.push(Array.from(y.data));
  }
  console.log(JSON.stringify(out));
})().catch(e => { console.error(e); process.exit(1); });
"""


def onnxruntime_sums(folder, a, b, triples):
    from onnx import TensorProto, helper
    u8, f32 = TensorProto.UINT8, TensorProto.FLOAT
    inputs = [("a", u8, ["n"]), ("sa", f32, []), ("za", u8, []), ("b", u8, ["n"]), ("sb", f32, []), ("zb", u8, []),
              ("sy", f32, []), ("zy", u8, [])]
    node = helper.make_node("QLinearAdd", [name for name, _, _ in inputs], ["y"], domain="com.microsoft")
    graph = helper.make_graph([node], "sum", [helper.make_tensor_value_info(*i) for i in inputs],
                              [helper.make_tensor_value_info("y", u8, ["n"])])
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(helper.make_model(graph, opset_imports=opsets, ir_version=7).SerializeToString())
        file.flush()
        job = json.dumps({"model": file.name, "a": a.tolist(), "b": b.tolist(), "triples": triples})
        done = subprocess.run(["node", "-e", NODE, str(folder)], input=job, capture_output=True, text=True, check=True)
    return [numpy.array(y, numpy.uint8) for y in json.loads(done.stdout)]


def main():
    here = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    rng = numpy.random.default_rng(21)
    a, b = (m.ravel().astype(numpy.uint8) for m in numpy.meshgrid(range(256), range(256), indexing="ij"))
    triples = []
    for i in range(40):
        sa, sb, sy = (float(F32(s)) for s in numpy.exp(rng.uniform(-5.0, -1.0, size=3)))
        if i % 2:  # simple ratios, which make ties
            sb, sy = float(F32(sa * int(rng.integers(1, 64)) / int(rng.integers(1, 64)))), sa * 2
        triples.append([sa, int(rng.integers(0, 256)), sb, int(rng.integers(0, 256)), sy, int(rng.integers(0, 256))])
    engines = {f"PyTorch {torch.__version__}, {name}": pytorch_sums(name, a, b, triples)
               for name in ("qnnpack", "onednn")}
    if len(sys.argv) > 1:
        version = json.loads((pathlib.Path(sys.argv[1]) / "package.json").read_text())["version"]
        engines[f"ONNX Runtime {version}, QLinearAdd"] = onnxruntime_sums(sys.argv[1], a, b, triples)
    rules = {"(21.10)": onnx_runtime_sum, "(21.11)": qnnpack_sum, "in reals": in_reals_sum}
    lines = ["| engine | " + " | ".join(f"{name} differs" for name in rules) + " |", "|---|" + "---:|" * len(rules)]
    for engine, sums in engines.items():
        wrong = [sum(int((rule(a, b, *t) != y).sum()) for t, y in zip(triples, sums)) for rule in rules.values()]
        lines.append(f"| {engine} | " + " | ".join(map(str, wrong)) + " |")
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    lines += ["", f"Sums that differ, of 40 x 65 536: every pair of bytes, for 40 triples of scales, of which half are "
              f"simple ratios. {cpu}, which has FMA. Made by `tests/reference/ch21.py`, seed 21."]
    path = here.parents[1] / "chapters" / "21_int8_cnn" / "measured" / "sums.md"
    path.write_text("\n".join(lines) + "\n")
    print(path.read_text())


if __name__ == "__main__":
    main()
