// BlockDescent: improves one vector block by block instead of solving for all of it, for large
// dimensions, where forming and factoring the whole matrix is what takes the time.
//
// Each block of coordinates gets its own exact solution while the others stand still, as in iALS++
// (Rendle, Krichene, Zhang, Koren: "iALS++: Speeding up Matrix Factorization with Subspace
// Optimization", arXiv:2110.14044). The loss never rises. Holds the memory of one row; owned by one
// thread at a time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/factors/factor_matrix.h"
#include "core/factors/gramian.h"
#include "core/factors/interactions.h"
#include "core/factors/objective.h"

namespace freshet::core {

class BlockDescent {
 public:
  // REQUIRES: `block` is a multiple of kKernelColumns.
  BlockDescent(std::size_t dimension, std::size_t block);

  // One pass over all blocks of `solution`, which is where it starts from.
  void Improve(const Objective& objective, double regularization, const Gramian& gramian,
               const FactorMatrix& others, std::span<const Interactions::Entry> pairs,
               std::span<float> solution);

 private:
  void Gather(const Objective& objective, const FactorMatrix& others,
              std::span<const Interactions::Entry> pairs);
  void ImproveBlock(std::size_t begin, std::size_t width, double background, double regularization,
                    const Gramian& gramian);

  std::size_t dimension_;
  std::size_t width_;
  std::size_t stride_;
  std::size_t block_;
  std::size_t count_ = 0;
  std::vector<float> gathered_;  // the row's pairs, scaled by the root of their weights
  std::vector<float> misses_;    // what each pair still wants, in the same scale
  std::vector<float> products_;
  std::vector<float> x_;
  std::vector<float> matrix_;
  std::vector<float> step_;
};

}  // namespace freshet::core
