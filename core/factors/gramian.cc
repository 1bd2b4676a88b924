#include "core/factors/gramian.h"

#include <algorithm>

namespace freshet::core {
namespace {

// Parts are summed one after the other, so they are few, and as many on every machine.
constexpr std::size_t kParts = 32;
constexpr std::size_t kRowsAtOnce = 64;

}  // namespace

Gramian::Gramian(std::size_t dimension)
    : dimension_(dimension), values_(PaddedWidth(dimension) * PaddedStride(dimension), 0.0F) {}

Gramian::Gramian(const FactorMatrix& matrix) : Gramian(matrix.dimension()) {
  for (std::size_t row = 0; row < dimension_; ++row) {
    std::ranges::copy(matrix.Row(row), values_.data() + row * PaddedStride(dimension_));
  }
}

FactorMatrix Gramian::Matrix() const {
  FactorMatrix matrix(dimension_, dimension_);
  for (std::size_t row = 0; row < dimension_; ++row) {
    std::copy_n(Row(row), dimension_, matrix.Row(row).begin());
  }
  return matrix;
}

Gramian::Gramian(const FactorMatrix& factors, Workers* workers) : Gramian(factors.dimension()) {
  const std::size_t width = PaddedWidth(dimension_);
  const std::size_t stride = PaddedStride(dimension_);
  const std::size_t rows_in_part = (factors.rows() + kParts - 1) / kParts;
  std::vector<std::vector<float>> parts(kParts, std::vector<float>(values_.size(), 0.0F));
  workers->Run(kParts, [&](std::size_t /*worker*/, std::size_t part) {
    std::vector<float> gathered(kRowsAtOnce * stride, 0.0F);
    const std::size_t end = std::min((part + 1) * rows_in_part, factors.rows());
    for (std::size_t row = part * rows_in_part; row < end; row += kRowsAtOnce) {
      const std::size_t count = std::min(kRowsAtOnce, end - row);
      for (std::size_t k = 0; k < count; ++k) {
        std::ranges::copy(factors.Row(row + k), gathered.data() + k * stride);
      }
      AddOuterProducts(gathered.data(), count, stride, width, parts[part].data(), stride);
    }
  });
  for (const std::vector<float>& part : parts) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += part[i];
  }
  for (std::size_t row = 0; row < dimension_; ++row) {
    for (std::size_t column = 0; column < row; ++column) {
      values_[row * stride + column] = values_[column * stride + row];
    }
  }
}

}  // namespace freshet::core
