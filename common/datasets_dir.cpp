// Compiled twice: with QFS_DATASETS_DIR for the programs built here, without it for the
// installation.
#include <cstdlib>

#include "common/check.hpp"
#include "common/dataset.hpp"

namespace qfs {

std::string datasets_dir() {
  const char* chosen = std::getenv("QFS_DATASETS");
  if (chosen != nullptr && *chosen != '\0') return chosen;
#ifdef QFS_DATASETS_DIR
  return QFS_DATASETS_DIR;
#else
  fail("an installed library has no bundled data", "no QFS_DATASETS in the environment",
       "the path of a datasets/ folder", "set QFS_DATASETS, or name a directory with the data");
#endif
}

}  // namespace qfs
