// A digit classified in integers: one file, the C++ standard library, nothing else.
//
//   g++ -std=c++20 -O2 toy.cpp -o toy
//   ./toy net.qfs digits.idx          every digit: its number, its class, the ten integers behind
//   it
//   ./toy net.qfs digits.idx 7        digit 7 alone
//
// net.qfs and digits.idx come from `./learn 6 --export DIR`; any MNIST image file (not gzipped)
// does as well. Floats occur in prepare() alone, before the first digit is read. For little-endian
// CPUs.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using Bytes = std::vector<unsigned char>;
using Records = std::map<std::string, Bytes>;

void check(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

Bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  check(file.good(), path + " cannot be opened");
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

struct Reader {  // takes a file's bytes from front to back
  const Bytes& bytes;
  std::size_t end, at = 0;
  const unsigned char* take(std::uint64_t count) {
    check(count <= end - at, "a file ends too early");
    at += count;
    return bytes.data() + at - count;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::uint32_t highest_byte_first() {
    const unsigned char* p = take(4);
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
  }
};

std::uint32_t crc32(const unsigned char* p, std::size_t size) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= p[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) * 0xedb88320U);
  }
  return ~crc;
}

// The model file is a list of named records; common/container_file.hpp says how they lie in it.
Records read_records(const Bytes& file) {
  check(file.size() >= 20 && std::memcmp(file.data(), "QFSMODEL", 8) == 0, "this is no model file");
  Reader checksum{file, file.size(), file.size() - 4}, in{file, file.size() - 4, 8};
  check(checksum.number<std::uint32_t>() == crc32(file.data(), in.end),
        "the model file is damaged");
  check(in.number<std::uint32_t>() == 1, "the model file has another version");
  Records records;
  for (auto left = in.number<std::uint32_t>(); left > 0; --left) {
    const auto length = in.number<std::uint32_t>();
    const std::string name(reinterpret_cast<const char*>(in.take(length)), length);
    in.take(1);                               // its type: follows from the name
    in.take(8 * in.number<unsigned char>());  // its shape: follows from the sizes
    const auto size = in.number<std::uint64_t>();
    const unsigned char* content = in.take(size);
    records[name] = Bytes(content, content + size);
  }
  return records;
}

template <class T>
std::vector<T> numbers(const Records& records, const std::string& name) {
  const auto found = records.find(name);
  check(found != records.end() && found->second.size() >= sizeof(T), "the model has no " + name);
  std::vector<T> result(found->second.size() / sizeof(T));
  std::memcpy(result.data(), found->second.data(), result.size() * sizeof(T));
  return result;
}

struct Layer {
  std::vector<std::int8_t> weight;            // N x K
  std::vector<std::int64_t> bias;             // N, with the input's zero point folded in
  std::vector<std::int64_t> mantissa, shift;  // N: the multiplier is mantissa / 2^shift
  std::int32_t zero_point, qmin, qmax;        // of the output; with ReLU, qmin is the zero point
};

struct Net {
  std::vector<std::uint8_t> of_pixel;  // the input's integer for each of the 256 pixel values
  std::vector<Layer> layers;
};

// Scale, zero point and range of the input (0) and of the output of layer 1, 2, ...
struct Activations {
  std::vector<float> scale;
  std::vector<std::int32_t> zero_point, range;
};

Layer prepare_layer(const Records& records, const Activations& of, std::size_t i, bool relu) {
  const std::string name = "fc" + std::to_string(i);
  const auto bias = numbers<std::int32_t>(records, name + ".bias");
  Layer layer{numbers<std::int8_t>(records, name + ".weight"),
              {bias.begin(), bias.end()},
              {},
              {},
              of.zero_point[i],
              relu ? of.zero_point[i] : of.range[2 * i],
              of.range[2 * i + 1]};
  const auto s_w = numbers<float>(records, name + ".scale");
  const std::size_t N = layer.bias.size(), K = layer.weight.size() / N;
  check(K * N == layer.weight.size() && (s_w.size() == 1 || s_w.size() == N),
        name + " contradicts itself");
  for (std::size_t n = 0; n < N; ++n) {
    std::int64_t most = 0;  // of the weights' part of a sum
    for (std::size_t k = 0; k < K; ++k) {
      const std::int64_t w = layer.weight[n * K + k];
      layer.bias[n] -= of.zero_point[i - 1] * w;
      most += of.range[2 * i - 1] * std::abs(w);
    }
    check(std::abs(layer.bias[n]) + most < std::int64_t{1} << 32, name + " may overflow");
    const float m = of.scale[i - 1] * s_w[s_w.size() == 1 ? 0 : n] * (1.0F / of.scale[i]);
    check(m >= 0x1p-32F && m < 0x1p29F, name + " has a scale that gives no multiplier");
    int exponent = 0;
    layer.mantissa.push_back(static_cast<std::int64_t>(std::frexp(m, &exponent) * 0x1p31F));
    layer.shift.push_back(31 - exponent);
  }
  return layer;
}

// All that floats are needed for: the input's table and the multipliers.
Net prepare(const Records& records) {
  const auto head = numbers<std::int32_t>(records, "mlp");  // number of layers; is ReLU fused?
  const Activations of{numbers<float>(records, "scale"),
                       numbers<std::int32_t>(records, "zero_point"),
                       numbers<std::int32_t>(records, "range")};
  const std::size_t count = of.scale.size();
  check(head.size() == 2 && head[0] > 0 && count == static_cast<std::size_t>(head[0]) + 1 &&
            of.zero_point.size() == count && of.range.size() == 2 * count,
        "the model contradicts itself");
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t low = of.range[2 * i], high = of.range[2 * i + 1];
    check(std::isnormal(of.scale[i]) && of.scale[i] > 0.0F && 0 <= low && high <= 255 &&
              low <= of.zero_point[i] && of.zero_point[i] <= high,
          "tensor " + std::to_string(i) + " has no usable scale, zero point or range");
  }
  Net net;
  for (int pixel = 0; pixel < 256; ++pixel) {
    const float x = (static_cast<float>(pixel) / 255.0F - 0.1307F) / 0.3081F;
    const float q = std::nearbyint(x * (1.0F / of.scale[0])) + static_cast<float>(of.zero_point[0]);
    const auto low = static_cast<float>(of.range[0]), high = static_cast<float>(of.range[1]);
    net.of_pixel.push_back(static_cast<std::uint8_t>(std::min(std::max(q, low), high)));
  }
  for (std::size_t i = 1; i < count; ++i)
    net.layers.push_back(prepare_layer(records, of, i, head[1] == 0 && i + 1 < count));
  return net;
}

// From here on there are only integers. value / 2^shift, a half to its even neighbour.
std::int64_t rounding_shift(std::int64_t value, std::int64_t shift) {
  const std::int64_t down = value >> shift, cut_off = value - (down << shift);
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  return down + (cut_off > half || (cut_off == half && (down & 1) == 1) ? 1 : 0);
}

std::vector<std::uint8_t> run(const Net& net, std::vector<std::uint8_t> x) {
  for (const Layer& layer : net.layers) {
    const std::size_t N = layer.bias.size(), K = layer.weight.size() / N;
    check(x.size() == K, "a layer expects another number of inputs");
    std::vector<std::uint8_t> y;
    for (std::size_t n = 0; n < N; ++n) {
      std::int64_t sum = layer.bias[n];
      for (std::size_t k = 0; k < K; ++k) sum += x[k] * layer.weight[n * K + k];
      const auto q = rounding_shift(sum * layer.mantissa[n], layer.shift[n]) + layer.zero_point;
      const auto clamped =
          std::min<std::int64_t>(std::max<std::int64_t>(q, layer.qmin), layer.qmax);
      y.push_back(static_cast<std::uint8_t>(clamped));
    }
    x = y;
  }
  return x;
}

int main(int argc, char** argv) try {
  check(argc == 3 || argc == 4, "usage: toy net.qfs digits.idx [number]");
  const Net net = prepare(read_records(read_file(argv[1])));
  const Bytes file = read_file(argv[2]);
  Reader in{file, file.size()};
  check(in.highest_byte_first() == 0x803, std::string(argv[2]) + " is no IDX file of images");
  const std::uint64_t count = in.highest_byte_first(), rows = in.highest_byte_first();
  const std::uint64_t pixels = rows * in.highest_byte_first();
  const std::uint64_t only = argc == 4 ? std::stoull(argv[3]) : 0;
  check(only < count, "there are " + std::to_string(count) + " digits");
  for (std::uint64_t d = 0; d < count; ++d) {
    const unsigned char* digit = in.take(pixels);
    if (argc == 4 && d != only) continue;
    std::vector<std::uint8_t> x(digit, digit + pixels);
    for (std::uint8_t& pixel : x) pixel = net.of_pixel[pixel];
    const std::vector<std::uint8_t> y = run(net, x);
    std::printf("%llu: %td  ", static_cast<unsigned long long>(d),
                std::max_element(y.begin(), y.end()) - y.begin());
    for (std::uint8_t q : y) std::printf(" %3d", q);
    std::printf("\n");
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "toy: %s\n", error.what());
  return 2;
}
