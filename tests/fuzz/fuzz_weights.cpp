// libFuzzer: a folder of weights, fc1_weight.npy, fc1_bias.npy, ... A net that is accepted must
// run.
//
// The input is a list of files: a number that names one, the length of its content in two bytes,
// and the content.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "04_mnist_mlp/mlp.hpp"

namespace {

constexpr std::array<const char*, 8> kNames = {
    "fc1_weight.npy", "fc1_bias.npy", "fc2_weight.npy",  "fc2_bias.npy",
    "fc3_weight.npy", "fc3_bias.npy", "fc1000_bias.npy", "notes.txt"};

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "qfs-fuzz-XXXXXX").string();
  Folder() {
    if (::mkdtemp(path.data()) == nullptr) __builtin_trap();
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void fill(std::span<const std::uint8_t> input) const {
    for (const char* name : kNames) std::filesystem::remove(path + "/" + name);
    while (input.size() >= 3) {
      const std::size_t length = input[1] + 256U * input[2];
      const auto content = input.subspan(3).first(std::min(length, input.size() - 3));
      std::ofstream file(path + "/" + kNames[input[0] % kNames.size()], std::ios::binary);
      file.write(reinterpret_cast<const char*>(content.data()),
                 static_cast<std::streamsize>(content.size()));
      input = input.subspan(3 + content.size());
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  folder.fill({data, size});
  try {
    const qfs::Mlp mlp = qfs::load_mlp(folder.path);
    if (qfs::mlp_bytes_on_disk(folder.path) > size) __builtin_trap();
    const auto logits = qfs::forward_ref(mlp, qfs::make_tensor<float>({2, mlp.inputs()}, 1.0F));
    if (logits.shape(0) != 2 || logits.shape(1) != mlp.outputs()) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
