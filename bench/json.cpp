#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "bench/results.hpp"
#include "common/cpu.hpp"
#include "common/measured_table.hpp"

namespace qfs::bench {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(); }
Json median_of(const std::optional<Timing>& timing) {
  return timing ? Json(timing->median) : Json();
}

Json shape_json(GemmShape shape) { return {shape.M, shape.K, shape.N}; }

// [10 %, 90 %] of GMAC/s; slow calls come first.
Json gmacs_spread(GemmShape shape, const std::optional<Timing>& timing) {
  if (!timing) return {};
  const double products = products_of(shape);
  return {products / (timing->high * 1e3), products / (timing->low * 1e3)};
}
Json spread(const std::optional<Timing>& timing) {
  return timing ? Json({timing->low, timing->high}) : Json();
}

Json gemm_json(const GemmRow& row) {
  return {{"shape", shape_json(row.shape)},
          {"isa", row.isa},
          {"activation_bits", row.bits},
          {"ours", or_null(gmacs(row.shape, row.ours))},
          {"onednn", or_null(gmacs(row.shape, row.onednn))},
          {"openblas_f32", or_null(gmacs(row.shape, row.openblas))},
          {"ratio", or_null(ratio(row))},
          {"limit_gmacs", or_null(row.limit)},
          {"ours_wrong_sums", row.wrong},
          {"onednn_wrong_sums", row.onednn_wrong ? Json(std::llround(*row.onednn_wrong)) : Json()},
          {"spread",
           {{"ours", gmacs_spread(row.shape, row.ours)},
            {"onednn", gmacs_spread(row.shape, row.onednn)},
            {"openblas_f32", gmacs_spread(row.shape, row.openblas)}}}};
}

Json model_json(const NetRow& row) {
  const FloatTiming* fastest = fastest_float(row);
  Json json = {{"net", row.net},
               {"batch", row.batch},
               {"isa", row.isa},
               {"activation_bits", row.bits},
               {"threads", row.threads},
               {"ours_us", median_of(row.ours)},
               {"onnxruntime_us", median_of(row.onnxruntime)},
               {"pytorch_us", median_of(row.pytorch)},
               {"pytorch_qnnpack_us", median_of(row.pytorch_qnnpack)},
               {"pytorch_dynamic_us", median_of(row.pytorch_dynamic)},
               {"fp32_us", fastest ? median_of(fastest->timing) : Json()},
               {"fp32_held_to_avx2", row.float_held_to_avx2},
               {"fp32_by", fastest ? Json(fastest->name) : Json()},
               {"ratio", or_null(ratio(row))},
               {"ours_gmacs", or_null(gmacs(row))},
               {"limit_gmacs", or_null(row.limit)}};
  Json spreads = {{"ours_us", spread(row.ours)},
                  {"onnxruntime_us", spread(row.onnxruntime)},
                  {"pytorch_us", spread(row.pytorch)},
                  {"pytorch_qnnpack_us", spread(row.pytorch_qnnpack)},
                  {"pytorch_dynamic_us", spread(row.pytorch_dynamic)}};
  for (const FloatTiming& one : row.floats) {
    json[one.key] = median_of(one.timing);
    spreads[one.key] = spread(one.timing);
  }
  json["ours_wrong_logits"] = row.wrong;
  json["spread"] = spreads;
  return json;
}

Json layer_json(const LayerRow& row) {
  return {{"net", row.net},
          {"isa", row.isa},
          {"activation_bits", row.bits},
          {"kind", row.kind},
          {"input", row.input},
          {"output", row.output},
          {"products", row.products},
          {"us", row.timing.median},
          {"gmacs", or_null(gmacs(row))},
          {"limit_gmacs", or_null(row.limit)},
          {"spread", {row.timing.low, row.timing.high}}};
}

Json summary_json(const GemmSummary& summary) {
  return {{"isa", summary.isa},
          {"activation_bits", summary.bits},
          {"shapes", summary.shapes},
          {"geometric_mean_ratio", summary.mean},
          {"lowest_ratio", summary.lowest},
          {"lowest_shape", shape_json(summary.lowest_shape)}};
}

}  // namespace

std::string json_text(const Results& results) {
  const std::string machine = cpu_text();
  Json json = {{"cpu", cpu_name()},
               {"machine", machine},
               {"compiler", machine.substr(machine.rfind("; ") + 2)},
               {"date", utc_text(std::time(nullptr))},
               {"cores", cores_here()},
               {"quick", results.quick},
               {"rounds", results.effort.rounds},
               {"peers", Json::object()},
               {"limits_gmacs", Json::object()},
               {"memory_gbs", results.memory_gbs},
               {"gemm", Json::array()},
               {"gemm_summary", Json::array()},
               {"model", Json::array()},
               {"cnn", Json::array()},
               {"cnn_layers", Json::array()}};
  for (const PeerResult& peer : results.peers)
    json["peers"][peer.name] = {{"version", peer.version.empty() ? Json() : Json(peer.version)},
                                {"why", peer.why.empty() ? Json() : Json(peer.why)}};
  for (const LimitRow& limit : results.limits) json["limits_gmacs"][limit.name] = limit.gmacs;
  for (const GemmRow& row : results.gemm) json["gemm"].push_back(gemm_json(row));
  for (const GemmSummary& summary : summaries(results.gemm))
    json["gemm_summary"].push_back(summary_json(summary));
  for (const NetRow& row : results.models)
    json[row.net == "mlp" ? "model" : "cnn"].push_back(model_json(row));
  for (const LayerRow& row : results.layers) json["cnn_layers"].push_back(layer_json(row));
  // What a peer says of itself or on its stderr may not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace qfs::bench
