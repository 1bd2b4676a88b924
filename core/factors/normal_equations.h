// NormalEquations: one vector's exact regularised least-squares solution, given those of the other
// side that it is observed with.
//
//   (a G + Σ weight y yᵀ + r I) x = Σ pull y       (core/factors/objective.h)
//
// Holds the memory of one solve, so that solving allocates nothing after the first time. Owned by
// one thread at a time: Start, Add for each pair, Solve.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/factors/gramian.h"

namespace freshet::core {

class NormalEquations {
 public:
  explicit NormalEquations(std::size_t dimension);

  // `background` is a, `regularization` is r > 0. `gramian` is of the same dimension.
  void Start(const Gramian& gramian, double background, double regularization);

  // One observed pair. REQUIRES: weight > 0.
  void Add(std::span<const float> factors, double weight, double pull);

  // Writes x; Start must follow before the next pair.
  void Solve(std::span<float> solution);

 private:
  void Flush();

  std::size_t dimension_;
  std::size_t width_;
  std::size_t stride_;
  std::vector<float> matrix_;
  std::vector<float> right_side_;
  // Pairs are added some at a time: a matrix product is much faster than products of vectors.
  std::vector<float> gathered_;  // scaled by the root of their weights
  std::vector<float> pulls_;     // divided by that
  std::size_t count_ = 0;
};

}  // namespace freshet::core
