// A net without waste: packed once, its buffers its own, no memory asked for a batch of a size that
// it has seen, rows split among threads.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "06_static_ptq/operations.hpp"
#include "13_int8_engine/plumbing/workers.hpp"

namespace qfs {

// Rows that go through the whole net together, so that what one operation writes is still in the
// cache when the next reads it: at most so many, a multiple of the rows that every kernel takes at
// a time ...
inline constexpr std::size_t kRowsTogether = 96;
// ... and, of large rows such as pictures (chapter 21), no more than the numbers that one operation
// reads and writes fit in so many bytes.
inline constexpr std::size_t kBytesTogether = std::size_t{384} << 10;

class Engine {
 public:
  // A net from reals to reals. Throws Error where it cannot be run, or the backend not here.
  Engine(const QuantizedNet& net, const Backend& backend,
         std::span<const OperationKind> table = static_operations(), int threads = 1);

  std::size_t inputs() const { return net_.input().size(); }
  std::size_t outputs() const { return net_.output().size(); }
  std::size_t rows_together() const { return rows_together_; }

  // rows x inputs() to rows x outputs(). The same bits for any number of threads. Throws Error
  // where the sizes do not fit. One call at a time.
  void run(std::span<const float> x, std::size_t rows, std::span<float> y);

  std::vector<std::string> describe() const { return qfs::describe(net_); }

 private:
  // What one thread writes: the numbers of every tensor but the first.
  struct Tensors {
    std::vector<std::vector<std::uint8_t>> u8;
    std::vector<std::vector<float>> f32;
    std::vector<TensorView> inputs;  // of the operation that runs
  };
  struct Batch {
    std::span<const float> x;
    std::span<float> y;
    std::size_t rows = 0;
  };
  void reserve(std::size_t rows);
  void run_share(int worker);
  void run_rows(Tensors& tensors, std::size_t begin, std::size_t end);

  PackedNet net_;
  bool row_by_row_;  // no operation looks from one row to another
  std::size_t rows_together_;
  std::size_t reserved_ = 0;
  std::vector<Tensors> tensors_;  // of each thread
  Batch batch_;
  std::function<void(int)> share_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace qfs
