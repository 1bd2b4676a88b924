#include "core/recipes/session_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace freshet::core {
namespace {

constexpr double kRankDecay = 3.0;
// Four ages side by side; GCC and Clang make vector instructions of it on every processor.
using Lanes = std::int32_t __attribute__((vector_size(16)));
constexpr std::size_t kLanes = 4;
constexpr std::size_t kBlocks = SessionSearch::kMaximumItems / kLanes;

// Walks the postings of the recent items together, from the newest session to the oldest. An age is
// how many sessions started after one; numbers that are kept lie closer together than half of 32
// bits.
class Walks {
 public:
  static constexpr std::int32_t kAtItsEnd = INT32_MAX;

  Walks(const SessionIndex& index, std::span<const ItemId> items, std::uint32_t next_number)
      : last_number_(next_number - 1), blocks_((items.size() + kLanes - 1) / kLanes) {
    ages_.fill(kAtItsEnd);
    for (std::size_t rank = 0; rank < items.size(); ++rank) {
      cursors_[rank] = index.Newest(items[rank]);
      Note(rank);
    }
  }

  // Of the newest session that one stands at, or kAtItsEnd.
  [[nodiscard]] std::int32_t LeastAge() const {
    Lanes least = Block(0);
    for (std::size_t block = 1; block < blocks_; ++block) {
      const Lanes ages = Block(block);
      least = ages < least ? ages : least;
    }
    return std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
  }

  // Which walks stand at the session of that age: a bit by rank.
  [[nodiscard]] std::uint32_t StandingAt(std::int32_t age) const {
    const Lanes wanted = {age, age, age, age};
    Lanes bits = {1, 2, 4, 8};
    Lanes found = {0, 0, 0, 0};
    for (std::size_t block = 0; block < blocks_; ++block, bits <<= kLanes) {
      found |= (Block(block) == wanted) & bits;
    }
    return static_cast<std::uint32_t>(found[0] | found[1] | found[2] | found[3]);
  }

  void Advance(std::size_t rank) {
    cursors_[rank].Advance();
    Note(rank);
  }

 private:
  [[nodiscard]] Lanes Block(std::size_t block) const {
    Lanes lanes;
    std::memcpy(&lanes, &ages_[block * kLanes], sizeof(lanes));
    return lanes;
  }
  void Note(std::size_t rank) {
    const SessionIndex::Cursor& cursor = cursors_[rank];
    ages_[rank] =
        cursor.at_end() ? kAtItsEnd : static_cast<std::int32_t>(last_number_ - cursor.number());
  }

  const std::uint32_t last_number_;
  const std::size_t blocks_;
  std::array<SessionIndex::Cursor, SessionSearch::kMaximumItems> cursors_;
  std::array<std::int32_t, kBlocks * kLanes> ages_;
};

float Weight(const State& state, ItemId item, std::size_t rank) {
  const auto all = static_cast<double>(state.sessions().next_number());
  const double touched = std::max(state.session_index().SessionCount(item), 1U);
  return static_cast<float>(std::exp(-static_cast<double>(rank) / kRankDecay) *
                            std::log1p(all / touched));
}

// An object, unlike a function, is inlined where it sorts.
constexpr auto kIsMoreSimilar = [](const NeighbourSession& a, const NeighbourSession& b) {
  return a.similarity > b.similarity || (a.similarity == b.similarity && a.age < b.age);
};

}  // namespace

std::span<const NeighbourSession> SessionSearch::Find(const State& state,
                                                      std::span<const ItemId> recent, SessionId own,
                                                      const Limits& limits) {
  found_.clear();
  const Sessions& sessions = state.sessions();
  const auto next = static_cast<std::uint32_t>(sessions.next_number());
  const std::span<const ItemId> items = recent.first(std::min(recent.size(), kMaximumItems));
  if (items.empty()) return found_;
  std::array<float, kMaximumItems> weights;
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    weights[rank] = Weight(state, items[rank], rank);
  }
  Walks walks(state.session_index(), items, next);
  // Every posting is in the order of session numbers, so merging them meets the sessions newest
  // first, each with all of its items in common at once, and the sample's size is where to stop.
  // Which of them live is looked up in a second pass, where the look-ups overlap; if some do not,
  // the merge goes on.
  for (std::size_t checked = 0; found_.size() < limits.sample; checked = found_.size()) {
    while (found_.size() < limits.sample) {
      const std::int32_t age = walks.LeastAge();
      if (age == Walks::kAtItsEnd) break;
      NeighbourSession neighbour{SessionId{}, 0, 0, static_cast<std::uint32_t>(age)};
      for (std::uint32_t standing = walks.StandingAt(age); standing != 0;) {
        const auto rank = static_cast<std::uint32_t>(std::bit_width(standing)) - 1;
        neighbour.similarity += weights[rank];
        neighbour.rank = rank;
        walks.Advance(rank);
        standing ^= 1U << rank;
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
    std::nth_element(found_.begin(), end, found_.end(), kIsMoreSimilar);
    found_.erase(end, found_.end());
  }
  for (const NeighbourSession& neighbour : found_) sessions.PrefetchItems(neighbour.session);
  for (NeighbourSession& neighbour : found_) {
    const std::span<const ItemId> its = sessions.Items(neighbour.session);
    // Whoever searched reads them next.
    __builtin_prefetch(its.data());
    const auto length = static_cast<float>(its.size());
    neighbour.similarity /= std::sqrt(std::max(length, 1.0F));
  }
  return found_;
}

}  // namespace freshet::core
