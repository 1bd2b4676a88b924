// The inner loops of factorisation: dense float32 linear algebra on small matrices, vectorised for
// the processor it runs on (AVX2 with FMA where there is that, else the 128 bits that every 64-bit
// machine has). Results differ between processors in the last bits, never on one.
//
// Matrices are row-major with a stride from PaddedStride; columns up to PaddedWidth are zero or, in
// results, not to be read. Pure functions; any thread.
#pragma once

#include <cstddef>

namespace freshet::core {

inline constexpr std::size_t kKernelColumns = 16;

// Columns that kernels work on: `dimension`, rounded up.
constexpr std::size_t PaddedWidth(std::size_t dimension) {
  return (dimension + kKernelColumns - 1) / kKernelColumns * kKernelColumns;
}

// An odd number of cache lines, so that one column of many rows does not fall into few cache sets.
constexpr std::size_t PaddedStride(std::size_t dimension) {
  return (PaddedWidth(dimension) / kKernelColumns | 1) * kKernelColumns;
}

// The upper triangle of `sums` += Σ row rowᵀ over `count` rows. Of what is below the diagonal some
// is changed too. REQUIRES, here and below: `width` is a PaddedWidth.
void AddOuterProducts(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                      float* sums, std::size_t sums_stride);

// Solves A x = b, A symmetric positive definite and given by its upper triangle, by Cholesky's
// A = UᵀU. Overwrites A, and b by x. Directions in which A is not positive get 0.
void SolvePositiveDefinite(float* matrix, std::size_t stride, std::size_t width, float* vector);

// products[k] = row k · vector.
void MultiplyRows(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                  const float* vector, float* products);

// sum += Σ weights[k] row k.
void AddWeightedRows(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                     const float* weights, float* sum);

}  // namespace freshet::core
