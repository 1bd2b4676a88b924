// QualityWindow: how good the latest answers of one campaign were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/ids.h"

namespace freshet::core {

// Owned by one thread.
class QualityWindow {
 public:
  // REQUIRES: answers > 0.
  explicit QualityWindow(std::size_t answers) : maximum_(answers) {}

  // One answer: what was recommended, how many of these were cold, and at which place stood the
  // item that came next, if it was there. Past the window's size the oldest answer leaves.
  void Add(std::span<const ItemId> items, std::size_t cold_items, std::optional<std::size_t> place);

  struct Figures {
    std::size_t answers = 0;         // in the window
    double hit_rate = 0;             // share whose next item was recommended: HR@n
    double reciprocal_rank = 0;      // mean of 1 / its place, 0 for a miss: MRR@n
    std::size_t distinct_items = 0;  // recommended in the window
    double cold_share = 0;           // of all items recommended
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct Answer {
    std::vector<ItemId> items;
    std::size_t cold_items;
    std::optional<std::size_t> place;
  };

  const std::size_t maximum_;
  std::deque<Answer> answers_;
  std::unordered_map<ItemId, std::uint32_t> times_recommended_;
  std::size_t items_ = 0;
  std::size_t cold_items_ = 0;
};

}  // namespace freshet::core
