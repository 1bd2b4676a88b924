#include "core/factors/normal_equations.h"

#include <algorithm>
#include <cmath>

namespace freshet::core {
namespace {

constexpr std::size_t kPairsAtOnce = 64;

}  // namespace

NormalEquations::NormalEquations(std::size_t dimension)
    : dimension_(dimension),
      width_(PaddedWidth(dimension)),
      stride_(PaddedStride(dimension)),
      matrix_(width_ * stride_),
      right_side_(stride_),
      gathered_(kPairsAtOnce * stride_, 0.0F),
      pulls_(kPairsAtOnce) {}

void NormalEquations::Start(const Gramian& gramian, double background, double regularization) {
  const auto scale = static_cast<float>(background);
  std::ranges::transform(gramian.values(), matrix_.begin(), [=](float g) { return scale * g; });
  for (std::size_t i = 0; i < width_; ++i) {
    matrix_[i * stride_ + i] += static_cast<float>(regularization);
  }
  std::ranges::fill(right_side_, 0.0F);
  count_ = 0;
}

void NormalEquations::Add(std::span<const float> factors, double weight, double pull) {
  const double root = std::sqrt(weight);
  const auto scale = static_cast<float>(root);
  float* to = gathered_.data() + count_ * stride_;
  for (std::size_t i = 0; i < dimension_; ++i) to[i] = scale * factors[i];
  pulls_[count_] = static_cast<float>(pull / root);
  if (++count_ == kPairsAtOnce) Flush();
}

void NormalEquations::Flush() {
  AddOuterProducts(gathered_.data(), count_, stride_, width_, matrix_.data(), stride_);
  AddWeightedRows(gathered_.data(), count_, stride_, width_, pulls_.data(), right_side_.data());
  count_ = 0;
}

void NormalEquations::Solve(std::span<float> solution) {
  Flush();
  SolvePositiveDefinite(matrix_.data(), stride_, width_, right_side_.data());
  std::copy_n(right_side_.begin(), dimension_, solution.begin());
}

}  // namespace freshet::core
