#include "core/recipes/recipe.h"

#include <algorithm>

namespace freshet::core {

std::string_view FeatureName(Feature feature) {
  switch (feature) {
    case Feature::kCooccurrence:
      return "cooccurrence";
    case Feature::kPopularity:
      return "popularity";
    case Feature::kUsers:
      return "users";
    case Feature::kTrend:
      return "trend";
    case Feature::kSession:
      return "session";
  }
  return {};
}

std::string_view ReasonText(Reason reason) {
  return reason == Reason::kPopular ? std::string_view("Popular item") : std::string_view();
}

void Candidates::Reset(std::uint32_t slot_count) {
  candidates_.clear();
  // Growing by half keeps a catalogue that gains an item now and then from copying every time.
  if (slot_count > cells_.size()) {
    cells_.resize(std::max<std::size_t>(slot_count, cells_.size() + cells_.size() / 2));
  }
  if (++query_ == 0) {
    std::fill(cells_.begin(), cells_.end(), Cell{});
    query_ = 1;
  }
}

void Candidates::Exclude(ItemId item) {
  Cell& cell = cells_[item.value];
  if (cell.query == query_ && cell.place != kExcluded) {
    candidates_[cell.place] = candidates_.back();
    cells_[candidates_.back().item.value].place = cell.place;
    candidates_.pop_back();
  }
  cell = {query_, kExcluded};
}

}  // namespace freshet::core
