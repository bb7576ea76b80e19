// A digit classified in integers: one file, the C++ standard library, nothing else.
//
//   g++ -std=c++20 -O2 toy.cpp -o toy
//   ./toy net.qfs digits.idx      every digit: its number, its class, the ten integers behind it
//   ./toy net.qfs digits.idx 7    digit 7 alone
//
// net.qfs and digits.idx come from `./learn 6 --export DIR`; any MNIST image file (not gzipped)
// does as well. The file holds a net as a list of operations on numbered tensors; the toy runs the
// list. Floats occur in prepare() alone, before the first digit is read. For little-endian CPUs.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
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
  check(found != records.end() && !found->second.empty() && found->second.size() % sizeof(T) == 0,
        "the model has no " + name);
  std::vector<T> result(found->second.size() / sizeof(T));
  std::memcpy(result.data(), found->second.data(), result.size() * sizeof(T));
  return result;
}

// Whole numbers, one after the other, as the model file has them.
struct List {
  std::vector<std::int32_t> numbers;
  std::string name;
  std::size_t at = 0;
  std::int32_t next() {
    check(at < numbers.size(), "the model's " + name + " end too early");
    return numbers[at++];
  }
  // One that counts, or says which: from 0 to below `end`.
  std::size_t next_below(std::size_t end) {
    const std::int32_t number = next();
    check(number >= 0 && static_cast<std::size_t>(number) < end,
          "the model's " + name + " hold a number that says nothing");
    return static_cast<std::size_t>(number);
  }
};

List list(const Records& records, const std::string& name) {
  return {numbers<std::int32_t>(records, name), name};
}

using Integers = std::vector<std::uint8_t>;  // the numbers of one tensor, for one digit

struct Tensor {
  bool real = false;  // then only the integers behind its reals are kept here
  std::size_t size = 1;
  float scale = 0;
  std::int32_t zero_point = 0, qmin = 0, qmax = 0;
};

// One operation of the list, ready to run; only linear has a weight and what follows it.
struct Operation {
  void (*run)(const Operation&, const Integers& x, Integers& y);
  std::size_t input = 0, output = 0;  // numbers of tensors
  Integers table{};                   // quantize: the integer for each of the 256 pixel values
  std::int32_t zero_point = 0, qmin = 0, qmax = 0;  // of the output
  std::vector<std::int8_t> weight{};                // N x K
  std::vector<std::int64_t> bias{};                 // N, with the input's zero point folded in
  std::vector<std::int64_t> mantissa{}, shift{};    // N: the multiplier is mantissa / 2^shift
};

struct Net {
  std::vector<Tensor> tensors;
  std::vector<Operation> operations;
};

// From here on there are only integers. value / 2^shift, a half to its even neighbour.
std::int64_t rounding_shift(std::int64_t value, std::int64_t shift) {
  const std::int64_t down = value >> shift, cut_off = value - (down << shift);
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  return down + (cut_off > half || (cut_off == half && (down & 1) == 1) ? 1 : 0);
}

void run_quantize(const Operation& of, const Integers& x, Integers& y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = of.table[x[i]];
}

void run_linear(const Operation& of, const Integers& x, Integers& y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    std::int64_t sum = of.bias[n];
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * of.weight[n * x.size() + k];
    const auto q = rounding_shift(sum * of.mantissa[n], of.shift[n]) + of.zero_point;
    y[n] = static_cast<std::uint8_t>(
        std::min<std::int64_t>(std::max<std::int64_t>(q, of.qmin), of.qmax));
  }
}

void run_relu(const Operation& of, const Integers& x, Integers& y) {
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = static_cast<std::uint8_t>(std::max<std::int32_t>(x[i], of.zero_point));
}

// The largest real has the largest integer behind it: the class is known without any real.
void run_dequantize(const Operation&, const Integers& x, Integers& y) { y = x; }

Integers run(const Net& net, const Integers& pixels) {
  check(pixels.size() == net.tensors[0].size, "the net expects another number of pixels");
  std::vector<Integers> tensors;
  for (const Tensor& tensor : net.tensors) tensors.emplace_back(tensor.size);
  tensors[0] = pixels;
  for (const Operation& of : net.operations) of.run(of, tensors[of.input], tensors[of.output]);
  return tensors[net.operations.back().output];
}

// All that floats are needed for: the table of pixels and the multipliers.
void prepare_quantize(const Net& net, Operation& of, const Records&, std::int32_t weights) {
  const Tensor& y = net.tensors[of.output];
  check(of.input == 0 && net.tensors[0].size == y.size && weights == -1,
        "quantize reads something else than the pixels");
  for (int pixel = 0; pixel < 256; ++pixel) {
    const float x = (static_cast<float>(pixel) / 255.0F - 0.1307F) / 0.3081F;
    const float q = std::nearbyint(x * (1.0F / y.scale)) + static_cast<float>(y.zero_point);
    const auto low = static_cast<float>(y.qmin), high = static_cast<float>(y.qmax);
    of.table.push_back(static_cast<std::uint8_t>(std::min(std::max(q, low), high)));
  }
}

void prepare_output(const Tensor& x, float s_w, const Tensor& y, std::size_t n, Operation& of) {
  std::int64_t most = 0;  // of the weights' part of a sum
  for (std::size_t k = 0; k < x.size; ++k) {
    const std::int64_t w = of.weight[n * x.size + k];
    of.bias[n] -= x.zero_point * w;
    most += x.qmax * std::abs(w);
  }
  check(std::abs(of.bias[n]) + most < std::int64_t{1} << 31, "a sum of linear may overflow");
  const float m = x.scale * s_w * (1.0F / y.scale);
  check(std::isnormal(s_w) && s_w > 0.0F && m >= 0x1p-32F && m < 0x1p29F,
        "linear has a scale that gives no usable multiplier");
  int exponent = 0;
  of.mantissa.push_back(static_cast<std::int64_t>(std::frexp(m, &exponent) * 0x1p31F));
  of.shift.push_back(31 - exponent);
}

void prepare_linear(const Net& net, Operation& of, const Records& records, std::int32_t weights) {
  const Tensor &x = net.tensors[of.input], &y = net.tensors[of.output];
  check(weights >= 0, "linear has no weights");
  const std::string name = "w" + std::to_string(std::int64_t{weights} + 1) + ".";
  of.weight = numbers<std::int8_t>(records, name + "q");
  const auto bias = numbers<std::int32_t>(records, name + "bias");
  const auto s_w = numbers<float>(records, name + "scale");
  check(of.weight.size() % y.size == 0 && of.weight.size() / y.size == x.size &&
            bias.size() == y.size && (s_w.size() == 1 || s_w.size() == y.size),
        name + " does not fit the tensors of its operation");
  of.bias.assign(bias.begin(), bias.end());
  for (std::size_t n = 0; n < y.size; ++n)
    prepare_output(x, s_w[s_w.size() == 1 ? 0 : n], y, n, of);
}

void prepare_relu(const Net& net, Operation& of, const Records&, std::int32_t weights) {
  const Tensor &x = net.tensors[of.input], &y = net.tensors[of.output];
  check(x.size == y.size && x.scale == y.scale && x.zero_point == y.zero_point &&
            y.qmin == y.zero_point && y.qmax == x.qmax && weights == -1,
        "relu does more than to cut at the zero point");
}

void prepare_dequantize(const Net& net, Operation& of, const Records&, std::int32_t weights) {
  check(net.tensors[of.input].size == net.tensors[of.output].size && weights == -1,
        "dequantize changes the number of elements");
}

// What an operation does is a row of this table.
struct Kind {
  const char* name;
  bool reads_reals, writes_reals;
  void (*prepare)(const Net&, Operation&, const Records&, std::int32_t weights);
  void (*run)(const Operation&, const Integers& x, Integers& y);
};
constexpr Kind kKinds[] = {{"quantize", true, false, prepare_quantize, run_quantize},
                           {"linear", false, false, prepare_linear, run_linear},
                           {"relu", false, false, prepare_relu, run_relu},
                           {"dequantize", false, true, prepare_dequantize, run_dequantize}};

const Kind& kind_called(const std::string& name) {
  for (const Kind& kind : kKinds)
    if (name == kind.name) return kind;
  throw std::runtime_error("the toy knows no operation " + name);
}

void read_tensors(const Records& records, Net& net) {
  List of = list(records, "tensors"), shapes = list(records, "shapes");
  constexpr std::int32_t kMost = 0x7fffffff;
  for (float scale : numbers<float>(records, "scales")) {
    Tensor tensor{.scale = scale};
    const std::int32_t type = of.next(), rank = of.next();
    check((type == 1 || type == 5) && rank > 0, "a tensor has no type or no shape");  // u8, f32
    tensor.real = type == 5;
    for (std::int32_t d = 0; d < rank; ++d) {
      const std::size_t extent = shapes.next_below(kMost);
      check(extent > 0 && extent <= kMost / tensor.size, "a tensor is empty or too large");
      tensor.size *= extent;
    }
    tensor.zero_point = of.next();
    tensor.qmin = of.next();
    tensor.qmax = of.next();
    check(tensor.real || (std::isnormal(scale) && scale > 0.0F && 0 <= tensor.qmin &&
                          tensor.qmin <= tensor.zero_point && tensor.zero_point <= tensor.qmax &&
                          tensor.qmax <= 255),
          "tensor " + std::to_string(net.tensors.size()) +
              " has no usable scale, zero point or range");
    net.tensors.push_back(tensor);
  }
  check(net.tensors[0].real, "the net does not start with reals");
  check(of.at == of.numbers.size() && shapes.at == shapes.numbers.size(),
        "the model has more numbers than tensors");
}

// Every tensor but the first is written once, and before it is read.
void read_operations(const Records& records, Net& net) {
  List of = list(records, "operations"), inputs = list(records, "inputs");
  std::vector<bool> written(net.tensors.size(), false);
  written[0] = true;
  const Bytes text = numbers<unsigned char>(records, "kinds");
  check(text.back() == '\n', "the last line of kinds does not end");
  std::istringstream lines(std::string(text.begin(), text.end()));
  for (std::string line; std::getline(lines, line);) {
    const Kind& kind = kind_called(line);
    check(of.next() == 1, line + " reads another number of tensors than one");
    Operation operation{.run = kind.run,
                        .input = inputs.next_below(written.size()),
                        .output = of.next_below(written.size())};
    const Tensor &x = net.tensors[operation.input], &y = net.tensors[operation.output];
    check(written[operation.input], line + " reads a tensor not yet written");
    check(!written[operation.output], line + " writes a tensor twice");
    check(x.real == kind.reads_reals && y.real == kind.writes_reals,
          line + " has a tensor of another type");
    written[operation.output] = true;
    operation.zero_point = y.zero_point;
    operation.qmin = y.qmin;
    operation.qmax = y.qmax;
    kind.prepare(net, operation, records, of.next());
    net.operations.push_back(std::move(operation));
  }
  for (bool is_written : written) check(is_written, "the model has a tensor that nobody writes");
  check(!net.operations.empty() && of.at == of.numbers.size() && inputs.at == inputs.numbers.size(),
        "the model has more numbers than operations");
}

// Records whose names begin with a digit are attributes, which none of these operations has.
Net prepare(const Records& records) {
  for (const auto& [name, content] : records)
    check(name.empty() || name[0] < '0' || name[0] > '9', "an operation has an attribute: " + name);
  Net net;
  read_tensors(records, net);
  read_operations(records, net);
  return net;
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
    const Integers y = run(net, Integers(digit, digit + pixels));
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
