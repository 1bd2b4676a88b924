// FoldIn: the vector of a user or an item that the training did not see, or that has done more
// since: the exact regularised solve that the training would have made, given the other side as it
// was trained.
//
// For users it is made from the items' vectors, for items from the users'. Immutable once made and
// shared by all threads; each thread brings a FoldInScratch. With d = 64 and 50 pairs a solve takes
// some ten microseconds.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "core/factors/gramian.h"
#include "core/factors/normal_equations.h"
#include "core/factors/objective.h"

namespace freshet::core {

// One observed pair: the vector of the other side, and how strongly. A pair comes once.
struct FoldInPair {
  const float* factors = nullptr;  // as many as the dimension
  float strength = 1;
};

using FoldInScratch = NormalEquations;

class FoldIn {
 public:
  // `others` are the vectors that were trained; read only here. `regularization` is that of the
  // side to solve for.
  FoldIn(const FactorMatrix& others, const Objective& objective,
         const Regularization& regularization, Workers* workers)
      : FoldIn(objective.background_weight > 0 ? Gramian(others, workers)
                                               : Gramian(others.dimension()),
               objective, regularization) {}
  // `gramian` is that of the other side.
  FoldIn(Gramian gramian, const Objective& objective, const Regularization& regularization)
      : objective_(objective), regularization_(regularization), gramian_(std::move(gramian)) {}

  [[nodiscard]] std::size_t dimension() const { return gramian_.dimension(); }

  // Without pairs it is zero. REQUIRES: the scratch and `solution` have the dimension; implicit
  // strengths are above 0.
  void Solve(std::span<const FoldInPair> pairs, FoldInScratch* scratch,
             std::span<float> solution) const;

 private:
  Objective objective_;
  Regularization regularization_;
  Gramian gramian_;
};

}  // namespace freshet::core
