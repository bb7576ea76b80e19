// Loaded before OpenBLAS into the tests that have no label `blas` (QfsChapter.cmake): one that
// multiplies by OpenBLAS after all ends here, and so fails.
#include <unistd.h>

#include <string_view>

extern "C" void cblas_sgemm() {
  constexpr std::string_view kWhy =
      "error: this test multiplies by OpenBLAS and has no label for it\n"
      "  what to do: name it behind BLAS on the qfs_add_chapter line of its chapter\n";
  if (::write(STDERR_FILENO, kWhy.data(), kWhy.size()) < 0) ::_exit(4);
  ::_exit(3);
}
