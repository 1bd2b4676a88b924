// Candidates: the items one query considers, and what speaks for each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/ids.h"

namespace freshet::core {

// What speaks for a candidate. Names in FeatureName; `explain=1` shows the ones that are not zero.
enum class Feature : std::uint8_t {
  kCooccurrence,        // how strongly the items asked about or touched lately go with it
  kPopularity,          // decayed demand
  kUsers,               // number of distinct users
  kTrend,               // short-term over long-term rate
  kSession,             // how much sessions like the present one have to do with it
  kSessionAny,          // the same, wherever it lies in them
  kSessionFresh,        // the same as kSession, but the newer a session is the more it says
  kSuccession,          // the share of what follows the visitor's newest item
  kSuccessionRecent,    // the same of the items touched lately
  kCooccurrenceNewest,  // how strongly the visitor's newest item goes with it
  kLogDemand,           // natural logarithm of the decayed demand
  kIdle,                // minus that of the demand over the short half-life
  kTouched,             // how often the visitor touched it in this session
  kKnown,               // 1 when the user touched it before
  kKnownAgo,            // and its place among the user's items, the newest at 1
  kOwnSession,          // how near it lies to the recent items in the user's earlier sessions
  kNumberedNear,        // how near its id is numbered to those of the items touched lately
  kContent,             // how much it is like the items touched lately, by its metadata
  kUpperBound,          // of how often it is chosen when it is shown; an explored item's
  kFactors,             // the inner product of the user's and the item's vector, or of two items
  kRetrieved,           // its place among the items of the greatest inner product, from 1
};
inline constexpr std::size_t kFeatureCount = 21;
// "cooccurrence", "popularity", "users", "trend", "session", ...
std::string_view FeatureName(Feature feature);

struct Candidate {
  [[nodiscard]] float Value(Feature feature) const {
    return features[static_cast<std::size_t>(feature)];
  }
  void Add(Feature feature, float value) { features[static_cast<std::size_t>(feature)] += value; }
  void Set(Feature feature, float value) { features[static_cast<std::size_t>(feature)] = value; }
  // Remembers the user's item `because` as the argument when its share is the largest yet.
  // REQUIRES: share > 0.
  void Argue(float share, ItemId because) {
    const std::uint64_t mine =
        (static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(share)) << 32) | ~because.value;
    argument = std::max(argument, mine);
  }

  // The user's item that argued most, if any.
  [[nodiscard]] ItemId Because() const {
    return argument == 0 ? ItemId{} : ItemId{~static_cast<std::uint32_t>(argument)};
  }

  ItemId item;
  std::array<float, kFeatureCount> features{};
  // The largest share and whose it was, in one number so that a plain maximum keeps both: the bits
  // of the share, which as a positive float order like a number, then those of the item inverted,
  // so that the older wins a tie.
  std::uint64_t argument = 0;
  double score = 0;
};

// What the factors say of a candidate, as a logarithm: log(1 + 10 f) of its feature, 0 when that is
// not above 0. The feature is in the training's own unit, about 1 for what is sure to be chosen; so
// where a generation foretells little it changes little, which no relative scale would give.
inline float FactorsTerm(const Candidate& candidate) {
  constexpr float kScale = 10;
  return std::log1p(kScale * std::max(candidate.Value(Feature::kFactors), 0.0F));
}

// Candidates is a sparse set over the catalogue's slots: a cell a slot, stamped with the number of
// the query that wrote it, so that Reset costs nothing and every lookup is one array access.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded. all() is in order of first mention until Exclude changes it.
class Candidates {
 public:
  // Readies the set for a catalogue of that many slots. REQUIRES, below: every item is one of them.
  void Reset(std::uint32_t slot_count);

  // Adds to one feature of the item, which becomes a candidate if it was none. Nothing happens to
  // an excluded item.
  void Add(ItemId item, Feature feature, float value) {
    if (Candidate* candidate = FindOrAdd(item)) candidate->Add(feature, value);
  }
  // The same, and argues with the value for the user's item `because`. REQUIRES: value > 0.
  void Add(ItemId item, Feature feature, float value, ItemId because) {
    if (Candidate* candidate = FindOrAdd(item)) {
      candidate->Add(feature, value);
      candidate->Argue(value, because);
    }
  }
  // The item as a candidate, which it becomes if it was none; null when it is excluded. Valid until
  // the set changes.
  Candidate* FindOrAdd(ItemId item) {
    // Whether it is one cannot be foretold, so no branch asks: a new one takes the blank place
    // behind the others.
    Cell& cell = cells_[item.value];
    const bool is_new = cell.query != query_;
    const auto new_only = static_cast<std::uint32_t>(-static_cast<std::int32_t>(is_new));
    const std::uint32_t place = (size_ & new_only) | (cell.place & ~new_only);
    if (place == kExcluded) return nullptr;
    cell = {query_, place};
    size_ += static_cast<std::uint32_t>(is_new);
    if (size_ == room_.size()) room_.resize(2 * room_.size());
    room_[place].item = item;
    return &room_[place];
  }

  // Fetches the item's cell into the cache.
  void Prefetch(ItemId item) const { __builtin_prefetch(&cells_[item.value]); }

  // The item is no candidate and will not become one in this query.
  void Exclude(ItemId item);
  [[nodiscard]] bool IsExcluded(ItemId item) const {
    const Cell& cell = cells_[item.value];
    return cell.query == query_ && cell.place == kExcluded;
  }

  // Drops the candidates that keep(candidate) is false for; they may come again. The others keep
  // their order.
  template <typename Keep>
  void KeepIf(Keep&& keep) {
    std::uint32_t kept = 0;
    for (const Candidate& candidate : all()) {
      Cell& cell = cells_[candidate.item.value];
      if (!keep(candidate)) {
        cell = Cell{};
        continue;
      }
      cell.place = kept;
      if (&room_[kept] != &candidate) room_[kept] = candidate;
      ++kept;
    }
    Shrink(kept);
  }

  // Puts all() in order of items.
  void SortByItem();

  // Null when the item is no candidate. Valid until the set changes.
  [[nodiscard]] Candidate* Find(ItemId item) {
    const Cell& cell = cells_[item.value];
    return cell.query == query_ && cell.place != kExcluded ? &room_[cell.place] : nullptr;
  }
  [[nodiscard]] std::span<Candidate> all() { return std::span(room_).first(size_); }

 private:
  static constexpr std::uint32_t kExcluded = UINT32_MAX;

  struct Cell {
    std::uint32_t query = 0;
    std::uint32_t place = 0;  // index into room_, or kExcluded
  };

  // Leaves the first `size` candidates.
  void Shrink(std::uint32_t size) {
    std::fill(room_.begin() + size, room_.begin() + size_, Candidate{});
    size_ = size;
  }

  std::vector<Cell> cells_;  // by item slot
  std::uint32_t query_ = 0;
  // The candidates, then blank ones, of which there is always one.
  std::vector<Candidate> room_ = std::vector<Candidate>(1);
  std::uint32_t size_ = 0;  // how many candidates there are
};

}  // namespace freshet::core
