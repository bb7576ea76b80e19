// Chapter 01: how a real number becomes an 8-bit integer, and back.

#include "01_affine_math/lesson/study.hpp"

namespace {

void run(qfs::Lesson& lesson) {
  qfs::ch01::on_paper(lesson);
  qfs::ch01::who_shares_a_scale(lesson);
  qfs::ch01::fewer_bits(lesson);
  qfs::ch01::conventions(lesson);
  qfs::ch01::rounding_rules(lesson);
  qfs::ch01::mistakes(lesson);
  if (lesson.options.trace) qfs::ch01::trace();
  qfs::ch01::write_staircase(lesson.report);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::ch01::TensorOptions tensor;
  qfs::Program program("01 Affine math", "How a real number becomes an 8-bit integer, and back.");
  qfs::ch01::add_tensor_options(program, tensor);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (tensor.tensor.empty())
      run(lesson);
    else
      qfs::ch01::run_on_your_tensor(tensor, lesson.claims);
  });
}
