// Chapter 02: a matrix product in integers, and back to few bits.

#include "02_integer_products/lesson/study.hpp"

namespace {

struct ChapterOptions {
  int row = 0, column = 0;  // of the output that --trace follows
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  namespace paper = qfs::ch02::paper;
  const auto affine = qfs::ch02::prepare_paper_layer(paper::kAffineW, paper::kSigned);
  const auto symmetric = qfs::ch02::prepare_paper_layer(paper::kSymmetricW, paper::kNarrow);
  qfs::ch02::float_first();
  qfs::ch02::offline(affine, lesson);
  qfs::ch02::run_time(affine, lesson);
  qfs::ch02::back_to_four_bits(affine, lesson);
  qfs::ch02::disagreement(lesson);
  qfs::ch02::symmetric_weights(symmetric, lesson);
  qfs::ch02::accumulator_bound(lesson);
  qfs::ch02::onnx_vectors(lesson);
  qfs::ch02::mistakes(symmetric, lesson);
  if (lesson.options.trace)
    qfs::ch02::trace(affine, static_cast<std::size_t>(chapter.row),
                     static_cast<std::size_t>(chapter.column));
  qfs::ch02::write_disagreement_curve(lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("02 Integer products",
                       "A matrix product in integers, and back to few bits.");
  program.option("--row", chapter.row, "row of the output that --trace follows", 0, 1);
  program.option("--column", chapter.column, "column of the output that --trace follows", 0, 2);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
