// Section 5: the trained weights in every format.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"
#include "common/report.hpp"

namespace qfs::ch19 {

void trained_weights(const Study& study, Lesson& lesson) {
  section(5, "The trained weights: bits and SQNR in dB, scales and padding included");
  std::vector<std::string> header = {"format", "bits", "all layers"};
  for (std::size_t i = 1; i <= study.mlp.layers.size(); ++i)
    header.push_back("layer " + std::to_string(i));
  Table table(header);
  std::vector<std::vector<double>> rows;
  for (const Format& format : kFormats) {
    const StoredNet net = stored_net(study.mlp, format);
    std::vector<std::string> cells = {format.name, fixed(net.bits_each(), 2),
                                      fixed(net.sqnr_db(), 2)};
    for (const Linear& layer : study.mlp.layers)
      cells.push_back(fixed(sqnr_db(layer.weight, format.store(layer.weight)), 2));
    table.row(cells);
    rows.push_back({net.bits_each(), net.sqnr_db()});
    lesson.report.figure(std::string("sqnr_db ") + format.name, net.sqnr_db());
  }
  table.print();
  lesson.report.csv("formats", {"bits", "sqnr_db"}, rows);
  if (!lesson.options.is_default_run()) return;
  const auto db = [&](Which f) { return rows[f][1]; };
  lesson.claims.expect(db(q4_0) > db(nf4) && db(nf4) > db(int4_32) && db(int4_32) > db(e2m1_32),
                       "four bits and a scale: Q4_0 is best, then NF4, int4 in groups of 32, E2M1");
  lesson.claims.expect(
      db(int8_tensor) > db(e4m3_tensor) + 5.0 && db(int8_channel) > db(e4m3_channel) + 10.0,
      "int8 is above E4M3 by over 5 dB with a scale per tensor, over 10 per channel");
}

}  // namespace qfs::ch19
