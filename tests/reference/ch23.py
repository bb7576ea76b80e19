"""Chapter 23: the paper's Linear as ONNX files, put together byte by byte from onnx.proto; and layers in QDQ form,
computed in NumPy from the definitions of DequantizeLinear, Gemm and QuantizeLinear. Neither uses a library of ONNX's.
"""
import numpy

F32 = numpy.float32
FLOAT, UINT8, INT8, INT32 = 1, 2, 3, 6  # TensorProto.DataType
TYPES = {numpy.dtype(F32): FLOAT, numpy.dtype(numpy.uint8): UINT8, numpy.dtype(numpy.int8): INT8,
         numpy.dtype(numpy.int32): INT32}


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A field of a message: an integer, a text, or another message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(op, inputs, output, attributes=b"", domain=""):
    return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, op) + attributes
                 + (field(7, domain) if domain else b""))


def integer_attribute(name, value):
    return field(5, field(1, name) + field(3, value) + field(20, 2))


def initializer(name, array):
    return field(5, b"".join(field(1, extent) for extent in array.shape) + field(2, TYPES[array.dtype])
                 + field(8, name) + field(9, array.tobytes()))


def value_info(number, name, size):
    shape = field(1, field(2, "batch")) + field(1, field(1, size))
    return field(number, field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, shape))))


def model(graph, domains):
    opsets = b"".join(field(8, field(1, domain) + field(2, version)) for domain, version in domains)
    return numpy.frombuffer(field(1, 7) + field(7, graph) + opsets, numpy.uint8)


def dequantize(q, scale, zero_point):
    return scale * (q.astype(numpy.float64) - zero_point)


def quantize(x, scale, zero_point):
    return numpy.clip(numpy.rint(x / scale) + zero_point, 0, 255).astype(numpy.uint8)


def save_paper(save):
    x_scale, w_scale, b_scale, y_scale = F32(0.25), F32(0.25), F32(0.0625), F32(0.5)
    w, b = numpy.array([[4, -2], [-7, 3]], numpy.int8), numpy.array([8, 16], numpy.int32)
    x_params, w_params = ["t1_scale", "t1_zero_point"], ["w1_scale", "w1_zero_point"]
    b_params, y_params = ["b1_scale", "b1_zero_point"], ["t2_scale", "t2_zero_point"]
    first = node("QuantizeLinear", ["x"] + x_params, "t1")
    last = node("DequantizeLinear", ["t2"] + y_params, "logits")
    along_outputs = integer_attribute("axis", 0)
    ends = value_info(11, "x", 2) + value_info(12, "logits", 2)
    x_tensors = initializer("t1_scale", numpy.array(x_scale)) + initializer("t1_zero_point", numpy.array(4, numpy.uint8))
    w_tensors = (initializer("w1", w) + initializer("w1_scale", numpy.array(w_scale))
                 + initializer("w1_zero_point", numpy.array(0, numpy.int8)))
    y_tensors = initializer("t2_scale", numpy.array(y_scale)) + initializer("t2_zero_point", numpy.array(6, numpy.uint8))
    qdq = (first + node("DequantizeLinear", ["t1"] + x_params, "t1_real")
           + node("DequantizeLinear", ["w1"] + w_params, "w1_real", along_outputs)
           + node("DequantizeLinear", ["b1"] + b_params, "b1_real", along_outputs)
           + node("Gemm", ["t1_real", "w1_real", "b1_real"], "t2_sum", integer_attribute("transB", 1))
           + node("QuantizeLinear", ["t2_sum"] + y_params, "t2") + last
           + x_tensors + w_tensors + initializer("b1", b) + initializer("b1_scale", numpy.array(b_scale))
           + initializer("b1_zero_point", numpy.array(0, numpy.int32)) + y_tensors + ends)
    save("paper_qdq", model(qdq, [("", 13)]))
    qgemm = (first + node("QGemm", ["t1"] + x_params + ["w1"] + w_params + ["b1"] + y_params, "t2",
                          integer_attribute("transB", 1), "com.microsoft") + last
             + x_tensors + w_tensors + initializer("b1", b) + y_tensors + ends)
    save("paper_qoperator", model(qgemm, [("", 13), ("com.microsoft", 1)]))
    x = numpy.array([[-0.25, 1.25], [1.5, -0.5]], F32)
    q_x = quantize(x, x_scale, 4)
    total = dequantize(q_x, x_scale, 4) @ dequantize(w, w_scale, 0).T + dequantize(b, b_scale, 0)
    save("paper_t1", q_x)
    save("paper_t2_sum", total.astype(F32))
    save("paper_t2", quantize(total, y_scale, 6))


def save_layers(save, rng):
    """All scales are powers of two, so that no operation rounds but rint: eq. 23.4 without a remainder."""
    layers, rows, outputs, inputs = 6, 16, 12, 40
    q_x = rng.integers(0, 256, (layers, rows, inputs)).astype(numpy.uint8)
    w = rng.integers(-127, 128, (layers, outputs, inputs)).astype(numpy.int8)
    b = rng.integers(-4000, 4000, (layers, outputs)).astype(numpy.int32)
    x_zero, y_zero = rng.integers(0, 256, layers), rng.integers(0, 256, layers)
    x_scale = (2.0 ** rng.integers(-9, -5, layers)).astype(F32)
    w_scale = (2.0 ** rng.integers(-9, -5, (layers, outputs))).astype(F32)
    y_scale = (2.0 ** rng.integers(-5, -2, layers)).astype(F32)
    y = []
    for i in range(layers):
        real_w = dequantize(w[i], w_scale[i][:, None].astype(numpy.float64), 0)
        real_b = dequantize(b[i], x_scale[i].astype(numpy.float64) * w_scale[i], 0)
        total = dequantize(q_x[i], numpy.float64(x_scale[i]), x_zero[i]) @ real_w.T + real_b
        y.append(quantize(total, numpy.float64(y_scale[i]), y_zero[i]))
    save("layers_x", q_x.reshape(layers * rows, inputs))
    save("layers_w", w.reshape(layers * outputs, inputs))
    save("layers_b", b)
    save("layers_w_scale", w_scale)
    save("layers_scales", numpy.stack([x_scale, y_scale], 1))
    save("layers_zero_points", numpy.stack([x_zero, y_zero], 1).astype(numpy.int32))
    save("layers_y", numpy.stack(y).reshape(layers * rows, outputs))


def generate(save, rng):
    save_paper(save)
    save_layers(save, rng)
