"""Chapter 08: PyTorch's quantize_dynamic (qnnpack engine) on the 2000 test digits, bit for bit; and ONNX's
DynamicQuantizeLinear with MatMulInteger, written down in NumPy from the operators' definitions.
"""
import contextlib
import importlib
import os

import numpy
import torch

F32 = numpy.float32


def ch06():
    return importlib.import_module("ch06")


def digits():
    return importlib.import_module("digits")


@contextlib.contextmanager
def silent():
    """qnnpack writes a warning per call to stderr: that it ignores reduce_range. It does, and so do we."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def quantized_net(layers, qconfig=None):
    """torch.nn.Linear and ReLU in turn, each Linear replaced by quantize_dynamic."""
    modules = []
    for weight, bias in layers:
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = torch.from_numpy(weight.copy()), torch.from_numpy(bias.copy())
        modules += [linear, torch.nn.ReLU()]
    net = torch.nn.Sequential(*modules[:-1]).eval()
    return torch.quantization.quantize_dynamic(net, {torch.nn.Linear} if qconfig is None
                                               else {torch.nn.Linear: qconfig})


def bits(y):
    """A hash of every row's float32 bits."""
    return ch06().hashes(numpy.ascontiguousarray(y, F32).view(numpy.uint8).reshape(len(y), -1))


def run_in_batches(net, x, batch):
    """Of every layer, in batches of so many rows: (scale, zero point) per batch; hashes of its integer inputs and
    of its float outputs per digit; and the logits."""
    params, inputs, outputs, logits = [], [], [], []
    for begin in range(0, len(x), batch):
        y = torch.from_numpy(x[begin:begin + batch])
        some_params, some_inputs, some_outputs = [], [], []
        for module in net:
            if not isinstance(module, torch.nn.ReLU):
                scale, zero_point = torch._choose_qparams_per_tensor(y, False)
                q = torch.quantize_per_tensor(y, scale, zero_point, torch.quint8).int_repr().numpy()
                some_params.append((scale, zero_point))
                some_inputs.append(ch06().hashes(q))
            y = module(y)
            if not isinstance(module, torch.nn.ReLU):
                some_outputs.append(bits(y.detach().numpy()))
        params.append(some_params)
        inputs.append(numpy.stack(some_inputs, 1))
        outputs.append(numpy.stack(some_outputs, 1))
        logits.append(y.detach().numpy())
    return numpy.array(params), *map(numpy.concatenate, (inputs, outputs, logits))


def save_net(save, name, batch, qconfig=None):
    net = quantized_net(digits().pretrained(), qconfig)
    pixels, _ = digits().test_digits()
    params, inputs, outputs, logits = run_in_batches(net, digits().normalized(pixels), batch)
    save(f"{name}_scale", params[..., 0].astype(F32))             # batch, layer
    save(f"{name}_zero_point", params[..., 1].astype(numpy.int32))
    save(f"{name}_input_hash", inputs)                            # digit, layer
    save(f"{name}_output_hash", outputs)
    if batch == 1:
        return
    save(f"{name}_logits", logits)
    for i, module in enumerate(m for m in net if not isinstance(m, torch.nn.ReLU)):
        weight, _ = module._weight_bias()
        per_channel = weight.qscheme() == torch.per_channel_affine
        scale = weight.q_per_channel_scales().numpy() if per_channel else numpy.array([weight.q_scale()])
        save(f"{name}_weight_scale{i + 1}", scale.astype(F32))
        save(f"{name}_weight_hash{i + 1}", ch06().hashes(weight.int_repr().numpy()))


def save_paper(save):
    """The example of the text: a row alone, and in a batch of two."""
    layer = torch.ao.nn.quantized.dynamic.Linear(3, 2)
    weight = torch.tensor([[4, -2, 3], [-7, 3, 2]], dtype=torch.int8)
    layer.set_weight_bias(torch._make_per_tensor_quantized_tensor(weight, 0.5, 0),
                          torch.tensor([7.6, 0.0]))
    both = torch.tensor([[-0.52, 2.03, 0.47], [-5.0, 20.5, 1.0]])
    for name, x in (("alone", both[:1]), ("other_alone", both[1:]), ("both", both)):
        scale, zero_point = torch._choose_qparams_per_tensor(x, False)
        save(f"paper_{name}_scale", numpy.array([scale], F32))
        save(f"paper_{name}_zero_point", numpy.array([zero_point], numpy.int32))
        save(f"paper_{name}_q", torch.quantize_per_tensor(x, scale, zero_point, torch.quint8).int_repr().numpy())
        save(f"paper_{name}_y", layer(x).detach().numpy())


def awkward_tensors(rng):
    """Five numbers each: of every size, one-sided, with ties for the zero point, constant, zero."""
    tensors = [numpy.zeros(5), numpy.full(5, 3.0), numpy.full(5, -3.0), numpy.full(5, 1e-45), numpy.full(5, -1e-42)]
    for exponent in range(-44, 38, 2):
        for kind in range(4):
            x = rng.standard_normal(5)
            x = [x, numpy.abs(x), -numpy.abs(x), x * (1 + 100 * (numpy.arange(5) == 2))][kind]
            tensors.append(x * 10.0 ** exponent)
    for _ in range(60):    # lo / scale is a half
        step, half = 2.0 ** rng.integers(-8, 9), rng.integers(0, 254) + 0.5
        tensors.append(numpy.array([-half, 255 - half, 0.25, 0.5, 1.5]) * step)
    for width in (0.0155, 0.01555, 0.0156, 1e-3, 1e-6):    # 255 * 6.1e-5 = 0.015555
        tensors.append(numpy.array([-0.3, 0.7, 0.1, 0.2, 0.0]) * width)
        tensors.append(numpy.array([0.3, 1.0, 0.1, 0.2, 0.0]) * width)
        tensors.append(numpy.array([-0.3, -1.0, -0.1, -0.2, 0.0]) * width)
    return numpy.stack(tensors).astype(F32)


def save_params(save, rng):
    tensors = awkward_tensors(rng)
    params = [torch._choose_qparams_per_tensor(torch.from_numpy(x), False) for x in tensors]
    save("tensors", tensors)
    save("tensors_scale", numpy.array([p[0] for p in params], F32))
    save("tensors_zero_point", numpy.array([p[1] for p in params], numpy.int32))


def onnx_dynamic_quantize_linear(x):
    """y, y_scale, y_zero_point in float32; x is not all 0."""
    lo, hi = numpy.minimum(x.min(), F32(0)), numpy.maximum(x.max(), F32(0))
    scale = (hi - lo) / F32(255)
    zero_point = numpy.rint(numpy.clip(F32(0) - lo / scale, F32(0), F32(255)))
    return numpy.clip(numpy.rint(x / scale) + zero_point, 0, 255).astype(numpy.uint8), scale, int(zero_point)


def near_halves(rng):
    """Intervals on either side of 0 whose zero point another order of operations, or float32, rounds another way;
    by PyTorch's rule, then by ONNX's."""
    width = 10.0 ** rng.uniform(-4, 2, 3_000_000)
    lo = (-width * rng.random(width.size)).astype(F32)
    hi = (width + lo).astype(F32)
    half, step = rng.integers(0, 254, 3000) + 0.5, rng.integers(1, 64, 3000) * 2.0 - 1.0    # -lo / scale is half
    lo, hi = numpy.append(lo, -half * step).astype(F32), numpy.append(hi, (255 - half) * step).astype(F32)
    wide_lo, scale, least = lo.astype(float), (hi.astype(float) - lo) / 255, F32(6.1e-5)
    small = scale < least
    grown = numpy.where(small, lo * (least / scale.astype(F32)), lo).astype(float)
    used, rough = numpy.where(small, float(least), scale), numpy.where(small, 6.1e-5, scale)
    grown_late = numpy.where(small, (wide_lo * (float(least) / scale)).astype(F32), lo).astype(float)
    pytorch = [-grown / used, (-grown).astype(F32) / used.astype(F32), -grown / used.astype(F32).astype(float),
               -grown * (1 / used), -grown / rough, -grown_late / used]
    s = (hi - lo) / F32(255)
    onnx = [-lo / s, -lo * (F32(1) / s), -wide_lo / s.astype(float)]
    chosen = []
    for right, *others in (pytorch, onnx):
        kept = [numpy.flatnonzero(numpy.rint(right) != numpy.rint(other))[-16:] for other in others]
        some = numpy.unique(numpy.concatenate(kept))
        chosen.append(numpy.stack([lo[some], hi[some]], 1))
    return chosen


def save_near_halves(save, rng):
    pytorch, onnx = near_halves(rng)
    params = [torch._choose_qparams_per_tensor(torch.from_numpy(x), False) for x in pytorch]
    save("near_halves", pytorch)
    save("near_halves_scale", numpy.array([p[0] for p in params], F32))
    save("near_halves_zero_point", numpy.array([p[1] for p in params], numpy.int32))
    params = [onnx_dynamic_quantize_linear(x)[1:] for x in onnx]
    save("onnx_near_halves", onnx)
    save("onnx_near_halves_scale", numpy.array([p[0] for p in params], F32))
    save("onnx_near_halves_zero_point", numpy.array([p[1] for p in params], numpy.int32))


def save_onnx(save, rng):
    """DynamicQuantizeLinear, MatMulInteger with B's zero point 0, and back to reals as an exporter does it:
    Cast, Mul by a_scale * b_scale, Add."""
    x = (rng.standard_normal((40, 7, 23)) * 10.0 ** rng.integers(-3, 4, (40, 1, 1))).astype(F32)
    w = rng.integers(-128, 128, (23, 9)).astype(numpy.int8)
    bias, w_scale = rng.standard_normal(9).astype(F32), F32(0.013)
    scales, zero_points, integers, outputs = [], [], [], []
    for one in x:
        q, scale, zero_point = onnx_dynamic_quantize_linear(one)
        acc = (q.astype(numpy.int32) - zero_point) @ w.astype(numpy.int32)
        scales.append(scale)
        zero_points.append(zero_point)
        integers.append(q)
        outputs.append(acc.astype(F32) * (scale * w_scale) + bias)
    save("onnx_x", x.reshape(280, 23))
    save("onnx_w", w.T)
    save("onnx_bias", bias)
    save("onnx_scale", numpy.array(scales, F32))
    save("onnx_zero_point", numpy.array(zero_points, numpy.int32))
    save("onnx_q", numpy.concatenate(integers))
    save("onnx_y", numpy.concatenate(outputs).astype(F32))


def generate(save, rng):
    with silent():
        save_net(save, "per_tensor", 100)
        save_net(save, "per_channel", 100, torch.quantization.per_channel_dynamic_qconfig)
        save_net(save, "one_row", 1)
        save_paper(save)
    save_params(save, rng)
    save_onnx(save, rng)
    save_near_halves(save, rng)
