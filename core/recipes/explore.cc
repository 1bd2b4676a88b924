#include "core/recipes/explore.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/hash.h"
#include "core/in_category.h"

namespace freshet::core {
namespace {

constexpr std::uint64_t kKnownUsers = 10;  // an item that so many touched speaks for itself
constexpr double kLikenessOfAny = 0.1;
constexpr std::size_t kDrawn = 64;

std::uint64_t SeedOf(const State& state, const Visitor& visitor) {
  return FoldedProduct(FastHash(visitor.user) ^ state.entry_count(), FastHash(visitor.session) | 1);
}

// `weight` of `count`, its fraction rounded up by as many seeds.
std::size_t PlacesFor(double weight, std::size_t count, std::uint64_t seed) {
  const double places = weight * static_cast<double>(count);
  const double whole = std::floor(places);
  const double drawn = static_cast<double>(seed >> 11) * 0x1p-53;
  return static_cast<std::size_t>(whole) + (drawn < places - whole ? 1 : 0);
}

// Which items may be explored.
class NewItems {
 public:
  NewItems(const State& state, const Exploration& exploration, CategoryId category)
      : state_(state),
        category_(category),
        from_ms_(state.clock_ms() - exploration.item_age_cut_off_ms) {}

  [[nodiscard]] std::int64_t from_ms() const { return from_ms_; }

  [[nodiscard]] bool Have(ItemId item) const {
    if (!state_.catalog().IsDescribed(item) || state_.popularity().Users(item) >= kKnownUsers) {
      return false;
    }
    const std::int64_t created_ms = state_.catalog().CreatedMs(item);
    if (created_ms < from_ms_ || created_ms > state_.clock_ms()) return false;
    return IsInCategory(state_.catalog(), item, category_);
  }

 private:
  const State& state_;
  CategoryId category_;
  std::int64_t from_ms_;
};

}  // namespace

void Explore(const State& state, const Exploration& exploration, const Query& query,
             CategoryId category, Workspace* room, ExplorationScratch* scratch,
             std::vector<AnswerItem>* answer) {
  const std::uint64_t seed = SeedOf(state, query.visitor);
  const std::size_t places = PlacesFor(exploration.weight, query.count, seed);
  if (places == 0) return;
  const NewItems new_items(state, exploration, category);
  auto& best = scratch->best;
  best.clear();
  const auto offer = [&](ItemId item, float likeness) {
    if (!new_items.Have(item)) return;
    const double bound = state.exposures().UpperBound(item);
    best.push_back({item, (kLikenessOfAny + static_cast<double>(likeness)) * bound, likeness,
                    static_cast<float>(bound)});
  };
  for (const Candidate& one : room->candidates.all()) {
    if (one.Value(Feature::kContent) > 0) offer(one.item, one.Value(Feature::kContent));
  }
  state.arrivals().ForSome(
      new_items.from_ms(), state.clock_ms(), seed, std::max(kDrawn, 4 * places), [&](ItemId item) {
        const Candidate* candidate = room->candidates.Find(item);
        const bool was_offered = candidate != nullptr && candidate->Value(Feature::kContent) > 0;
        if (was_offered || room->candidates.IsExcluded(item)) return;
        room->candidates.Exclude(item);  // so that it comes once
        offer(item, room->content.empty() ? 0 : room->content.Of(item));
      });

  const std::size_t explored = std::min(places, best.size());
  const auto last = best.begin() + static_cast<std::ptrdiff_t>(explored);
  std::partial_sort(best.begin(), last, best.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : b.item < a.item;
  });
  answer->resize(std::min(answer->size(), query.count - explored));
  const std::size_t size = answer->size() + explored;
  for (std::size_t i = 0; i < explored; ++i) {
    AnswerItem item;
    item.item = best[i].item;
    item.reason = Reason::kExplored;
    item.features[static_cast<std::size_t>(Feature::kContent)] = best[i].likeness;
    item.features[static_cast<std::size_t>(Feature::kUpperBound)] = best[i].upper_bound;
    const std::size_t place = (i + 1) * size / (explored + 1);
    answer->insert(answer->begin() + static_cast<std::ptrdiff_t>(place), item);
  }
}

}  // namespace freshet::core
