// ContentIndex: what the catalogue says of items, so that an item nobody touched yet is found
// beside those that are like it.
//
// Owned by State; single-threaded. An item is a set of terms: its category values, each whole, and
// the words of its text columns, in lower case. It is a function of the catalogue's columns alone
// and is not stored; TermIds are given anew at each load, and nothing depends on their order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dictionary.h"
#include "core/ids.h"
#include "core/log_entry.h"
#include "core/prefetch.h"
#include "core/settings.h"
#include "core/slot_list.h"

namespace freshet::core {

using TermId = DenseId<struct TermTag>;

inline constexpr std::uint32_t kMaximumTermsPerItem = 64;

class ContentIndex {
 public:
  // `settings` outlives this.
  explicit ContentIndex(const Settings& settings) : settings_(settings) {}

  // The item has these columns and no others.
  void Describe(ItemId item, std::span<const Column> columns);
  // The item is deleted.
  void Forget(ItemId item);

  // At most settings.maximum_terms_per_item.
  [[nodiscard]] std::span<const TermId> Terms(ItemId item) const {
    return item.value < terms_.size() ? std::span<const TermId>(terms_[item.value])
                                      : std::span<const TermId>();
  }
  [[nodiscard]] bool empty() const { return described_ == 0; }
  // Hints that the item's terms are asked for.
  void Prefetch(ItemId item) const {
    if (item.value < terms_.size()) PrefetchObject(terms_[item.value]);
  }

  // The square of the term's weight, its inverse document frequency log((1 + items) / items with
  // the term) (Salton, Buckley: "Term-weighting approaches in automatic text retrieval", 1988), in
  // 2^-16. Whole numbers, because their sum is the same in any order.
  [[nodiscard]] std::uint64_t SquareOf(TermId term) const;
  // Every TermId is below this.
  [[nodiscard]] std::size_t term_count() const { return items_.size(); }

  // Calls visit(other) for items that share a term with `item`, rare terms first, the newest items
  // of a term first, until `limit` calls were made; an item may come more than once.
  template <typename Visit>
  void ForEachAlike(ItemId item, std::size_t limit, Visit&& visit) const {
    std::size_t left = limit;
    const TermOrder order(*this, Terms(item));
    for (const TermId term : order.rarest_first()) {
      if (left == 0) return;
      items_[term.value].ForEachBelow(SlotList::kLimit, [&](std::uint32_t slot) {
        if (slot == item.value) return true;
        visit(ItemId{slot});
        return --left > 0;
      });
    }
  }

  // The items that carry the category value, one slot after the other; null when there are none.
  [[nodiscard]] const SlotList* ItemsOf(std::string_view category) const;

  [[nodiscard]] std::size_t bytes() const;

 private:
  class TermOrder {
   public:
    TermOrder(const ContentIndex& index, std::span<const TermId> terms);
    [[nodiscard]] std::span<const TermId> rarest_first() const { return {terms_.data(), size_}; }

   private:
    std::array<TermId, kMaximumTermsPerItem> terms_;
    std::size_t size_;
  };

  // In the order of category_columns and text_columns, each once.
  [[nodiscard]] std::vector<std::string> TermsOf(std::span<const Column> columns) const;
  void Add(ItemId item, TermId term);
  void SetDescribed(std::size_t count);
  TermId FindOrAdd(std::string_view term);

  const Settings& settings_;
  Dictionary names_;
  std::vector<SlotList> items_;  // by TermId
  std::vector<float> logs_;      // by TermId: logarithm of the number of its items
  std::vector<std::uint32_t> free_terms_;
  std::vector<std::vector<TermId>> terms_;  // by item slot, ascending
  std::size_t described_ = 0;               // items with terms
  float log_items_ = 0;                     // logarithm of one more than that
  std::size_t list_bytes_ = 0;
  std::size_t own_bytes_ = 0;
};

}  // namespace freshet::core
