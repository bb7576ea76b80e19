#include "bench/onnx_files.hpp"

#ifdef QFS_BENCH_WRITES_ONNX
#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#endif

namespace qfs::bench {

#ifdef QFS_BENCH_WRITES_ONNX
bool can_write_onnx() { return true; }
void write_onnx(const std::string& path, const Mlp& net) { save_onnx(path, to_onnx(net)); }
void write_onnx(const std::string& path, const Cnn& net) { save_onnx(path, to_onnx(net)); }
void write_onnx(const std::string& path, const QuantizedNet& net) { save_onnx(path, to_onnx(net)); }
#else
bool can_write_onnx() { return false; }
void write_onnx(const std::string&, const Mlp&) {}
void write_onnx(const std::string&, const Cnn&) {}
void write_onnx(const std::string&, const QuantizedNet&) {}
#endif

}  // namespace qfs::bench
