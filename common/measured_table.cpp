#include "common/measured_table.hpp"

#include <ctime>
#include <filesystem>

#include "common/bytes.hpp"
#include "common/cpu.hpp"

namespace qfs {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", &parts);
  return date;
}

void write_measured_table(const std::string& directory, const std::string& name, const Table& table,
                          const std::string& note, const std::string& seeds) {
  if (directory.empty()) return;
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);  // the write below says what is wrong
  write_file_atomically(
      directory + "/" + name + ".md",
      table.markdown() + "\n" + note + "\n\n" + (seeds.empty() ? "" : seeds + "; ") + cpu_text() +
          "; -O3 -ffp-contract=off -fno-math-errno, x86-64 baseline; " + today() + ".\n");
}

}  // namespace qfs
