#include "core/factors/block_descent.h"

#include <algorithm>
#include <cmath>

namespace freshet::core {

BlockDescent::BlockDescent(std::size_t dimension, std::size_t block)
    : dimension_(dimension),
      width_(PaddedWidth(dimension)),
      stride_(PaddedStride(dimension)),
      block_(std::min(block, width_)),
      x_(stride_, 0.0F),
      matrix_(block_ * PaddedStride(block_)),
      step_(block_) {}

void BlockDescent::Gather(const Objective& objective, const FactorMatrix& others,
                          std::span<const Interactions::Entry> pairs) {
  count_ = pairs.size();
  if (gathered_.size() < count_ * stride_) gathered_.resize(count_ * stride_, 0.0F);
  misses_.resize(count_);
  products_.resize(count_);
  for (std::size_t k = 0; k < count_; ++k) {
    const double root = std::sqrt(objective.Weight(pairs[k].strength));
    const auto scale = static_cast<float>(root);
    const auto from = others.Row(pairs[k].column);
    float* to = gathered_.data() + k * stride_;
    for (std::size_t i = 0; i < dimension_; ++i) to[i] = scale * from[i];
    misses_[k] = static_cast<float>(objective.Pull(pairs[k].strength) / root);
  }
}

void BlockDescent::Improve(const Objective& objective, double regularization,
                           const Gramian& gramian, const FactorMatrix& others,
                           std::span<const Interactions::Entry> pairs, std::span<float> solution) {
  Gather(objective, others, pairs);
  std::ranges::copy(solution, x_.begin());
  MultiplyRows(gathered_.data(), count_, stride_, width_, x_.data(), products_.data());
  for (std::size_t k = 0; k < count_; ++k) misses_[k] -= products_[k];
  for (std::size_t begin = 0; begin < width_; begin += block_) {
    ImproveBlock(begin, std::min(block_, width_ - begin), objective.background_weight,
                 regularization, gramian);
  }
  std::copy_n(x_.begin(), dimension_, solution.begin());
}

void BlockDescent::ImproveBlock(std::size_t begin, std::size_t width, double background,
                                double regularization, const Gramian& gramian) {
  const auto a = static_cast<float>(background);
  const auto r = static_cast<float>(regularization);
  const std::size_t block_stride = PaddedStride(block_);
  // The block's gradient, downwards.
  std::fill_n(step_.begin(), width, 0.0F);
  if (a > 0) {
    MultiplyRows(gramian.Row(begin), width, stride_, width_, x_.data(), step_.data());
  }
  for (std::size_t i = 0; i < width; ++i) step_[i] = -a * step_[i] - r * x_[begin + i];
  AddWeightedRows(gathered_.data() + begin, count_, stride_, width, misses_.data(), step_.data());
  // Its part of the matrix.
  for (std::size_t i = 0; i < width; ++i) {
    const float* from = gramian.Row(begin + i) + begin;
    float* to = matrix_.data() + i * block_stride;
    for (std::size_t j = 0; j < width; ++j) to[j] = a * from[j];
    to[i] += r;
  }
  AddOuterProducts(gathered_.data() + begin, count_, stride_, width, matrix_.data(), block_stride);
  SolvePositiveDefinite(matrix_.data(), block_stride, width, step_.data());
  for (std::size_t i = 0; i < width; ++i) x_[begin + i] += step_[i];
  MultiplyRows(gathered_.data() + begin, count_, stride_, width, step_.data(), products_.data());
  for (std::size_t k = 0; k < count_; ++k) misses_[k] -= products_[k];
}

}  // namespace freshet::core
