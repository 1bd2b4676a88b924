#include "core/recipes/session_search.h"

#include <algorithm>
#include <cmath>

namespace freshet::core {
namespace {

constexpr double kRankDecay = 3.0;
constexpr std::uint32_t kAtItsEnd = UINT32_MAX;

// Walks the posting of one recent item from the newest session to the oldest.
struct Walk {
  SessionIndex::Cursor cursor;
  float weight;
  std::uint32_t age;  // how many sessions started after the one it stands at, or kAtItsEnd
};

float Weight(const State& state, ItemId item, std::size_t rank) {
  const auto all = static_cast<double>(state.sessions().next_number());
  const double touched = std::max(state.session_index().SessionCount(item), 1U);
  return static_cast<float>(std::exp(-static_cast<double>(rank) / kRankDecay) *
                            std::log1p(all / touched));
}

bool IsMoreSimilar(const NeighbourSession& a, const NeighbourSession& b) {
  return a.similarity > b.similarity || (a.similarity == b.similarity && a.age < b.age);
}

}  // namespace

std::span<const NeighbourSession> SessionSearch::Find(const State& state,
                                                      std::span<const ItemId> recent, SessionId own,
                                                      const Limits& limits) {
  found_.clear();
  const Sessions& sessions = state.sessions();
  const auto next = static_cast<std::uint32_t>(sessions.next_number());
  const auto age_at = [next](const SessionIndex::Cursor& cursor) {
    return cursor.at_end() ? kAtItsEnd : next - 1 - cursor.number();
  };
  std::array<Walk, kMaximumItems> walks;
  const std::size_t count = std::min(recent.size(), walks.size());
  for (std::size_t rank = 0; rank < count; ++rank) {
    Walk& walk = walks[rank];
    walk.cursor = state.session_index().Newest(recent[rank]);
    walk.weight = Weight(state, recent[rank], rank);
    walk.age = age_at(walk.cursor);
  }
  // Every posting is in the order of session numbers, so merging them meets the sessions newest
  // first, each with all of its items in common at once, and the sample's size is where to stop.
  // Which of them live is looked up in a second pass, where the look-ups overlap; if some do not,
  // the merge goes on.
  for (std::size_t checked = 0; found_.size() < limits.sample; checked = found_.size()) {
    while (found_.size() < limits.sample) {
      std::uint32_t age = kAtItsEnd;
      for (std::size_t rank = 0; rank < count; ++rank) age = std::min(age, walks[rank].age);
      if (age == kAtItsEnd) break;
      NeighbourSession neighbour{SessionId{}, 0, 0, age};
      for (std::size_t rank = count; rank-- > 0;) {
        Walk& walk = walks[rank];
        if (walk.age != age) continue;
        neighbour.similarity += walk.weight;
        neighbour.rank = static_cast<std::uint32_t>(rank);
        walk.cursor.Advance();
        walk.age = age_at(walk.cursor);
      }
      found_.push_back(neighbour);
    }
    if (found_.size() == checked) break;
    const auto first = found_.begin() + static_cast<std::ptrdiff_t>(checked);
    for (auto it = first; it != found_.end(); ++it) {
      it->session = sessions.WithNumber(next - 1 - it->age);
    }
    found_.erase(std::remove_if(first, found_.end(),
                                [own](const NeighbourSession& one) {
                                  return !one.session.valid() || one.session == own;
                                }),
                 found_.end());
  }
  if (found_.size() > limits.neighbours) {
    const auto end = found_.begin() + static_cast<std::ptrdiff_t>(limits.neighbours);
    std::nth_element(found_.begin(), end, found_.end(), IsMoreSimilar);
    found_.erase(end, found_.end());
  }
  for (const NeighbourSession& neighbour : found_) sessions.PrefetchItems(neighbour.session);
  for (NeighbourSession& neighbour : found_) {
    const std::span<const ItemId> items = sessions.Items(neighbour.session);
    // Whoever searched reads them next.
    __builtin_prefetch(items.data());
    const auto length = static_cast<float>(items.size());
    neighbour.similarity /= std::sqrt(std::max(length, 1.0F));
  }
  return found_;
}

}  // namespace freshet::core
