#include "common/measured_table.hpp"

#include <filesystem>

#include "common/bytes.hpp"
#include "common/cpu.hpp"

namespace qfs {

std::string utc_text(std::time_t seconds) {
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string today() {
  const std::string now = utc_text(std::time(nullptr));
  return now.substr(0, now.find('T'));
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
