#include "core/factors/exact_scan.h"

#include <cstdint>

#include "core/factors/inner_product.h"

namespace freshet::core {

std::span<const ScoredRow> ExactScan::Find(std::span<const float> vectors,
                                           std::span<const float> query, std::size_t count,
                                           const SkipRow& skip) {
  best_.Reset(count);
  std::uint32_t row = 0;
  for (std::size_t at = 0; at < vectors.size(); at += query.size(), ++row) {
    const ScoredRow scored{InnerProduct(vectors.subspan(at, query.size()), query), FactorRow{row}};
    if (best_.Wants(scored) && !(skip && skip(scored.row))) best_.Offer(scored);
  }
  return best_.TakeSorted();
}

}  // namespace freshet::core
