// A lesson as small as can be, whose command line cli_test.cpp runs.
#include <cstdio>
#include <filesystem>

#include "common/blas_start.hpp"
#include "common/cli.hpp"
#include "common/matmul_f32.hpp"
#include "common/progress.hpp"

int main(int argc, char** argv) {
  std::string behaviour = "well";
  std::string file, folder;
  int count = 3;
  double share = 0.5;
  bool bare = false;
  qfs::Program program("99 Lesson for tests", "shows nothing, for the tests of the command line");
  qfs::start_with_blas(program, argv);
  program.option("--behave", behaviour,
                 "well, claim, error, exception, talkative, product, threads or file");
  program.option("--count", count, "a number", 1, 9);
  program.option("--share", share, "a real number", 1e-3, 1.0);
  program.output_file("--file", file, "a file to write");
  program.output_dir("--folder", folder, "a folder to write into");
  program.flag("--bare", bare, "needs --file, and no --count");
  program.needs("--bare", "--file");
  program.excludes("--bare", {"--count", "--csv"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    qfs::Progress progress("working", 2);
    progress.update(1);
    std::printf("seed %llu, count %d, default run: %s\n",
                static_cast<unsigned long long>(lesson.options.seed), count,
                lesson.options.is_default_run() ? "yes" : "no");
    if (share != 0.5) std::printf("share %.17g\n", share);
    lesson.report.figure("count", count);
    lesson.claims.expect(behaviour != "claim", "the lesson behaves");
    if (behaviour == "talkative")
      for (int i = 0; i < 10000; ++i) std::printf("line %d\n", i);
    if (behaviour == "product") {
      const auto ones = qfs::make_tensor<float>({64, 64}, 1.0F);
      auto product = ones;
      qfs::matmul_blas(ones, qfs::Transpose::no, ones, qfs::Transpose::no, product);
      std::printf("a product is %g\n", static_cast<double>(product(63, 63)));
    }
    if (behaviour == "threads") {
      const std::filesystem::directory_iterator tasks("/proc/self/task");
      std::printf("threads: %td\n", std::distance(begin(tasks), end(tasks)));
    }
    if (behaviour == "file")
      if (std::FILE* opened = std::tmpfile()) {
        std::printf("a file has number %d\n", ::fileno(opened));
        std::fclose(opened);
      }
    if (behaviour == "error") qfs::fail("the data are missing", "nothing", "digits", "fetch them");
    if (behaviour == "exception") throw std::runtime_error("something else");
  });
}
