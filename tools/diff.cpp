// qfs_diff, behind ./learn diff: why do my numbers differ?

#include "common/cli.hpp"
#include "common/tensor.hpp"
#include "diff/arguments.hpp"
#include "diff/report.hpp"

namespace {

// NumPy's "|u1" as "uint8".
std::string type_name(const std::string& dtype) {
  return (dtype[1] == 'u' ? "uint" : "int") + std::to_string(8 * (dtype[2] - '0'));
}

void print_head(const qfs::diff::Comparison& comparison) {
  const qfs::diff::Integers& mine = comparison.mine;
  qfs::diff::print_wrapped("", mine.name + ": " + std::to_string(mine.values.size()) +
                                   " integers (" + qfs::shape_text(mine.shape) + ", " +
                                   type_name(mine.dtype) + ") against " + comparison.with);
}

int answer(int argc, char** argv) {
  qfs::diff::Arguments arguments;
  if (qfs::diff::parse(argc, argv, arguments)) return 0;
  const qfs::diff::Comparison comparison = qfs::diff::comparison(arguments);
  print_head(comparison);
  const auto findings = qfs::diff::search(comparison.rules, comparison.mine.values);
  return qfs::diff::print_findings(comparison.rules, findings, comparison.mine);
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] { return answer(argc, argv); });
}
