#include "core/factors/interactions.h"

#include <algorithm>

namespace freshet::core {

Interactions Interactions::Build(std::size_t rows, std::size_t columns,
                                 std::span<const Interaction> interactions) {
  Interactions result;
  result.columns_ = columns;
  result.starts_.assign(rows + 1, 0);
  for (const Interaction& each : interactions) ++result.starts_[each.row + 1];
  for (std::size_t row = 0; row < rows; ++row) result.starts_[row + 1] += result.starts_[row];
  result.entries_.resize(interactions.size());
  std::vector<std::uint64_t> next(result.starts_.begin(), result.starts_.end() - 1);
  for (const Interaction& each : interactions) {
    result.entries_[next[each.row]++] = {each.column, each.strength};
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const auto begin = result.entries_.begin() + static_cast<std::ptrdiff_t>(result.starts_[row]);
    const auto end = result.entries_.begin() + static_cast<std::ptrdiff_t>(result.starts_[row + 1]);
    std::sort(begin, end, [](const Entry& a, const Entry& b) { return a.column < b.column; });
  }
  return result;
}

Interactions Interactions::Transposed() const {
  Interactions result;
  result.columns_ = rows();
  result.starts_.assign(columns_ + 1, 0);
  for (const Entry& entry : entries_) ++result.starts_[entry.column + 1];
  for (std::size_t row = 0; row < columns_; ++row) result.starts_[row + 1] += result.starts_[row];
  result.entries_.resize(entries_.size());
  std::vector<std::uint64_t> next(result.starts_.begin(), result.starts_.end() - 1);
  for (std::size_t row = 0; row < rows(); ++row) {
    for (const Entry& entry : Row(row)) {
      result.entries_[next[entry.column]++] = {static_cast<std::uint32_t>(row), entry.strength};
    }
  }
  return result;
}

}  // namespace freshet::core
