// Gramian: Σ y yᵀ over all vectors of one side, what every pair that was not observed adds to the
// normal equations of the other.
//
// Immutable once made; any thread may read.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/factors/dense_kernels.h"
#include "core/factors/factor_matrix.h"
#include "core/factors/workers.h"

namespace freshet::core {

class Gramian {
 public:
  // Zero: for objectives that know nothing of unobserved pairs.
  explicit Gramian(std::size_t dimension);
  // As stored: a symmetric matrix without padding.
  explicit Gramian(const FactorMatrix& matrix);
  // Of all rows. The sums are taken in an order that does not depend on the workers.
  Gramian(const FactorMatrix& factors, Workers* workers);

  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  // The whole symmetric matrix, as it is stored.
  [[nodiscard]] FactorMatrix Matrix() const;
  // The same, row by row with PaddedStride(dimension()); padding is zero.
  [[nodiscard]] std::span<const float> values() const { return values_; }
  [[nodiscard]] const float* Row(std::size_t row) const {
    return values_.data() + row * PaddedStride(dimension_);
  }

 private:
  std::size_t dimension_;
  std::vector<float> values_;
};

}  // namespace freshet::core
