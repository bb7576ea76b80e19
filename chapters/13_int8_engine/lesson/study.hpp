// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/operations.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch13 {

// A net of chapters 06 to 09.
struct NamedNet {
  std::string model;  // as in the closing table
  QuantizedNet net;
  std::span<const OperationKind> table;
  std::size_t batch;  // digits that go together when accuracy is measured
};

struct Study {
  Dataset data{};
  Mlp mlp{};
  std::vector<NamedNet> nets{};  // static_ptq, fused_ptq, dynamic, qat

  const QuantizedNet& fused() const { return nets[1].net; }
  const NamedNet& dynamic() const { return nets[2]; }
};

// Calibrates, fuses, trains: the four nets, with weights per tensor and integers of 8 bits.
std::vector<NamedNet> make_nets(const Study& study, const Options& options);

// "[avx2]" where not every CPU has it; empty for ref.
std::string set_of(const Backend& backend);

// The fused net's input as layer 1 reads it.
Matrix<std::uint8_t> layer_1_inputs(const Study& study, std::size_t rows);

Matrix<float> logits_of(Engine& engine, const Matrix<float>& x, std::size_t batch);

void where_time_goes(const Study& study, Lesson& lesson);  // section 1
void on_paper(Lesson& lesson);                             // 2
void few_rows(const Study& study, Lesson& lesson);         // 3
void same_numbers(const Study& study, Lesson& lesson);     // 4
void how_fast(const Study& study, Lesson& lesson);         // 5
void mistakes(const Study& study, Lesson& lesson);         // 6
void trace(const Study& study);                            // 7

}  // namespace qfs::ch13
