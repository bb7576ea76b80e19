"""Chapter 24: small quantized models as other exporters write them, made by python3-onnx node by node, and what
NumPy makes of them in integers: NAME_model (the bytes of the .onnx), NAME_x, NAME_y.

tests/onnxruntime/record_imported.py lets ONNX Runtime run the same files. Debian: python3-onnx."""
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

f32 = numpy.float32
TYPES = {"u8": (numpy.uint8, TensorProto.UINT8, 0), "s8": (numpy.int8, TensorProto.INT8, 128)}


def requantize(acc, m, z, low, high):
    """Rule A of chapter 02, and of ONNX Runtime: one float32 product, rounded half to even."""
    return numpy.clip(numpy.rint(acc.astype(f32) * m).astype(numpy.int64) + z, low, high)


class Graph:
    """A graph that grows by nodes, and the integers of every value in it, as numbers from 0 to 255 (q - z).

    reals: which of "weights" and "bias" stand in the file as float32. clip: a Clip of reals in the place of a ReLU.
    edges: the domain of QuantizeLinear and DequantizeLinear. axes: whether the latter has that attribute."""

    def __init__(self, rng, activations="u8", weights="s8", typed=False, constants="initializer", prefix="", reals=(),
                 clip=None, edges="", axes=True):
        self.rng, self.activations, self.weights = rng, activations, weights
        self.typed, self.constants, self.prefix = typed, constants, prefix
        self.reals, self.clip, self.edges, self.axes = reals, clip, edges, axes
        self.nodes, self.initializers, self.domains = [], [], []

    def name(self, text):
        return self.prefix + text

    def node(self, op, inputs, output, domain="", **attributes):
        if op in ("QuantizeLinear", "DequantizeLinear"):
            domain = self.edges
            if not self.axes:
                attributes.pop("axis", None)
        if domain and domain not in self.domains:
            self.domains.append(domain)
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(op, inputs, outputs, self.name(f"{op}_{len(self.nodes)}"),
                                           domain=domain, **attributes))
        return outputs[0]

    def constant(self, name, array):
        array = numpy.asarray(array)
        name = self.name(name)
        if self.typed:
            kind = helper.mapping.NP_TYPE_TO_TENSOR_TYPE[array.dtype]
            tensor = helper.make_tensor(name, kind, array.shape, array.flatten().tolist())
        else:
            tensor = numpy_helper.from_array(array, name)
        if self.constants == "node":
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.initializers.append(tensor)
        return name

    def params(self, name, s, z):
        kind, _, offset = TYPES[self.activations]
        return [self.constant(name + "_scale", f32(s)), self.constant(name + "_zero_point", kind(z - offset))]

    def weight(self, name, shape, axis, per_channel):
        """q - z, the scales, and the names of the three constants."""
        q = self.rng.integers(-127, 128, shape)
        count = shape[axis] if per_channel else 1
        s = self.rng.uniform(0.004, 0.02, count).astype(f32)
        if self.weights == "u8":
            stored, z = (q + 128).astype(numpy.uint8), numpy.uint8(128)
        else:
            stored, z = q.astype(numpy.int8), numpy.int8(0)
        zeros = numpy.full(count, z) if per_channel else z
        if "weights" in self.reals:
            return self.real_weight(name, q, s, zeros, axis)
        names = [self.constant(name, stored), self.constant(name + "_scale", s if per_channel else s[0]),
                 self.constant(name + "_zero_point", zeros)]
        return q, s, names

    def real_weight(self, name, q, s, zeros, axis):
        """Near these integers, and some beyond them; QuantizeLinear stands in the graph."""
        along = s.reshape([-1 if d == axis else 1 for d in range(q.ndim)])
        real = ((1.02 * q + self.rng.uniform(-0.4, 0.4, q.shape)) * along).astype(f32)
        names = [self.constant(name + "_scale", s if zeros.ndim else s[0]), self.constant(name + "_zero_point", zeros)]
        self.node("QuantizeLinear", [self.constant(name + "_before", real)] + names, self.name(name), axis=axis)
        return numpy.clip(numpy.rint(real / along).astype(numpy.int64), -128, 127), s, [self.name(name)] + names

    def bias(self, name, count, s_x, s_w):
        q = self.rng.integers(-900, 900, count).astype(numpy.int32)
        scale = (f32(s_x) * s_w).astype(f32)
        if "bias" in self.reals:  # as ONNX Runtime makes integers of it: a division, rounded half to even
            real = ((q + self.rng.uniform(-0.49, 0.49, count)) * scale).astype(f32)
            return numpy.rint(real / scale).astype(numpy.int32), scale, self.constant(name, real)
        return q, scale, self.constant(name, q)

    def model(self, x_shape, y, y_shape, opset, batch="N", y_type=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, "foreign",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch] + list(x_shape))],
            [helper.make_tensor_value_info(y, y_type, [batch] + list(y_shape))], self.initializers)
        opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in self.domains]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="python3-onnx")
        model.ir_version = 7 if opset < 15 else 8
        if not self.domains:
            onnx.checker.check_model(model, full_check=True)
        return numpy.frombuffer(model.SerializeToString(), numpy.uint8)


class Value:
    """A value of the graph: its name, whether it stands for reals by now, q, s and z."""

    def __init__(self, name, q, s, z):
        self.name, self.q, self.s, self.z = name, q, f32(s), z


def quantize(g, x, name, s, z):
    q = numpy.clip(numpy.rint(x / f32(s)).astype(numpy.int64) + z, 0, 255)
    g.node("QuantizeLinear", ["x"] + g.params(name, s, z), name)
    return Value(name, q, s, z)


def reals(g, v):
    """The value through a DequantizeLinear: one for all who read it."""
    name = v.name + "_real"
    if not any(name in node.output for node in g.nodes):
        g.node("DequantizeLinear", [v.name] + g.params(v.name + "_again", v.s, v.z), name)
    return name


def back(g, real, name, acc, m, s, z, relu=False):
    """QuantizeLinear behind an operator whose sums are acc."""
    if g.clip:
        ends = [g.constant(f"{name}_{i}", f32(end)) for i, end in enumerate(g.clip)]
        g.node("QuantizeLinear", [g.node("Clip", [real] + ends, name + "_clip")] + g.params(name, s, z), name)
        low, high = numpy.clip(numpy.rint(f32(g.clip) / f32(s)) + z, 0, 255).astype(numpy.int64)
        return Value(name, requantize(acc, m, z, low, high), s, z)
    if relu:
        real = g.node("Relu", [real], name + "_relu")
    g.node("QuantizeLinear", [real] + g.params(name, s, z), name)
    return Value(name, requantize(acc, m, z, z if relu else 0, 255), s, z)


def multiplier(v, s_w, s_y):
    return (v.s * s_w / f32(s_y)).astype(f32)  # as ONNX Runtime divides


def dequantized_weight(g, names, axis):
    return g.node("DequantizeLinear", names, names[0] + "_real", axis=axis)


def dequantized_bias(g, name, bias, scale):
    if "bias" in g.reals:
        return bias
    s = g.constant(name + "_scale", scale if scale.size > 1 else scale[0])
    return g.node("DequantizeLinear", [bias, s], name + "_real", axis=0)


def gemm(g, v, name, N, s, z, trans_b=1, per_channel=False, relu=False):
    K = v.q.shape[1]
    q, s_w, w = g.weight(name + "_w", (N, K) if trans_b else (K, N), 0 if trans_b else 1, per_channel)
    b, s_b, bias = g.bias(name + "_b", N, v.s, s_w)
    y = g.node("Gemm", [reals(g, v), dequantized_weight(g, w, 0 if trans_b else 1),
                        dequantized_bias(g, name + "_b", bias, s_b)], name + "_sum",
               transB=trans_b, alpha=1.0, beta=1.0)
    acc = (v.q - v.z) @ (q.T if trans_b else q) + b
    return back(g, y, name, acc, multiplier(v, s_w, s), s, z, relu)


def mat_mul_add(g, v, name, N, s, z):
    """The weight N x K through a Transpose behind its DequantizeLinear; an Identity; the bias first."""
    K = v.q.shape[1]
    q, s_w, w = g.weight(name + "_w", (N, K), 0, False)
    b, s_b, bias = g.bias(name + "_b", N, v.s, s_w)
    turned = g.node("Transpose", [dequantized_weight(g, w, 0)], name + "_turned", perm=[1, 0])
    y = g.node("MatMul", [g.node("Identity", [reals(g, v)], name + "_same"), turned], name + "_product")
    y = g.node("Add", [dequantized_bias(g, name + "_b", bias, s_b), y], name + "_sum")
    return back(g, y, name, (v.q - v.z) @ q.T + b, multiplier(v, s_w, s), s, z)


def patches(v, kernel, stride, pad):
    """q - z of every window, B x h x w x C x kernel x kernel; the border is real 0."""
    padded = numpy.pad(v.q - v.z, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)


def conv_sums(v, q, b, stride, pad, groups):
    p = patches(v, q.shape[2], stride, pad)
    each = numpy.array_split(numpy.arange(v.q.shape[1]), groups)
    outputs = numpy.array_split(numpy.arange(q.shape[0]), groups)
    parts = [numpy.einsum("bhwckl,nckl->bnhw", p[:, :, :, c], q[n]) for c, n in zip(each, outputs)]
    return numpy.concatenate(parts, axis=1) + b[None, :, None, None]


def conv(g, v, name, N, s, z, kernel=3, stride=1, pad=1, groups=1, per_channel=False, relu=False):
    q, s_w, w = g.weight(name + "_w", (N, v.q.shape[1] // groups, kernel, kernel), 0, per_channel)
    b, s_b, bias = g.bias(name + "_b", N, v.s, s_w)
    attributes = dict(kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=groups)
    acc = conv_sums(v, q, b, stride, pad, groups)
    m = multiplier(v, s_w, s)[:, None, None]
    if g.form == "qoperator":
        g.node("QLinearConv", [v.name] + g.params(v.name + "_for_" + name, v.s, v.z) + w + g.params(name, s, z) + [bias],
               name, **attributes)
        return Value(name, requantize(acc, m, z, 0, 255), s, z)
    y = g.node("Conv", [reals(g, v), dequantized_weight(g, w, 0), dequantized_bias(g, name + "_b", bias, s_b)],
               name + "_sum", **attributes)
    return back(g, y, name, acc, m, s, z, relu)


def max_pool(g, v, name):
    value = Value(name, patches(Value("", v.q, 1, 0), 2, 2, 0).max(axis=(4, 5)).transpose(0, 3, 1, 2), v.s, v.z)
    attributes = dict(kernel_shape=[2, 2], strides=[2, 2])
    if g.form == "qoperator":
        g.node("MaxPool", [v.name], name, **attributes)
    else:
        y = g.node("MaxPool", [reals(g, v)], name + "_largest", **attributes)
        g.node("QuantizeLinear", [y] + g.params(name, v.s, v.z), name)
    return value


def global_mean(g, v, name, s, z):
    acc = (v.q - v.z).sum(axis=(2, 3), keepdims=True)
    m = f32(v.s / f32(f32(s) * f32(v.q.shape[2] * v.q.shape[3])))
    if g.form == "qoperator":
        g.node("QLinearGlobalAveragePool", [v.name] + g.params(v.name + "_for_" + name, v.s, v.z) + g.params(name, s, z),
               name, domain="com.microsoft", channels_last=0)
        return Value(name, requantize(acc, m, z, 0, 255), s, z)
    y = g.node("GlobalAveragePool", [reals(g, v)], name + "_mean")
    return back(g, y, name, acc, m, s, z)


def fused(x, y, c):
    """x y + c of float32 numbers, rounded once: the product of two is exact in float64."""
    return (numpy.asarray(x, float) * numpy.asarray(y, float) + numpy.asarray(c, float)).astype(f32)


def add(g, a, b, name, s, z):
    """As ONNX Runtime's QLinearAdd of u8, by fused multiply-adds in float32 (chapter 21)."""
    ratio_a, ratio_b = f32(a.s / f32(s)), f32(b.s / f32(s))
    offset = f32(f32(z) - fused(ratio_a, a.z, f32(ratio_b * f32(b.z))))
    steps = fused(ratio_a, a.q, fused(ratio_b, b.q, offset))
    q = numpy.rint(numpy.clip(steps, 0, 255)).astype(numpy.int64)
    if g.form == "qoperator":
        g.node("QLinearAdd", [a.name] + g.params(a.name + "_for_" + name, a.s, a.z) + [b.name] +
               g.params(b.name + "_for_" + name, b.s, b.z) + g.params(name, s, z), name, domain="com.microsoft")
    else:
        y = g.node("Add", [reals(g, a), reals(g, b)], name + "_sum")
        g.node("QuantizeLinear", [y] + g.params(name, s, z), name)
    return Value(name, q, s, z)


def flat(g, v):
    g.node("Flatten", [v.name], v.name + "_flat", axis=1)
    return Value(v.name + "_flat", v.q.reshape(v.q.shape[0], -1), v.s, v.z)


def end(g, v):
    """DequantizeLinear, and the reals it gives."""
    g.node("DequantizeLinear", [v.name] + g.params("end", v.s, v.z), "y")
    return (v.s * (v.q - v.z).astype(f32)).astype(f32)


def rows(rng, shape):
    return rng.uniform(-1.0, 2.0, shape).astype(f32)


def two_layers(rng, opset, **style):
    trans_b, per_channel = style.pop("trans_b", 1), style.pop("per_channel", False)
    g = Graph(rng, **style)
    g.form = "qdq"
    x = rows(rng, (40, 7))
    v = quantize(g, x, g.name("q"), 3.0 / 255.0, 85)
    v = gemm(g, v, g.name("hidden"), 6, 0.0217, 0 if g.activations == "u8" else 0, trans_b, per_channel, relu=True)
    v = gemm(g, v, g.name("out"), 5, 0.0431, 131, trans_b, per_channel)
    y = end(g, v)
    return g.model((7,), "y", (5,), opset), x, y


def products(rng, opset, **style):
    """MatMul + Add, twice."""
    g = Graph(rng, **style)
    g.form = "qdq"
    x = rows(rng, (40, 7))
    v = quantize(g, x, g.name("q"), 3.0 / 255.0, 85)
    v = mat_mul_add(g, v, g.name("hidden"), 6, 0.0371, 117)
    v = mat_mul_add(g, v, g.name("out"), 5, 0.0431, 131)
    y = end(g, v)
    return g.model((7,), "y", (5,), opset), x, y


def integer_products(rng, opset, op, **style):
    """QLinearMatMul, which has no bias, or QGemm."""
    g = Graph(rng, **style)
    x = rows(rng, (40, 7))
    v = quantize(g, x, "q", 3.0 / 255.0, 85)
    for name, N, s, z in (("hidden", 6, 0.0371, 117), ("out", 5, 0.0431, 131)):
        q, s_w, w = g.weight(name + "_w", (v.q.shape[1], N), 1, op == "QGemm")
        inputs = [v.name] + g.params(v.name + "_again", v.s, v.z) + w
        acc = (v.q - v.z) @ q
        if op == "QGemm":
            b, _, bias = g.bias(name + "_b", N, v.s, s_w)
            acc = acc + b
            g.node(op, inputs + [bias] + g.params(name, s, z), name, domain="com.microsoft", transB=0)
        else:
            g.node(op, inputs + g.params(name, s, z), name)
        v = Value(name, requantize(acc, multiplier(v, s_w, s), z, 0, 255), s, z)
    y = end(g, v)
    return g.model((7,), "y", (5,), opset), x, y


def pictures(rng, opset, form, channels=2, per_channel=True, batch="N", **style):
    """Convolutions with stride, border and groups, a residual, pooling, Flatten, Gemm or a 1 x 1 convolution."""
    g = Graph(rng, **style)
    g.form = form
    x = rows(rng, (12, channels, 9, 8))
    v = quantize(g, x, "q", 3.0 / 255.0, 85)
    a = conv(g, v, "first", 4, 0.0371, 0 if form == "qdq" else 117, per_channel=per_channel, relu=form == "qdq")
    b = conv(g, a, "second", 4, 0.0553, 120, groups=2, per_channel=per_channel)
    v = add(g, b, a, "sum", 0.0617, 101)
    v = max_pool(g, v, "pooled")
    v = conv(g, v, "third", 6, 0.0901, 125, kernel=3, stride=2)
    if style.get("activations") == "s8":  # a Linear behind a picture: its columns are ONNX's
        v = gemm(g, flat(g, v), "out", 5, 0.2031, 131)
    else:
        v = global_mean(g, v, "mean", 0.0433, 128)
        v = conv(g, v, "out", 5, 0.0431, 131, kernel=1, pad=0)
        v = flat(g, v)
    y = end(g, v)
    return g.model((channels, 9, 8), "y", (5,), opset, batch), x, y


def dynamic(rng, opset, **style):
    """As ONNX Runtime's quantize_dynamic writes it. In float32: DynamicQuantizeLinear, then acc (s_x s_w) + b."""
    g = Graph(rng, **style)
    x = rows(rng, (40, 7))
    v, name = x, "x"
    for layer, N in (("hidden", 6), ("out", 5)):
        q, s_w, w = g.weight(layer + "_w", (v.shape[1], N), 1, layer == "out" and g.weights == "s8")
        b = rng.uniform(-0.5, 0.5, N).astype(f32)
        low, high = f32(min(v.min(), 0)), f32(max(v.max(), 0))
        s = f32((high - low) / f32(255))
        z = int(numpy.rint(numpy.clip(-low / s, 0, 255)))
        integers = numpy.clip(numpy.rint(v / s).astype(numpy.int64) + z, 0, 255)
        parts = [layer + "_q", layer + "_s", layer + "_z"]
        g.node("DynamicQuantizeLinear", [name], parts)
        acc = g.node("MatMulInteger", [parts[0], w[0], parts[2], w[2]], layer + "_acc")
        acc = g.node("Cast", [acc], layer + "_acc_real", to=1)
        scale = g.node("Mul", [parts[1], w[1]], layer + "_scales")
        y = g.node("Mul", [acc, scale], layer + "_product")
        y = g.node("Add", [y, g.constant(layer + "_b", b)], layer if layer == "hidden" else "y")
        v = (((integers - z) @ q).astype(f32) * (s * s_w)).astype(f32) + b
        if layer == "hidden":
            name = g.node("Relu", [y], "relu")
            v = numpy.maximum(v, 0)
    return g.model((7,), "y", (5,), opset), x, v


def paper(rng, form, **style):
    """The example of the text (lesson/paper_example.hpp)."""
    g = Graph(rng, **style)
    g.form = form
    x = numpy.array([[1.5, -2.0]], f32)
    v = quantize(g, x, "q", 0.5, 10)
    q, bias = numpy.array([[4, -2], [-7, 3]]), numpy.array([8, 16], numpy.int32)
    unsigned = g.weights == "u8"
    w = [g.constant("w", (q + 128).astype(numpy.uint8) if unsigned else q.astype(numpy.int8)),
         g.constant("w_scale", f32(0.25)), g.constant("w_zero_point", numpy.uint8(128) if unsigned else numpy.int8(0))]
    b = g.constant("b", bias)
    acc, m = (v.q - v.z) @ q.T + bias, multiplier(v, f32(0.25), 0.25)
    if form == "qdq":
        y = g.node("Gemm", [reals(g, v), dequantized_weight(g, w, 1), dequantized_bias(g, b, b, numpy.array([0.125], f32))],
                   "sum", transB=1)
        v = back(g, y, "out", acc, m, 0.25, 100)
    else:
        g.node("QGemm", [v.name] + g.params("q_again", v.s, v.z) + w + [b] + g.params("out", 0.25, 100), "out",
               domain="com.microsoft", transB=1)
        v = Value("out", requantize(acc, m, 100, 0, 255), 0.25, 100)
    y = end(g, v)
    return g.model((2,), "y", (2,), 13), x, y


MODELS = {
    "paper_qdq": lambda rng: paper(rng, "qdq"),
    "paper_qdq_s8": lambda rng: paper(rng, "qdq", activations="s8", weights="u8"),
    "paper_qoperator": lambda rng: paper(rng, "qoperator"),
    "gemm": lambda rng: two_layers(rng, 13),
    "gemm_typed_channels": lambda rng: two_layers(rng, 17, trans_b=0, per_channel=True, typed=True),
    "gemm_s8": lambda rng: two_layers(rng, 17, activations="s8"),
    "gemm_u8_weights": lambda rng: two_layers(rng, 13, weights="u8"),
    "mat_mul_add": lambda rng: products(rng, 17, constants="node", prefix="/net/"),
    "qlinear_mat_mul": lambda rng: integer_products(rng, 13, "QLinearMatMul"),
    "qgemm": lambda rng: integer_products(rng, 13, "QGemm"),
    "pictures_qdq": lambda rng: pictures(rng, 13, "qdq"),
    "pictures_qdq_s8": lambda rng: pictures(rng, 17, "qdq", activations="s8", typed=True),
    "pictures_qoperator": lambda rng: pictures(rng, 13, "qoperator", channels=1, batch=12),
    "pictures_u8_weights": lambda rng: pictures(rng, 13, "qdq", per_channel=False, weights="u8"),
    "dynamic": lambda rng: dynamic(rng, 13),
    "dynamic_u8_weights": lambda rng: dynamic(rng, 17, weights="u8"),
    "gemm_real_bias": lambda rng: two_layers(rng, 13, per_channel=True, reals=("bias",)),
    "gemm_real_weights": lambda rng: two_layers(rng, 13, trans_b=0, per_channel=True, reals=("weights",)),
    "gemm_clip": lambda rng: two_layers(rng, 17, clip=(-1.5, 2.0)),
    "gemm_opset_11": lambda rng: two_layers(rng, 11, axes=False),
    "gemm_microsoft": lambda rng: two_layers(rng, 13, per_channel=True, edges="com.microsoft"),
    "mat_mul_add_real_bias": lambda rng: products(rng, 17, reals=("bias",)),
    "pictures_real": lambda rng: pictures(rng, 13, "qdq", reals=("weights", "bias")),
}


def hostile():
    """Files that must be refused: name to bytes."""
    def model(change):
        g = Graph(numpy.random.Generator(numpy.random.PCG64(1)))
        end(g, gemm(g, quantize(g, numpy.zeros((1, 2), f32), "q", 0.1, 3), "out", 2, 0.1, 5))
        proto = onnx.ModelProto.FromString(g.model((2,), "y", (2,), 13).tobytes())
        change(proto)
        return numpy.frombuffer(proto.SerializeToString(), numpy.uint8)

    def weight(proto):
        return next(t for t in proto.graph.initializer if t.name == "out_w")

    def external(proto):
        weight(proto).data_location = TensorProto.EXTERNAL
        entry = weight(proto).external_data.add()
        entry.key, entry.value = "location", "../../etc/passwd"

    def dims(*extents):
        def change(proto):
            del weight(proto).dims[:]
            weight(proto).dims.extend(extents)
        return change

    def kind(number):
        def change(proto):
            weight(proto).data_type = number
        return change

    def typed(numbers):
        def change(proto):
            weight(proto).ClearField("raw_data")
            weight(proto).int32_data.extend(numbers)
        return change

    def subgraph(proto):
        attribute = proto.graph.node[0].attribute.add()
        attribute.name, attribute.type = "body", onnx.AttributeProto.GRAPH
        attribute.g.CopyFrom(proto.graph)

    def deep(proto):
        graph = proto.graph
        for _ in range(120):
            attribute = graph.node.add().attribute.add()
            attribute.name, attribute.type = "body", onnx.AttributeProto.GRAPH
            graph = attribute.g

    def twice(proto):
        for value in (0, 1):
            attribute = proto.graph.node[-3].attribute.add()
            attribute.name, attribute.type, attribute.i = "transA", onnx.AttributeProto.INT, value

    def sequence(proto):
        proto.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = TensorProto.FLOAT

    def negative_batch(proto):
        proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = -5

    def circle(proto):
        proto.graph.node[0].input[0] = "y"

    def scale_missing(proto):
        kept = [t for t in proto.graph.initializer if t.name != "q_scale"]
        del proto.graph.initializer[:]
        proto.graph.initializer.extend(kept)

    def unknown_operator(proto):
        next(n for n in proto.graph.node if n.op_type == "Gemm").op_type = "Det"

    def empty(proto):
        dims(0, 2)(proto)
        weight(proto).raw_data = b""

    def clip(kind, of_input):
        """Between the input, or its integers, and DequantizeLinear, with ends of a type."""
        def change(proto):
            graph = proto.graph
            for name, end in (("low", 0), ("high", 200)):
                graph.initializer.append(numpy_helper.from_array(numpy.array(end, kind), name))
            if of_input:
                graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
                del graph.node[0]
            else:
                graph.node[0].output[0] = "wide"
            node = helper.make_node("Clip", ["x" if of_input else "wide", "low", "high"], ["q"], "cut")
            graph.node.insert(0 if of_input else 1, node)
        return change

    def empty_constant(proto):
        tensor = numpy_helper.from_array(numpy.zeros(0, f32), "nothing")
        proto.graph.node.insert(0, helper.make_node("Constant", [], ["nothing"], "constant", value=tensor))

    def pads_of_one_pixel():
        """A window of one, on a picture of one pixel with a border around it."""
        g = Graph(numpy.random.Generator(numpy.random.PCG64(1)))
        g.form = "qdq"
        v = quantize(g, numpy.zeros((1, 2, 1, 1), f32), "q", 0.1, 3)
        end(g, conv(g, v, "out", 2, 0.1, 5, kernel=1, pad=1))
        return g.model((2, 1, 1), "y", (2, 3, 3), 13)

    # Field 7 of a model is its graph; its length is said to be 3 000 000 000 bytes.
    endless = numpy.frombuffer(b"\x08\x07\x3a\x80\xbc\xc1\x96\x0b", numpy.uint8)

    return {
        "circle": model(circle),
        "scale_missing": model(scale_missing),
        "unknown_operator": model(unknown_operator),
        "zero_dims": model(empty),
        "clip_of_input": model(clip(numpy.uint8, True)),
        "clip_ends_s32": model(clip(numpy.int32, False)),
        "empty_constant": model(empty_constant),
        "pads_of_one_pixel": pads_of_one_pixel(),
        "endless_length": endless,
        "external": model(external),
        "huge_dims": model(dims(2 ** 40, 2 ** 40)),
        "wrapping_dims": model(dims(2 ** 32, 2 ** 32)),
        "negative_dims": model(dims(-2, -2)),
        "too_few_bytes": model(dims(2, 3)),
        "many_dims": model(dims(*[1] * 60, 2, 2)),
        "strings": model(kind(TensorProto.STRING)),
        "no_type": model(kind(0)),
        "type_99": model(kind(99)),
        "beyond_s8": model(typed([1, 2, 3, 128])),
        "too_few_numbers": model(typed([1, 2, 3])),
        "subgraph": model(subgraph),
        "deep": model(deep),
        "attribute_twice": model(twice),
        "function": model(lambda p: p.functions.add()),
        "training": model(lambda p: p.training_info.add()),
        "sparse": model(lambda p: p.graph.sparse_initializer.add()),
        "sequence": model(sequence),
        "negative_batch": model(negative_batch),
        "no_graph": model(lambda p: p.ClearField("graph")),
        "no_opset": model(lambda p: p.ClearField("opset_import")),
    }


def generate(save, rng):
    for name, make in MODELS.items():
        model, x, y = make(rng)
        save(name + "_model", model)
        save(name + "_x", x)
        save(name + "_y", y.astype(f32))
    for name, model in hostile().items():
        save(f"hostile_{name}_model", model)
