#include "core/factors/dense_kernels.h"

#include <algorithm>
#include <cmath>

// Each loop is written once over a vector type and compiled for each kind of processor. What is
// compiled for a processor must be inlined into a function marked for it, and must call nothing
// that another file could have compiled for a lesser one.
#define FRESHET_INLINE [[gnu::always_inline]] inline

namespace freshet::core {
namespace {

struct Lanes4 {
  using Vector [[gnu::vector_size(16)]] = float;
};
struct Lanes8 {
  using Vector [[gnu::vector_size(32)]] = float;
};

template <typename Lanes>
inline constexpr std::size_t kLanes = sizeof(typename Lanes::Vector) / sizeof(float);

// From and to any float's address.
template <typename Vector>
FRESHET_INLINE void Load(const float* from, Vector* to) {
  __builtin_memcpy(to, from, sizeof(Vector));
}
template <typename Vector>
FRESHET_INLINE void Store(const Vector& from, float* to) {
  __builtin_memcpy(to, &from, sizeof(Vector));
}

constexpr std::size_t kTileRows = 4;  // times two vectors: the sums that fit into registers

// out += sign Σ_k left[k][0..rows) right[k][0..vectors)
template <typename Lanes, std::size_t kRows, std::size_t kVectors>
FRESHET_INLINE void AddTile(const float* left, const float* right, std::size_t count,
                            std::size_t stride, float sign, float* out, std::size_t out_stride) {
  using Vector = typename Lanes::Vector;
  constexpr std::size_t kWide = kLanes<Lanes>;
  Vector sums[kRows][kVectors] = {};
  for (std::size_t k = 0; k < count; ++k) {
    Vector parts[kVectors];
    for (std::size_t i = 0; i < kVectors; ++i) Load(right + i * kWide, &parts[i]);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < kVectors; ++i) sums[row][i] += left[row] * parts[i];
    }
    left += stride;
    right += stride;
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t i = 0; i < kVectors; ++i) {
      float* to = out + row * out_stride + i * kWide;
      Vector sum;
      Load(to, &sum);
      sum += sign * sums[row][i];
      Store(sum, to);
    }
  }
}

// Rows read for tile after tile: few enough to stay in the nearest cache.
constexpr std::size_t kRowsAtOnce = 64;

// Rows [begin, end) of the upper triangle of out += sign Σ row rowᵀ, in whole tiles.
template <typename Lanes>
FRESHET_INLINE void AddProducts(const float* rows, std::size_t count, std::size_t stride,
                                std::size_t begin, std::size_t end, std::size_t width, float sign,
                                float* out, std::size_t out_stride) {
  constexpr std::size_t kWide = kLanes<Lanes>;
  constexpr std::size_t kTileColumns = 2 * kWide;
  constexpr std::size_t kSquareRows = 2 * kTileRows;
  for (std::size_t k = 0; k < count; k += kRowsAtOnce) {
    const float* some = rows + k * stride;
    const std::size_t some_count = std::min(kRowsAtOnce, count - k);
    for (std::size_t row = begin; row < end; row += kTileRows) {
      std::size_t column = row / kTileColumns * kTileColumns;
      // Below the middle of a tile on the diagonal its left half is not wanted; two tiles' right
      // halves are as many sums as one tile.
      if (kWide == kSquareRows && row % kTileColumns >= kWide) {
        if (row % kSquareRows == 0) {
          AddTile<Lanes, kSquareRows, 1>(some + row, some + row, some_count, stride, sign,
                                         out + row * out_stride + row, out_stride);
        }
        column += kTileColumns;
      }
      for (; column < width; column += kTileColumns) {
        AddTile<Lanes, kTileRows, 2>(some + row, some + column, some_count, stride, sign,
                                     out + row * out_stride + column, out_stride);
      }
    }
  }
}

constexpr std::size_t kPanelRows = 8;

// Makes rows `at` to `at` + kPanelRows those of U, given that the rows above have been subtracted.
template <typename Lanes>
FRESHET_INLINE void FactorPanel(float* matrix, std::size_t stride, std::size_t at,
                                std::size_t width, float* inverse_diagonal) {
  using Vector = typename Lanes::Vector;
  // Of the panel's own square first, in scalars: each row needs the one before.
  float square[kPanelRows][kPanelRows];
  for (std::size_t row = 0; row < kPanelRows; ++row) {
    for (std::size_t column = row; column < kPanelRows; ++column) {
      square[row][column] = matrix[(at + row) * stride + at + column];
    }
  }
  for (std::size_t row = 0; row < kPanelRows; ++row) {
    const float pivot = square[row][row];
    const float inverse = pivot > 1e-20F ? 1.0F / std::sqrt(pivot) : 0.0F;
    inverse_diagonal[at + row] = inverse;
    for (std::size_t column = row; column < kPanelRows; ++column) square[row][column] *= inverse;
    for (std::size_t below = row + 1; below < kPanelRows; ++below) {
      for (std::size_t column = below; column < kPanelRows; ++column) {
        square[below][column] -= square[row][below] * square[row][column];
      }
    }
  }
  constexpr std::size_t kWide = kLanes<Lanes>;
  for (std::size_t column = at / kWide * kWide; column < width; column += kWide) {
    Vector rows[kPanelRows];
    for (std::size_t row = 0; row < kPanelRows; ++row) {
      Load(matrix + (at + row) * stride + column, &rows[row]);
    }
    for (std::size_t row = 0; row < kPanelRows; ++row) {
      rows[row] *= inverse_diagonal[at + row];
      for (std::size_t below = row + 1; below < kPanelRows; ++below) {
        rows[below] -= square[row][below] * rows[row];
      }
    }
    for (std::size_t row = 0; row < kPanelRows; ++row) {
      Store(rows[row], matrix + (at + row) * stride + column);
    }
  }
}

template <typename Lanes>
FRESHET_INLINE float Dot(const float* left, const float* right, std::size_t begin,
                         std::size_t end) {
  using Vector = typename Lanes::Vector;
  constexpr std::size_t kWide = kLanes<Lanes>;
  Vector sum = {};
  for (std::size_t i = begin; i < end; i += kWide) {
    Vector left_part;
    Vector right_part;
    Load(left + i, &left_part);
    Load(right + i, &right_part);
    sum += left_part * right_part;
  }
  float total = 0;
  for (std::size_t lane = 0; lane < kWide; ++lane) total += sum[lane];
  return total;
}

template <typename Lanes>
FRESHET_INLINE void AddScaled(const float* row, float scale, std::size_t begin, std::size_t end,
                              float* sum) {
  using Vector = typename Lanes::Vector;
  for (std::size_t i = begin; i < end; i += kLanes<Lanes>) {
    Vector part;
    Vector total;
    Load(row + i, &part);
    Load(sum + i, &total);
    total += scale * part;
    Store(total, sum + i);
  }
}

template <typename Lanes>
FRESHET_INLINE void Solve(float* matrix, std::size_t stride, std::size_t width, float* vector) {
  constexpr std::size_t kWide = kLanes<Lanes>;
  constexpr std::size_t kMaximumWidth = 4096;
  float inverse_diagonal[kMaximumWidth];
  for (std::size_t at = 0; at < width; at += kPanelRows) {
    AddProducts<Lanes>(matrix, at, stride, at, at + kPanelRows, width, -1.0F, matrix, stride);
    FactorPanel<Lanes>(matrix, stride, at, width, inverse_diagonal);
  }
  // Uᵀz = b: once an element is known, its row is taken from all that follow.
  for (std::size_t row = 0; row < width; ++row) {
    const float* factors = matrix + row * stride;
    const float element = vector[row] * inverse_diagonal[row];
    const std::size_t next = std::min((row / kWide + 1) * kWide, width);
    vector[row] = element;
    for (std::size_t i = row + 1; i < next; ++i) vector[i] -= element * factors[i];
    AddScaled<Lanes>(factors, -element, next, width, vector);
  }
  // U x = z
  for (std::size_t row = width; row-- > 0;) {
    const float* factors = matrix + row * stride;
    const std::size_t next = std::min((row / kWide + 1) * kWide, width);
    float known = Dot<Lanes>(factors, vector, next, width);
    for (std::size_t i = row + 1; i < next; ++i) known += factors[i] * vector[i];
    vector[row] = (vector[row] - known) * inverse_diagonal[row];
  }
}

// One vector of the sums of as many vectors: what the halves of two have side by side is added
// until one number of each is left.
FRESHET_INLINE void SumsOf(const Lanes4::Vector* of, Lanes4::Vector* sums) {
  Lanes4::Vector halves[2];
  for (std::size_t i = 0; i < 2; ++i) {
    halves[i] = __builtin_shufflevector(of[i], of[i + 2], 0, 1, 4, 5) +
                __builtin_shufflevector(of[i], of[i + 2], 2, 3, 6, 7);
  }
  *sums = __builtin_shufflevector(halves[0], halves[1], 0, 4, 2, 6) +
          __builtin_shufflevector(halves[0], halves[1], 1, 5, 3, 7);
}

FRESHET_INLINE void SumsOf(const Lanes8::Vector* of, Lanes8::Vector* sums) {
  Lanes8::Vector halves[4];
  for (std::size_t i = 0; i < 4; ++i) {
    halves[i] = __builtin_shufflevector(of[i], of[i + 4], 0, 1, 2, 3, 8, 9, 10, 11) +
                __builtin_shufflevector(of[i], of[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  Lanes8::Vector quarters[2];
  for (std::size_t i = 0; i < 2; ++i) {
    quarters[i] = __builtin_shufflevector(halves[i], halves[i + 2], 0, 1, 8, 9, 4, 5, 12, 13) +
                  __builtin_shufflevector(halves[i], halves[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  *sums = __builtin_shufflevector(quarters[0], quarters[1], 0, 8, 2, 10, 4, 12, 6, 14) +
          __builtin_shufflevector(quarters[0], quarters[1], 1, 9, 3, 11, 5, 13, 7, 15);
}

// As many rows at once as a vector has numbers: a row's sum alone would wait for each addition, and
// to add up a vector takes as long as eight.
template <typename Lanes>
FRESHET_INLINE void Multiply(const float* rows, std::size_t count, std::size_t stride,
                             std::size_t width, const float* vector, float* products) {
  using Vector = typename Lanes::Vector;
  constexpr std::size_t kWide = kLanes<Lanes>;
  for (std::size_t k = 0; k < count; k += kWide) {
    const std::size_t left = std::min(kWide, count - k);
    const float* of[kWide];
    // The last ones again where there are no more, so that every row is summed in one order.
    for (std::size_t i = 0; i < kWide; ++i) of[i] = rows + (k + std::min(i, left - 1)) * stride;
    Vector sums[kWide] = {};
    for (std::size_t at = 0; at < width; at += kWide) {
      Vector by;
      Load(vector + at, &by);
      for (std::size_t i = 0; i < kWide; ++i) {
        Vector part;
        Load(of[i] + at, &part);
        sums[i] += part * by;
      }
    }
    Vector all;
    SumsOf(sums, &all);
    if (left == kWide) {
      Store(all, products + k);
    } else {
      for (std::size_t i = 0; i < left; ++i) products[k + i] = all[i];
    }
  }
}

// Columns side by side whose sums stay in registers.
template <typename Lanes>
FRESHET_INLINE void AddWeighted(const float* rows, std::size_t count, std::size_t stride,
                                std::size_t width, const float* weights, float* sum) {
  using Vector = typename Lanes::Vector;
  constexpr std::size_t kWide = kLanes<Lanes>;
  constexpr std::size_t kVectors = kKernelColumns / kWide;
  for (std::size_t column = 0; column < width; column += kKernelColumns) {
    Vector sums[2][kVectors] = {};  // of even and odd rows, which do not wait for each other
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t i = 0; i < kVectors; ++i) {
        Vector part;
        Load(rows + k * stride + column + i * kWide, &part);
        sums[k % 2][i] += weights[k] * part;
      }
    }
    for (std::size_t i = 0; i < kVectors; ++i) {
      Vector total;
      Load(sum + column + i * kWide, &total);
      total += sums[0][i] + sums[1][i];
      Store(total, sum + column + i * kWide);
    }
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void AddOuterProductsAvx2(const float* rows, std::size_t count,
                                                      std::size_t stride, std::size_t width,
                                                      float* sums, std::size_t sums_stride) {
  AddProducts<Lanes8>(rows, count, stride, 0, width, width, 1.0F, sums, sums_stride);
}
[[gnu::target("avx2,fma")]] void SolveAvx2(float* matrix, std::size_t stride, std::size_t width,
                                           float* vector) {
  Solve<Lanes8>(matrix, stride, width, vector);
}
[[gnu::target("avx2,fma")]] void MultiplyAvx2(const float* rows, std::size_t count,
                                              std::size_t stride, std::size_t width,
                                              const float* vector, float* products) {
  Multiply<Lanes8>(rows, count, stride, width, vector, products);
}
[[gnu::target("avx2,fma")]] void AddWeightedAvx2(const float* rows, std::size_t count,
                                                 std::size_t stride, std::size_t width,
                                                 const float* weights, float* sum) {
  AddWeighted<Lanes8>(rows, count, stride, width, weights, sum);
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#define FRESHET_DISPATCH(function, ...) \
  if (kHasAvx2) return function##Avx2(__VA_ARGS__);
#else
#define FRESHET_DISPATCH(function, ...)
#endif

}  // namespace

void AddOuterProducts(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                      float* sums, std::size_t sums_stride) {
  FRESHET_DISPATCH(AddOuterProducts, rows, count, stride, width, sums, sums_stride)
  AddProducts<Lanes4>(rows, count, stride, 0, width, width, 1.0F, sums, sums_stride);
}

void SolvePositiveDefinite(float* matrix, std::size_t stride, std::size_t width, float* vector) {
  FRESHET_DISPATCH(Solve, matrix, stride, width, vector)
  Solve<Lanes4>(matrix, stride, width, vector);
}

void MultiplyRows(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                  const float* vector, float* products) {
  FRESHET_DISPATCH(Multiply, rows, count, stride, width, vector, products)
  Multiply<Lanes4>(rows, count, stride, width, vector, products);
}

void AddWeightedRows(const float* rows, std::size_t count, std::size_t stride, std::size_t width,
                     const float* weights, float* sum) {
  FRESHET_DISPATCH(AddWeighted, rows, count, stride, width, weights, sum)
  AddWeighted<Lanes4>(rows, count, stride, width, weights, sum);
}

}  // namespace freshet::core
