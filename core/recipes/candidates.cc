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
                                                                         "session_fresh",
                                                                         "succession",
                                                                         "succession_recent",
                                                                         "cooccurrence_newest",
                                                                         "log_demand",
                                                                         "idle",
                                                                         "touched",
                                                                         "known",
                                                                         "known_ago",
                                                                         "own_session",
                                                                         "numbered_near",
                                                                         "content",
                                                                         "upper_bound",
                                                                         "factors",
                                                                         "retrieved"};
  return kNames[static_cast<std::size_t>(feature)];
}

void Candidates::Reset(std::uint32_t slot_count) {
  Shrink(0);
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
  const std::span<Candidate> candidates = all();
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.item < b.item; });
  for (std::uint32_t place = 0; place < size_; ++place) {
    cells_[room_[place].item.value].place = place;
  }
}

void Candidates::Exclude(ItemId item) {
  Cell& cell = cells_[item.value];
  if (cell.query == query_ && cell.place != kExcluded) {
    const Candidate& last = room_[size_ - 1];
    room_[cell.place] = last;
    cells_[last.item.value].place = cell.place;
    Shrink(size_ - 1);
  }
  cell = {query_, kExcluded};
}

}  // namespace freshet::core
