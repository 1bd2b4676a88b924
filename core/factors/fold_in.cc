#include "core/factors/fold_in.h"

namespace freshet::core {

void FoldIn::Solve(std::span<const FoldInPair> pairs, FoldInScratch* scratch,
                   std::span<float> solution) const {
  scratch->Start(gramian_, objective_.background_weight, regularization_.Of(pairs.size()));
  for (const FoldInPair& pair : pairs) {
    scratch->Add({pair.factors, dimension()}, objective_.Weight(pair.strength),
                 objective_.Pull(pair.strength));
  }
  scratch->Solve(solution);
}

}  // namespace freshet::core
