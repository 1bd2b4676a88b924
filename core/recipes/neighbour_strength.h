// NeighbourStrength: how strongly the neighbours of an item go with it, by the pair table and the
// measure of a campaign.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/cooccurrence.h"
#include "core/ids.h"
#include "core/recipes/campaign_settings.h"
#include "core/similarity.h"
#include "core/state.h"

namespace freshet::core {

// Owned by the recipes that use co-occurrence. Immutable; any thread.
class NeighbourStrength {
 public:
  explicit NeighbourStrength(const CampaignSettings& settings)
      : pair_table_(settings.pair_table),
        measure_(settings.measure),
        minimum_count_(std::max(settings.minimum_count, 1U)),
        popularity_discount_(settings.popularity_discount) {
    if (popularity_discount_ == 0) return;
    for (std::size_t count = 1; count <= kDiscountsKept; ++count) {
      discounts_.push_back(std::pow(static_cast<double>(count), -popularity_discount_));
    }
  }

  // The campaign's table; null when the state has none of that name.
  [[nodiscard]] const Cooccurrence* Table(const State& state) const {
    return state.PairTable(pair_table_);
  }

  // Calls visit(ItemId, double strength) for each neighbour that counts: seen with `item` at least
  // minimum_count times for certain, not deleted, of a strength above zero. The strength is the
  // measure over the certain count, divided by the neighbour's count to the popularity discount.
  template <typename Visit>
  void ForEach(const Cooccurrence& table, ItemId item, Visit&& visit) const {
    const auto item_count = static_cast<double>(table.ItemCount(item));
    if (item_count == 0) return;
    const Neighbours neighbours = table.NeighboursOf(item);
    const auto row = [&](const auto& similarity) {
      for (std::size_t i = 0; i < neighbours.items.size(); ++i) {
        const std::uint32_t certain = neighbours.counts[i] - neighbours.errors[i];
        if (certain < minimum_count_) continue;
        const ItemId other{neighbours.items[i]};
        const std::uint64_t other_count = table.ItemCount(other);
        if (other_count == 0) continue;  // deleted
        double strength =
            similarity(static_cast<double>(certain), static_cast<double>(other_count));
        if (!discounts_.empty()) strength *= Discount(other_count);
        if (strength > 0) visit(other, strength);
      }
    };
    WithSimilarityTo(measure_, item_count, static_cast<double>(table.BasketCount()), row);
  }

 private:
  static constexpr std::size_t kDiscountsKept = 4096;

  [[nodiscard]] double Discount(std::uint64_t count) const {
    if (count <= discounts_.size()) return discounts_[count - 1];
    return std::pow(static_cast<double>(count), -popularity_discount_);
  }

  std::string pair_table_;
  Measure measure_;
  std::uint32_t minimum_count_;
  double popularity_discount_;
  std::vector<double> discounts_;  // of the counts 1, 2, ...; empty without a discount
};

}  // namespace freshet::core
