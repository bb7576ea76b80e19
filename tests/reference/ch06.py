"""Chapter 06: the whole net by PyTorch's quantized layers, every integer of every layer on the 2000 test digits.

generate() uses the qnnpack engine. Run as a program, this file counts on which outputs each of three rules differs
from the qnnpack and from the onednn engine, and writes chapters/06_static_ptq/measured/engines.md.
"""
import pathlib
import sys

import numpy
import torch
from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

F32 = numpy.float32
PRIME = 0x01000193  # odd, so that no single wrong integer can go unseen


def digits():
    import importlib
    return importlib.import_module("digits")


def hashes(q):
    """One number per row: h = h * PRIME + q over the row, modulo 2^32; a change of one q always changes it."""
    h = numpy.zeros(len(q), numpy.uint32)
    for k in range(q.shape[1]):
        h = h * numpy.uint32(PRIME) + q[:, k].astype(numpy.uint8)
    return h.view(numpy.int32)


def params_of(tensors, reduce_range):
    """(scale, zero point) of every tensor, by PyTorch's MinMaxObserver."""
    params = []
    for tensor in tensors:
        observer = MinMaxObserver(dtype=torch.quint8, reduce_range=reduce_range)
        observer(torch.from_numpy(tensor))
        scale, zero_point = observer.calculate_qparams()
        params.append((scale.item(), zero_point.item()))
    return params


def activation_params(reduce_range):
    """Of the input and of every Linear's output, on the first 1000 training digits."""
    x = digits().normalized(digits().train_digits()[0][:1000])
    tensors = [x]
    for weight, bias in digits().pretrained():
        tensors.append(digits().linear(x, weight, bias))
        x = numpy.maximum(tensors[-1], F32(0))
    return params_of(tensors, reduce_range)


def quantized_weight(weight, per_channel):
    weight = torch.from_numpy(weight)
    if per_channel:
        observer = PerChannelMinMaxObserver(ch_axis=0, dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
        observer(weight)
        scale, zero_point = observer.calculate_qparams()
        return torch.quantize_per_channel(weight, scale.double(), zero_point.long(), 0, torch.qint8), scale.numpy()
    observer = MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
    observer(weight)
    scale, zero_point = observer.calculate_qparams()
    return torch.quantize_per_tensor(weight, scale.item(), zero_point.item(), torch.qint8), scale.numpy().reshape(1)


def quantized_linear(weight, bias, output):
    layer = torch.ao.nn.quantized.Linear(weight.shape[1], weight.shape[0])
    layer.set_weight_bias(weight, torch.from_numpy(bias))
    layer.scale, layer.zero_point = output
    return layer


def as_quantized(q, params):
    return torch._make_per_tensor_quantized_tensor(torch.from_numpy(q), params[0], params[1])


def net(per_channel, qmax):
    """Activation parameters, weight scales, weight integers, and the integers of every tensor on the test digits:
    the input, then every Linear's output before ReLU, none above qmax."""
    params = activation_params(reduce_range=qmax == 127)
    pixels, _ = digits().test_digits()
    x = torch.quantize_per_tensor(torch.from_numpy(digits().normalized(pixels)), params[0][0], params[0][1],
                                  torch.quint8)
    tensors, scales, weights = [numpy.minimum(x.int_repr().numpy(), qmax)], [], []
    for i, (weight, bias) in enumerate(digits().pretrained()):
        q_weight, scale = quantized_weight(weight, per_channel)
        x = as_quantized(tensors[-1], params[i])
        if i > 0:
            x = torch.relu(x)
        y = quantized_linear(q_weight, bias, params[i + 1])(x).int_repr().numpy()
        tensors.append(numpy.minimum(y, qmax))
        scales.append(scale)
        weights.append(q_weight.int_repr().numpy())
    return params, scales, weights, tensors


def save_net(save, name, per_channel, qmax=255):
    params, scales, weights, tensors = net(per_channel, qmax)
    save(f"{name}_scale", numpy.array([p[0] for p in params], F32))
    save(f"{name}_zero_point", numpy.array([p[1] for p in params], numpy.int32))
    for i, (scale, weight) in enumerate(zip(scales, weights)):
        save(f"{name}_weight_scale{i + 1}", scale.astype(F32))
        save(f"{name}_weight_hash{i + 1}", hashes(weight))
    save(f"{name}_hash", numpy.stack([hashes(tensor) for tensor in tensors], 1))    # digit, tensor
    save(f"{name}_first", numpy.concatenate([t[:10] for t in tensors[1:]], 1))      # ten digits in full
    save(f"{name}_logits", tensors[-1])


def save_paper(save):
    """The example of the text: two layers on two inputs; nothing passes 15, so 4-bit activations are these."""
    w1 = torch._make_per_tensor_quantized_tensor(torch.tensor([[4, -2], [-7, 3]], dtype=torch.int8), 0.25, 0)
    w2 = torch._make_per_tensor_quantized_tensor(torch.tensor([[7, 1], [-2, 6]], dtype=torch.int8), 0.125, 0)
    layer1 = quantized_linear(w1, numpy.array([0.5, 1.0], F32), (0.5, 6))
    layer2 = quantized_linear(w2, numpy.array([-0.25, 0.5], F32), (0.25, 4))
    x = as_quantized(numpy.array([[3, 9], [10, 2]], numpy.uint8), (0.25, 4))
    y1 = layer1(x)
    relu = torch.relu(y1)
    save("paper_y1", y1.int_repr().numpy())
    save("paper_relu", relu.int_repr().numpy())
    save("paper_y2", layer2(relu).int_repr().numpy())


def generate(save, rng):
    save_net(save, "per_tensor", per_channel=False)
    save_net(save, "per_channel", per_channel=True)
    save_net(save, "seven_bits", per_channel=True, qmax=127)
    save_paper(save)


def rules(acc, bias, s_x, s_w, s_y, zero_point):
    """Three ways from a sum without its bias to u8, all in float32."""
    one, scale = F32(1), s_x * s_w
    bias_q = numpy.rint(bias * (one / scale)).astype(numpy.int64)
    multiplier = scale * (one / s_y)
    steps = {
        "A": numpy.rint((acc + bias_q).astype(F32) * multiplier),
        "B": numpy.rint((acc.astype(F32) + bias / scale) * multiplier),
        "C": numpy.rint((acc.astype(F32) * scale + bias) * (one / s_y)),
    }
    return {name: numpy.clip(step + zero_point, 0, 255) for name, step in steps.items()}


def count_mismatches():
    """Rows of the table: engine, weights, then the outputs on which each rule differs; and the largest difference."""
    rows, largest = [], 0
    for engine in ("qnnpack", "onednn"):
        for per_channel in (False, True):
            torch.backends.quantized.engine = engine
            params, scales, weights, tensors = net(per_channel, 255)
            wrong = dict.fromkeys("ABC", 0)
            for i, (_, bias) in enumerate(digits().pretrained()):
                x = numpy.maximum(tensors[i], params[i][1] if i > 0 else 0).astype(numpy.int64) - params[i][1]
                acc = x @ weights[i].astype(numpy.int64).T
                got = rules(acc, bias, F32(params[i][0]), scales[i].astype(F32), F32(params[i + 1][0]),
                            params[i + 1][1])
                for rule in wrong:
                    wrong[rule] += int((got[rule] != tensors[i + 1]).sum())
                    largest = max(largest, int(numpy.abs(got[rule] - tensors[i + 1]).max()))
            rows.append((engine, "per channel" if per_channel else "per tensor", wrong))
    return rows, largest


def main():
    here = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags"))
    lines = ["| engine | weights | rule A differs | rule B differs | rule C differs |", "|---|---|---|---|---|"]
    rows, largest = count_mismatches()
    for engine, weights, wrong in rows:
        lines.append(f"| {engine} | {weights} | " + " | ".join(str(wrong[rule]) for rule in "ABC") + " |")
    vnni = "with" if "avx512_vnni" in flags or "avx_vnni" in flags else "without"
    lines += ["", f"Outputs that differ, of 420 000 (2000 digits, 210 outputs each); none by more than {largest}. "
              f"PyTorch {torch.__version__}, {cpu} ({vnni} VNNI). Made by `tests/reference/ch06.py`."]
    path = here.parents[1] / "chapters" / "06_static_ptq" / "measured" / "engines.md"
    path.write_text("\n".join(lines) + "\n")
    print(path.read_text())


if __name__ == "__main__":
    main()
