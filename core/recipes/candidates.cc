#include "core/recipes/candidates.h"

#include <algorithm>
#include <array>

namespace freshet::core {

std::string_view FeatureName(Feature feature) {
  static constexpr std::array<std::string_view, kFeatureCount> kNames = {"cooccurrence",
                                                                         "popularity",
                                                                         "users",
                                                                         "trend",
                                                                         "session",
                                                                         "session_any",
                                                                         "succession",
                                                                         "succession_recent",
                                                                         "cooccurrence_newest",
                                                                         "log_demand",
                                                                         "idle",
                                                                         "touched",
                                                                         "known",
                                                                         "content",
                                                                         "upper_bound",
                                                                         "factors",
                                                                         "retrieved"};
  return kNames[static_cast<std::size_t>(feature)];
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

void Candidates::SortByItem() {
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return a.item < b.item; });
  for (std::uint32_t place = 0; place < candidates_.size(); ++place) {
    cells_[candidates_[place].item.value].place = place;
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
