#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "bench/results.hpp"
#include "common/bytes.hpp"
#include "common/print.hpp"

namespace qfs::bench {
namespace {

// Every number of the three matrices once: x and w of one size, sums of 32 bits.
double bytes_of(GemmShape shape, double size) {
  const auto M = static_cast<double>(shape.M), K = static_cast<double>(shape.K),
             N = static_cast<double>(shape.N);
  return size * (M * K + K * N) + 4 * M * N;
}

// "series,products per byte,GMAC/s", a line a product. The figure names them by their numbers: 0
// ours at 7 bits, 1 ours at 8 bits, 2 oneDNN, 3 OpenBLAS.
std::string points_csv(const Results& results) {
  std::string csv = "series,products_per_byte,gmacs\n";
  const auto point = [&](int series, GemmShape shape, double size, std::optional<double> speed) {
    if (speed)
      csv += std::to_string(series) + "," + general(products_of(shape) / bytes_of(shape, size), 9) +
             "," + general(*speed, 9) + "\n";
  };
  for (const GemmRow& row : results.gemm) {
    point(row.bits == 7 ? 0 : 1, row.shape, 1, gmacs(row.shape, row.ours));
    point(2, row.shape, 1, gmacs(row.shape, row.onednn));
    point(3, row.shape, 4, gmacs(row.shape, row.openblas));
  }
  return csv;
}

// A line a limit, the slowest first.
std::string roofs_csv(const Results& results) {
  std::string csv = "limit,gmacs,memory_gbs\n";
  std::vector<LimitRow> limits = results.limits;
  std::ranges::sort(limits, {}, &LimitRow::gmacs);
  for (const LimitRow& limit : limits)
    csv += limit.name + "," + general(limit.gmacs, 9) + "," + general(results.memory_gbs, 9) + "\n";
  return csv;
}

// Whether gnuplot ran with these words and was content. What it prints is not shown.
bool run_gnuplot(const std::vector<std::string>& arguments) {
  std::vector<const char*> words = {"gnuplot"};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    if (nowhere >= 0) {
      ::dup2(nowhere, STDIN_FILENO);
      ::dup2(nowhere, STDOUT_FILENO);
    }
    ::execvp(words[0], const_cast<char**>(words.data()));
    ::_exit(127);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

}  // namespace

void require_gnuplot() {
  require(run_gnuplot({"--version"}), "the figure needs gnuplot", "no gnuplot that runs", "",
          "apt-get install gnuplot-nox, or leave out --figure");
}

void draw_roofline(const Results& results, const std::string& folder, const std::string& figure) {
  const std::string points = folder + "/points.csv", roofs = folder + "/roofs.csv",
                    picture = folder + "/roofline.svg";
  write_file_atomically(points, points_csv(results));
  write_file_atomically(roofs, roofs_csv(results));
  require(run_gnuplot({"-c", QFS_BENCH_DIR "/figures/roofline.gp", points, roofs, picture}),
          "gnuplot could not draw the figure", "the messages above", "",
          "try another version of gnuplot");
  const std::vector<std::byte> drawn = read_file(picture);
  write_file_atomically(figure, {reinterpret_cast<const char*>(drawn.data()), drawn.size()});
}

}  // namespace qfs::bench
