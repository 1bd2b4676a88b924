#include "core/recipes/factor_match.h"

#include <algorithm>
#include <cmath>

#include "core/factors/inner_product.h"
#include "core/in_category.h"
#include "core/recipes/recent_items.h"
#include "core/recipes/recipe.h"

namespace freshet::core {
namespace {

// What one query does at most, some hundred microseconds' worth each: rows looked up in the
// catalogue by their names, items of a category weighed.
constexpr std::size_t kLookedUp = 1000;
constexpr std::size_t kCategoryItems = 4000;
constexpr std::size_t kTrustedItems = 30;  // see trust()
constexpr std::size_t kPrefetchAhead = 16;

// What a fold-in aims at is 1 for each item that it is from. An item that hardly anybody else
// touched has next to no factors, and who touched only such reaches next to nothing.
constexpr float kLeastFit = 1e-3F;

bool FitsNone(std::span<const float> vector, std::span<const FoldInPair> pairs) {
  return std::ranges::none_of(pairs, [&](const FoldInPair& pair) {
    return std::abs(InnerProduct(vector, {pair.factors, vector.size()})) >= kLeastFit;
  });
}

// False for zeros, by which all items are alike, and for what is beyond float32, as a fold-in by
// factors of wild sizes can be.
bool HasDirection(std::span<const float> vector) {
  const float square = InnerProduct(vector, vector);
  return std::isfinite(square) && square > 0;
}

void Prefetch(std::span<const float> vector) {
  constexpr std::size_t kNumbersPerLine = 16;
  for (std::size_t i = 0; i < vector.size(); i += kNumbersPerLine) __builtin_prefetch(&vector[i]);
}

}  // namespace

bool FactorMatch::TakeVisitor(const State& state, const Query& query, std::size_t limit) {
  Clear();
  if (query.factors == nullptr) return false;
  Reset(state, *query.factors);
  const std::size_t looked_at = std::max(limit, kTrustedItems);
  UserId user;
  if (!query.touched.empty()) {
    const RecentItems touched(state, query.touched, looked_at);
    for (std::size_t i = 0; i < touched.items().size(); ++i) {
      Know(touched.items()[i], 1, i < limit);
    }
  } else if (user = state.FindUser(query.visitor); user.valid()) {
    const std::span<const History::Entry> history = state.users().HistoryOf(user).entries();
    for (std::size_t i = 0; i < std::min(history.size(), looked_at); ++i) {
      if (history[i].weight == 0) continue;
      Know(history[i].item, static_cast<float>(history[i].weight), i < limit);
    }
  }
  if (folded_.empty()) return false;
  FoldIn(user);
  for (const FoldedItem& item : folded_) known_.push_back(item.row);
  std::sort(known_.begin(), known_.end());
  if (!HasDirection(vector_)) return false;
  space_ = &factors_->products();
  newborns_ = &factors_->newborns().vectors;
  const double share =
      std::min(static_cast<double>(counted_) / static_cast<double>(kTrustedItems), 1.0);
  trust_ = share * share;
  return true;
}

bool FactorMatch::TakeItem(const State& state, const Query& query, ItemId item) {
  Clear();
  if (query.factors == nullptr || query.factors->directions() == nullptr) return false;
  Reset(state, *query.factors);
  const FactorRow row = RowOf(item);
  if (!row.valid()) return false;
  space_ = factors_->directions();
  newborns_ = &factors_->newborn_directions();
  const std::span<const float> direction = VectorOf(row);
  vector_.assign(direction.begin(), direction.end());
  return HasDirection(vector_);
}

void FactorMatch::Reset(const State& state, const ServedFactors& factors) {
  state_ = &state;
  factors_ = &factors;
  counted_ = 0;
  folded_.clear();
  known_.clear();
  const std::size_t slots = state.catalog().slot_count();
  // Growing by half keeps a catalogue that gains an item now and then from copying every time.
  if (slots > cells_.size()) cells_.resize(std::max(slots, cells_.size() + cells_.size() / 2));
  if (factors.items() > owners_.size()) owners_.resize(factors.items());
  if (vector_.size() == factors.dimension()) return;
  vector_.resize(factors.dimension());
  solver_.emplace(factors.dimension());
}

void FactorMatch::Know(ItemId item, float strength, bool folds_in) {
  if (!state_->catalog().IsLive(item)) return;
  const FactorRow row = RowOf(item);
  if (!row.valid()) return;
  ++counted_;
  if (!folds_in) return;
  const Recency& recency = factors_->manifest().objective->recency;
  folded_.push_back({row, strength * recency.Of(folded_.size())});
}

void FactorMatch::FoldIn(UserId user) {
  // A newborn item's vector may be another the next time.
  const bool is_kept = user.valid() && std::ranges::all_of(folded_, [&](const FoldedItem& item) {
                         return item.row.value < factors_->items();
                       });
  if (is_kept) {
    cache_.Use(factors_->identity());
    if (const std::span<const float> kept = cache_.Find(user, folded_); !kept.empty()) {
      vector_.assign(kept.begin(), kept.end());
      return;
    }
  }
  pairs_.clear();
  for (const FoldedItem& item : folded_) {
    pairs_.push_back({ProductVectorOf(item.row).data(), item.strength});
  }
  factors_->user_fold_in().Solve(pairs_, &*solver_, vector_);
  if (FitsNone(vector_, pairs_)) std::ranges::fill(vector_, 0.0F);
  if (is_kept) cache_.Keep(user, folded_, vector_);
}

bool FactorMatch::IsKnown(FactorRow row) const {
  return std::binary_search(known_.begin(), known_.end(), row);
}

void FactorMatch::Propose(const Query& query, std::size_t count, bool skips_known,
                          Candidates* out) {
  const Catalog& catalog = state_->catalog();
  const CategoryId category =
      query.category.empty() ? kNoCategory : catalog.FindCategory(query.category);
  // True when the item of the row may be shown.
  const auto add = [&](FactorRow row) {
    const ItemId item = ItemOf(row);
    if (!item.valid() || !IsInCategory(catalog, item, category)) return false;
    return out->FindOrAdd(item) != nullptr;
  };
  if (category == kNoCategory) {
    // To look up in the catalogue what is already among the best is much cheaper than to look up
    // what could be, so that is done only where too few were left.
    const auto is_known = [&](FactorRow row) { return skips_known && IsKnown(row); };
    std::size_t found = 0;
    for (const ScoredRow& best : Find(count, is_known)) found += add(best.row) ? 1 : 0;
    if (found >= query.count) return;
  } else if (const SlotList* items = state_->content().ItemsOf(query.category);
             items != nullptr && items->size() <= kCategoryItems) {
    items->ForEachBelow(SlotList::kLimit, [&](std::uint32_t slot) {
      if (RowOf(ItemId{slot}).valid()) out->FindOrAdd(ItemId{slot});
      return true;
    });
    return;
  }
  // When enough was looked up, all that comes is welcome, so that the search soon ends.
  std::size_t left = kLookedUp;
  Find(count, [&](FactorRow row) { return left > 0 && left-- > 0 && !add(row); });
}

void FactorMatch::Weigh(std::span<Candidate> candidates) {
  // All vectors are asked for before the first is read: each lies elsewhere in memory.
  weighed_.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + kPrefetchAhead < candidates.size()) {
      __builtin_prefetch(&cells_[candidates[i + kPrefetchAhead].item.value]);
    }
    const FactorRow row = RowOf(candidates[i].item);
    if (row.valid()) Prefetch(VectorOf(row));
    weighed_.push_back(row);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!weighed_[i].valid()) continue;
    candidates[i].Set(Feature::kFactors, InnerProduct(vector_, VectorOf(weighed_[i])));
  }
}

void FactorMatch::WeighOthers(Candidates* candidates) {
  Weigh(candidates->all());
  for (const FactorRow row : known_) {
    if (Candidate* own = candidates->Find(ItemOf(row))) own->Set(Feature::kFactors, 0);
  }
}

void FactorMatch::Retrieve(std::size_t count, Candidates* out) {
  float place = 0;
  for (const ScoredRow& best : Find(count, [this](FactorRow row) { return IsKnown(row); })) {
    ++place;
    const ItemId item = ItemOf(best.row);
    Candidate* candidate = item.valid() ? out->FindOrAdd(item) : nullptr;
    if (candidate == nullptr) continue;
    candidate->Set(Feature::kRetrieved, place);
    if (!candidate->Because().valid()) Argue(best.row, candidate);
  }
}

void FactorMatch::Argue(FactorRow row, Candidate* candidate) {
  for (const FactorRow known : known_) {
    const float share = InnerProduct(VectorOf(row), VectorOf(known));
    if (known != row && share > 0) candidate->Argue(share, ItemOf(known));
  }
}

FactorRow FactorMatch::RowOf(ItemId item) {
  Cell& cell = cells_[item.value];
  if (cell.generation != factors_->number()) {
    cell = {factors_->number(), factors_->Find(state_->catalog().Name(item))};
  }
  if (cell.row.valid()) return cell.row;
  const std::size_t newborn = factors_->newborns().Find(item);
  if (newborn == NewbornItems::kNone) return FactorRow{};
  return FactorRow{static_cast<std::uint32_t>(factors_->items() + newborn)};
}

ItemId FactorMatch::ItemOf(FactorRow row) {
  const Catalog& catalog = state_->catalog();
  if (row.value >= factors_->items()) {
    const ItemId item = factors_->newborns().items[row.value - factors_->items()];
    return catalog.IsLive(item) ? item : ItemId{};
  }
  // A name that is deleted and comes again is another item.
  Owner& owner = owners_[row.value];
  if (owner.generation != factors_->number() || !catalog.IsLive(owner.item)) {
    owner = {factors_->number(), catalog.Find(factors_->NameOf(row))};
  }
  return owner.item;
}

std::span<const float> FactorMatch::ProductVectorOf(FactorRow row) const {
  const std::size_t trained = factors_->items();
  return row.value < trained ? factors_->products().vectors.Row(row.value)
                             : factors_->newborns().vectors.Row(row.value - trained);
}

std::span<const float> FactorMatch::VectorOf(FactorRow row) const {
  const std::size_t trained = factors_->items();
  return row.value < trained ? space_->vectors.Row(row.value) : newborns_->Row(row.value - trained);
}

}  // namespace freshet::core
