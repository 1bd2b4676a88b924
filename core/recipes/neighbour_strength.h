// NeighbourStrength: how strongly the neighbours of an item go with it, by the pair table and the
// measure of a campaign.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/campaign_settings.h"
#include "core/cooccurrence.h"
#include "core/ids.h"
#include "core/prefetch.h"
#include "core/recipes/recent_items.h"
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
        exponent_(settings.popularity_discount + (measure_ == Measure::kCosine ? 0.5 : 0.0)) {
    if (exponent_ == 0) return;
    for (std::size_t count = 1; count <= kDiscountsKept; ++count) {
      discounts_.push_back(std::pow(static_cast<double>(count), -exponent_));
    }
  }

  // The campaign's table; null when the state has none of that name.
  [[nodiscard]] const Cooccurrence* Table(const State& state) const {
    return state.PairTable(pair_table_);
  }

  // Fetches the item's row into the cache for a ForEach that follows: rows are cold as a rule, and
  // waiting for memory is most of what a query does.
  static void Prefetch(const Cooccurrence& table, ItemId item) {
    const Neighbours row = table.NeighboursOf(item);
    constexpr std::size_t kPerCacheLine = 64 / sizeof(std::uint32_t);
    for (std::size_t i = 0; i < row.items.size(); i += kPerCacheLine) {
      PrefetchLine(&row.items[i]);
      PrefetchLine(&row.counts[i]);
      PrefetchLine(&row.errors[i]);
    }
  }

  // Calls visit(ItemId, double strength) for each neighbour that counts: seen with `item` at least
  // minimum_count times for certain, not deleted, of a strength above zero. The strength is the
  // measure over the certain count, divided by the neighbour's count to the popularity discount.
  // `announce(ItemId)` is called for each some time before, so that the caller may prefetch what
  // its visit will touch.
  template <typename Announce, typename Visit>
  void ForEach(const Cooccurrence& table, ItemId item, Announce&& announce, Visit&& visit) const {
    const auto item_count = static_cast<double>(table.ItemCount(item));
    if (item_count == 0) return;
    const auto population = static_cast<double>(table.BasketCount());
    const Neighbours row = table.NeighboursOf(item);
    Block block;
    for (std::size_t start = 0; start < row.items.size(); start += kBlock) {
      const auto weigh = [&](const auto& similarity) {
        Weigh(table, row, start, similarity, announce, &block);
      };
      if (measure_ == Measure::kCosine) {
        const double per_item = 1 / std::sqrt(item_count);
        weigh([per_item](double pair, double /*other*/) { return pair * per_item; });
      } else {
        WithSimilarityTo(measure_, item_count, population, weigh);
      }
      for (std::size_t i = 0; i < block.size; ++i) visit(block.items[i], block.strengths[i]);
    }
  }

  // The same for each of a visitor's recent items: visit(ItemId, double strength, ItemId because),
  // the strength times the weight of the recency of `because`.
  template <typename Announce, typename Visit>
  void ForEachOfRecent(const Cooccurrence& table, const RecentItems& recent, Announce&& announce,
                       Visit&& visit) const {
    const std::span<const ItemId> items = recent.items();
    for (std::size_t rank = 0; rank < items.size(); ++rank) {
      if (rank + 1 < items.size()) Prefetch(table, items[rank + 1]);
      const ItemId because = items[rank];
      const double weight = RecencyWeight(rank);
      ForEach(table, because, announce,
              [&](ItemId other, double strength) { visit(other, weight * strength, because); });
    }
  }

 private:
  static constexpr std::size_t kDiscountsKept = 4096;
  static constexpr std::size_t kBlock = 256;

  // Part of a row, weighed: the loop over the counts and the one over the candidates each keep to
  // themselves, which is half again as fast as one loop that does both.
  struct Block {
    std::array<ItemId, kBlock> items;
    std::array<double, kBlock> strengths;
    std::size_t size;
  };

  template <typename Similarity, typename Announce>
  void Weigh(const Cooccurrence& table, const Neighbours& row, std::size_t start,
             const Similarity& similarity, const Announce& announce, Block* block) const {
    const std::size_t end = std::min(row.items.size(), start + kBlock);
    std::size_t size = 0;
    for (std::size_t i = start; i < end; ++i) {
      const std::uint32_t certain = row.counts[i] - row.errors[i];
      const ItemId other{row.items[i]};
      const std::uint64_t other_count = table.ItemCount(other);
      if (certain < minimum_count_ || other_count == 0) continue;  // no count: deleted
      announce(other);
      double strength = similarity(static_cast<double>(certain), static_cast<double>(other_count));
      if (!discounts_.empty()) strength *= Discount(other_count);
      block->items[size] = other;
      block->strengths[size] = strength;
      size += static_cast<std::size_t>(strength > 0);
    }
    block->size = size;
  }

  [[nodiscard]] double Discount(std::uint64_t count) const {
    if (count <= discounts_.size()) return discounts_[count - 1];
    return std::pow(static_cast<double>(count), -exponent_);
  }

  std::string pair_table_;
  Measure measure_;
  std::uint32_t minimum_count_;
  // A strength is divided by the neighbour's count to this power: the popularity discount and, for
  // cosine, the root that belongs to the measure. A table spares a root and a division a neighbour.
  double exponent_;
  std::vector<double> discounts_;  // of the counts 1, 2, ...; empty when the exponent is 0
};

}  // namespace freshet::core
