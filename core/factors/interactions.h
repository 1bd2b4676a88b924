// Interactions: who did what how strongly, as sparse rows. What a factorisation is trained with.
//
// Immutable plain data after Build; any thread may read. A pair of user and item stands in it once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace freshet::core {

struct Interaction {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  float strength = 1;
};

class Interactions {
 public:
  struct Entry {
    std::uint32_t column = 0;
    float strength = 0;
  };

  Interactions() = default;
  // In each row the columns ascend. REQUIRES: rows and columns are below `rows` and `columns`, and
  // no pair comes twice.
  static Interactions Build(std::size_t rows, std::size_t columns,
                            std::span<const Interaction> interactions);

  // The same pairs with rows and columns exchanged.
  [[nodiscard]] Interactions Transposed() const;

  [[nodiscard]] std::size_t rows() const { return starts_.size() - 1; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // REQUIRES: row < rows().
  [[nodiscard]] std::span<const Entry> Row(std::size_t row) const {
    return std::span(entries_).subspan(starts_[row], starts_[row + 1] - starts_[row]);
  }

 private:
  std::vector<std::uint64_t> starts_ = {0};  // of each row in entries_, and the end of the last
  std::vector<Entry> entries_;
  std::size_t columns_ = 0;
};

}  // namespace freshet::core
