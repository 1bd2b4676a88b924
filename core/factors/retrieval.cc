#include "core/factors/retrieval.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/factors/inner_product.h"

namespace freshet::core {
namespace {

constexpr std::size_t kRowsPerPart = 4096;

// The root balances what a search must look at: all cells, and the heads of a part of them.
std::size_t CellCount(std::size_t rows) {
  return static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(rows))));
}

}  // namespace

Retrieval::Retrieval(std::span<const float> vectors, std::size_t dimension, DirectionCells cells)
    : vectors_(vectors),
      dimension_(dimension),
      cells_(std::move(cells)),
      norms_(cells_.codes().size() * kInt8Lanes),
      cosines_(norms_.size()),
      sines_(norms_.size()),
      blocks_(dimension) {}

Retrieval Retrieval::Build(std::span<const float> vectors, std::size_t dimension,
                           Workers* workers) {
  CallingThread own;
  if (workers == nullptr) workers = &own;
  const std::size_t cells = CellCount(vectors.size() / dimension);
  Retrieval retrieval(vectors, dimension,
                      DirectionCells::Learn(vectors, dimension, cells, workers));
  retrieval.Place(workers);
  return retrieval;
}

void Retrieval::Place(Workers* workers) {
  std::vector<std::uint32_t> cell_of(rows());
  std::vector<float> norms(rows());
  workers->Run((rows() + kRowsPerPart - 1) / kRowsPerPart, [&](std::size_t, std::size_t part) {
    Int8Query query;
    const std::size_t end = std::min(rows(), (part + 1) * kRowsPerPart);
    for (std::size_t row = part * kRowsPerPart; row < end; ++row) {
      const std::span<const float> vector = vectors_.subspan(row * dimension_, dimension_);
      query.Assign(vector);
      cell_of[row] = cells_.Nearest(query);
      norms[row] = Norm(vector);
    }
  });
  // A counting sort of the rows by cell; each cell begins with a block of its own.
  std::vector<std::uint32_t> ends(cells_.size() + 1);
  for (const std::uint32_t cell : cell_of) ++ends[cell + 1];
  first_blocks_.push_back(0);
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    const auto blocks = static_cast<std::uint32_t>((ends[cell + 1] + kInt8Lanes - 1) / kInt8Lanes);
    first_blocks_.push_back(first_blocks_.back() + blocks);
    ends[cell + 1] += ends[cell];
  }
  std::vector<FactorRow> order(rows());
  for (std::uint32_t row = 0; row < rows(); ++row) order[ends[cell_of[row]]++] = FactorRow{row};
  blocks_.Resize(first_blocks_.back());
  block_norms_.resize(first_blocks_.back());
  workers->Run(cells_.size(), [&](std::size_t, std::size_t cell) {
    const std::size_t begin = cell == 0 ? 0 : ends[cell - 1];
    FillCell(cell, std::span(order).subspan(begin, ends[cell] - begin), norms);
  });
}

void Retrieval::FillCell(std::size_t cell, std::span<FactorRow> rows,
                         std::span<const float> norms) {
  if (rows.empty()) return;
  std::sort(rows.begin(), rows.end(), [&](FactorRow a, FactorRow b) {
    return norms[a.value] != norms[b.value] ? norms[a.value] > norms[b.value] : a < b;
  });
  norms_[cell] = norms[rows.front().value];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FactorRow row = rows[i];
    const float norm = norms[row.value];
    const std::span<const float> vector = VectorOf(row);
    const std::size_t place = first_blocks_[cell] * kInt8Lanes + i;
    blocks_.Set(place, vector, row);
    if (i % kInt8Lanes == 0) block_norms_[place / kInt8Lanes] = norm;
    const float cosine = norm > 0 ? InnerProduct(vector, cells_.Direction(cell)) / norm : 1;
    cosines_[cell] += cosine;
    sines_[cell] += std::sqrt(std::max(0.0F, 1 - cosine * cosine));
  }
  cosines_[cell] /= static_cast<float>(rows.size());
  sines_[cell] /= static_cast<float>(rows.size());
}

std::size_t Retrieval::HeapBytes() const {
  const std::size_t floats =
      norms_.capacity() + cosines_.capacity() + sines_.capacity() + block_norms_.capacity();
  return floats * sizeof(float) + first_blocks_.capacity() * sizeof(std::uint32_t) +
         cells_.HeapBytes() + blocks_.HeapBytes();
}

}  // namespace freshet::core
