// Chapter 24: quantized ONNX models in our engine.

#include "24_onnx_import/lesson/study.hpp"

namespace {

qfs::ch24::Study prepare(const qfs::Options& options) {
  qfs::ch24::Study study{.data = qfs::load_dataset(options.data_dir)};
  for (const char* name : qfs::ch24::kFiles) study.files.push_back(qfs::ch24::load_committed(name));
  return study;
}

}  // namespace

int main(int argc, char** argv) {
  std::string model, folder;
  qfs::Program program("24 ONNX import", "A quantized ONNX model in our integer engine.");
  program.option("--model", model,
                 "an .onnx file of your own: its nodes, its operations, its accuracy");
  program.output_dir("--write", folder,
                     "write the committed models of datasets/onnx again, and end");
  program.excludes("--model", {"--write"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (!folder.empty())
      return qfs::ch24::write_files(folder, qfs::load_dataset(lesson.options.data_dir));
    if (!model.empty()) return qfs::ch24::your_model(model, lesson);
    const qfs::ch24::Study study = prepare(lesson.options);
    qfs::ch24::on_paper(lesson);
    qfs::ch24::node_by_node(study, lesson);
    qfs::ch24::all_digits(study, lesson);
    qfs::ch24::whose_multiplier(study, lesson);
    qfs::ch24::mistakes(study, lesson);
    if (lesson.options.trace) qfs::ch24::trace(study);
  });
}
