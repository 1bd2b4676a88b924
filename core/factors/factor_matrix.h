// FactorMatrix: one vector of float32 for each item or user, row after row.
//
// Plain data with one owner; may be read from any thread while nobody writes. Rows follow each
// other without padding, as in a NumPy array in C order.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace freshet::core {

class FactorMatrix {
 public:
  FactorMatrix() = default;
  // What the rows hold is not set.
  FactorMatrix(std::size_t rows, std::size_t dimension)
      : values_(std::make_unique_for_overwrite<float[]>(rows * dimension)),
        rows_(rows),
        dimension_(dimension) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }

  // REQUIRES: row < rows().
  [[nodiscard]] std::span<float> Row(std::size_t row) {
    return {values_.get() + row * dimension_, dimension_};
  }
  [[nodiscard]] std::span<const float> Row(std::size_t row) const {
    return {values_.get() + row * dimension_, dimension_};
  }
  // All rows.
  [[nodiscard]] std::span<float> values() { return {values_.get(), rows_ * dimension_}; }
  [[nodiscard]] std::span<const float> values() const {
    return {values_.get(), rows_ * dimension_};
  }

 private:
  std::unique_ptr<float[]> values_;
  std::size_t rows_ = 0;
  std::size_t dimension_ = 0;
};

}  // namespace freshet::core
