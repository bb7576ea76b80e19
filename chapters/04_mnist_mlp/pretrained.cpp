#include "04_mnist_mlp/pretrained.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPartial = ".partial-";  // and the number of the process that writes it

// FNV-1a, 64 bits: not for security, only to tell data sets apart.
std::uint64_t hash_bytes(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
  for (std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

// Names the net that the recipe makes of these digits.
std::string cache_name(const TrainDigits& digits, std::uint64_t seed) {
  std::uint64_t hash = hash_bytes(digits.labels, 0xcbf29ce484222325U);
  hash = hash_bytes(values(digits.pixels), hash);
  char name[64];
  std::snprintf(name, sizeof name, "mlp-recipe1-seed%llu-%016llx",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(hash));
  return name;
}

fs::path cache_directory() { return fs::path(datasets_dir()).parent_path() / "work" / "cache"; }

// Where nets stay until the program ends, also by a signal, if the cache cannot be written; made
// when first needed.
class OwnDirectory {
 public:
  OwnDirectory() = default;
  ~OwnDirectory() {
    const HeldSignals held;
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;
  const fs::path& path() const { return path_; }  // empty until made
  void keep(const Mlp& mlp, const fs::path& name) {
    const HeldSignals held;
    if (path_.empty()) path_ = make_temporary_directory();
    save_mlp(mlp, (path_ / name).string());
    std::vector<std::string> all = {path_.string()};
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      all.push_back(entry.path().string());
    std::ranges::reverse(all);  // what lies in a folder before the folder
    remove_at_signal(std::move(all));
  }

 private:
  fs::path path_;
};

OwnDirectory& own_directory() {
  static OwnDirectory directory;
  return directory;
}

// Removes what programs that were stopped while saving have left beside the net.
void remove_leftovers(const fs::path& directory) {
  const std::string prefix = directory.filename().string() + kPartial;
  std::error_code error, ignored;
  for (fs::directory_iterator entry(directory.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const int process = std::atoi(name.c_str() + prefix.size());
    if (process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH))
      fs::remove_all(entry->path(), ignored);
  }
}

// Saved under another name and renamed, so that nobody ever reads half a net.
void save_in_cache(const Mlp& mlp, const fs::path& directory) {
  remove_leftovers(directory);
  const fs::path partial = directory.string() + kPartial + std::to_string(::getpid());
  const HeldSignals held;
  std::error_code error, ignored;
  try {
    save_mlp(mlp, partial.string());
  } catch (const Error&) {
    fs::remove_all(partial, ignored);
    throw;
  }
  fs::rename(partial, directory, error);
  if (!error) return;
  fs::remove_all(partial, ignored);
  require(fs::is_directory(directory, ignored), "cannot write " + directory.string(),  // or another
          error.message(), "a name that is free", "remove what stands there");         // was faster
}

// Of every parameter four float32: its value, its gradient and Adam's two moments.
std::size_t bytes_in_training(const Mlp& mlp) {
  std::size_t parameters = 0;
  for (const Linear& layer : mlp.layers) parameters += layer.weight.size() + layer.bias.size();
  return 4 * sizeof(float) * parameters;
}

bool uses_cache(const Options& options) {
  return options.weights_dir.empty() && !options.data_dir.empty();
}

}  // namespace

Mlp make_recipe_net(const TrainDigits& digits, Rng& rng) {
  const std::array<std::size_t, 4> widths = {digits.rows * digits.cols, 100, 100, kClasses};
  return make_mlp(widths, rng);
}

// [train_mlp]
std::vector<EpochResult> train_mlp(Mlp& mlp, const TrainDigits& digits, const TrainOptions& options,
                                   Rng& rng) {
  MlpBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(mlp, x, labels, buffers);
  };
  return train(parameters(mlp), pass, digits, options, rng);
}
// [/train_mlp]

void require_fits(const Mlp& mlp, std::size_t rows, std::size_t cols) {
  require(mlp.inputs() == rows * cols, "the weights do not fit the pictures",
          std::to_string(mlp.inputs()) + " inputs",
          std::to_string(rows) + " x " + std::to_string(cols) + " = " + std::to_string(rows * cols),
          "use weights that were trained on pictures of this size");
  require(mlp.outputs() == kClasses, "the weights do not fit the classes",
          std::to_string(mlp.outputs()) + " outputs", "10, one per class",
          "use weights whose last layer has ten rows");
}

std::string weights_directory(const Options& options, const Dataset& dataset) {
  if (!options.weights_dir.empty()) return options.weights_dir;
  if (options.data_dir.empty()) return datasets_dir() + "/pretrained";
  const std::string name = cache_name(dataset.train, options.seed);
  std::error_code error;
  const fs::path own = own_directory().path() / name;
  const bool is_own = !own_directory().path().empty() && fs::exists(own, error);
  return (is_own ? own : cache_directory() / name).string();
}

void keep_trained(const Mlp& mlp, const Options& options, const Dataset& dataset) {
  const std::string directory = weights_directory(options, dataset);
  std::error_code error;
  if (!uses_cache(options) || fs::exists(directory, error)) return;
  try {
    save_in_cache(mlp, directory);
  } catch (const Error& reason) {
    std::fprintf(stderr, "The trained net is not kept for the next run: %s\n", reason.what());
    own_directory().keep(mlp, fs::path(directory).filename());
  }
}

Mlp trained_or_pretrained(const Options& options, const Dataset& dataset) {
  std::error_code error;
  if (uses_cache(options) && !fs::exists(weights_directory(options, dataset), error)) {
    Rng rng(options.seed);
    Mlp mlp = make_recipe_net(dataset.train, rng);
    std::fprintf(stderr, "Training %s on %zu pictures, once: %s of weights and their gradients\n",
                 widths_text(mlp).c_str(), dataset.train.size(),
                 bytes_text(bytes_in_training(mlp)).c_str());
    train_mlp(mlp, dataset.train, {.label = "training the float net, once"}, rng);
    keep_trained(mlp, options, dataset);
  }
  const std::string directory = weights_directory(options, dataset);
  const auto load = [&] {
    Mlp mlp = load_mlp(directory);
    require_fits(mlp, dataset.test.rows, dataset.test.cols);
    return mlp;
  };
  if (!options.weights_dir.empty()) return load();
  return with_advice(uses_cache(options)
                         ? "delete the folder " + directory + ": the net will be trained again"
                         : "git checkout -- datasets/pretrained brings the weights back; or set "
                           "QFS_DATASETS to a sound copy of datasets/",
                     load);
}

}  // namespace qfs
