#include "core/recipes/session_search.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace freshet::core {
namespace {

constexpr double kRankDecay = 3.0;

float Weight(const State& state, ItemId item, std::size_t rank) {
  const auto all = static_cast<double>(state.sessions().next_number());
  const double touched = std::max(state.session_index().SessionCount(item), 1U);
  return static_cast<float>(std::exp(-static_cast<double>(rank) / kRankDecay) *
                            std::log1p(all / touched));
}

// Fills `out` with the newest sessions of two lists, each of which has the newest first, and says
// how many there are. What a session shares is what it shares by both. Without branches in the
// loop: which list the next session is from cannot be foretold.
template <typename Sharer>
std::size_t Merge(std::span<const Sharer> a, std::span<const Sharer> b, std::span<Sharer> out) {
  std::size_t i = 0;
  std::size_t j = 0;
  std::size_t size = 0;
  while (i < a.size() && j < b.size() && size < out.size()) {
    const Sharer one = a[i];
    const Sharer other = b[j];
    const auto takes_one = static_cast<std::uint32_t>(one.age <= other.age);
    const auto takes_other = static_cast<std::uint32_t>(other.age <= one.age);
    out[size++] = {std::min(one.age, other.age),
                   (one.shared & -takes_one) | (other.shared & -takes_other)};
    i += takes_one;
    j += takes_other;
  }
  const std::span<const Sharer> rest = i < a.size() ? a.subspan(i) : b.subspan(j);
  const std::size_t left = std::min(rest.size(), out.size() - size);
  std::copy_n(rest.begin(), left, out.begin() + static_cast<std::ptrdiff_t>(size));
  return size + left;
}

}  // namespace

std::span<const NeighbourSession> SessionSearch::Find(const State& state,
                                                      std::span<const ItemId> recent, SessionId own,
                                                      const Limits& limits) {
  found_.clear();
  const std::span<const ItemId> items = recent.first(std::min(recent.size(), kMaximumItems));
  if (items.empty()) return found_;
  for (const ItemId item : items) state.session_index().Prefetch(item);
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    weights_[rank] = Weight(state, items[rank], rank);
  }
  const std::size_t kinds = std::size_t{1} << items.size();
  if (kind_of_.size() < kinds) kind_of_.resize(kinds);
  const std::span<const Sharer> sample = Sample(state, items, own, limits.sample);
  CountKinds(sample);
  ChooseMostSimilar(sample, limits.neighbours);

  const Sessions& sessions = state.sessions();
  const auto newest = static_cast<std::uint32_t>(sessions.next_number()) - 1;
  for (NeighbourSession& neighbour : found_) {
    neighbour.session = sessions.WithNumber(newest - neighbour.age);
    sessions.PrefetchItems(neighbour.session);
  }
  for (NeighbourSession& neighbour : found_) {
    const std::span<const ItemId> its = sessions.Items(neighbour.session);
    // Whoever searched reads them next.
    __builtin_prefetch(its.data());
    const auto length = static_cast<float>(its.size());
    neighbour.similarity /= std::sqrt(std::max(length, 1.0F));
  }
  return found_;
}

std::span<const SessionSearch::Sharer> SessionSearch::Sample(const State& state,
                                                             std::span<const ItemId> items,
                                                             SessionId own, std::size_t count) {
  struct List {
    std::size_t begin;
    std::size_t size;
  };
  std::array<List, kMaximumItems> lists{};
  std::size_t list_count = items.size();
  std::size_t end = 0;
  for (std::size_t rank = 0; rank < items.size(); ++rank) {
    const SessionIndex::Cursor newest = state.session_index().Newest(items[rank]);
    const std::size_t size = Collect(state.sessions(), newest, 1U << rank, own,
                                     MakeRoom(end, std::min<std::size_t>(newest.left(), count)));
    lists[rank] = {end, size};
    end += size;
  }
  // The two shortest each time, which merges the fewest.
  while (list_count > 1) {
    std::partial_sort(lists.begin(), lists.begin() + 2,
                      lists.begin() + static_cast<std::ptrdiff_t>(list_count),
                      [](const List& a, const List& b) { return a.size < b.size; });
    const auto [a, b] = std::pair(lists[0], lists[1]);
    const std::span<Sharer> room = MakeRoom(end, std::min(a.size + b.size, count));
    const std::span<const Sharer> all(sharers_);
    const std::size_t size =
        Merge(all.subspan(a.begin, a.size), all.subspan(b.begin, b.size), room);
    lists[0] = {end, size};
    lists[1] = lists[--list_count];
    end += size;
  }
  return std::span<const Sharer>(sharers_).subspan(lists[0].begin, lists[0].size);
}

std::span<SessionSearch::Sharer> SessionSearch::MakeRoom(std::size_t begin, std::size_t count) {
  if (begin + count > sharers_.size()) sharers_.resize(begin + count);
  return std::span(sharers_).subspan(begin, count);
}

std::size_t SessionSearch::Collect(const Sessions& sessions, SessionIndex::Cursor at,
                                   std::uint32_t shared, SessionId own, std::span<Sharer> out) {
  const auto newest = static_cast<std::uint32_t>(sessions.next_number()) - 1;
  const auto own_number =
      own.valid() ? static_cast<std::uint32_t>(sessions.Number(own)) : newest + 1;
  const std::uint64_t all_live = sessions.next_number() - sessions.live_from_number();
  std::size_t size = 0;
  for (; !at.at_end() && size < out.size(); at.Advance()) {
    const std::uint32_t age = newest - at.number();
    if (at.number() == own_number) continue;
    if (age >= all_live && !sessions.WithNumber(at.number()).valid()) continue;
    out[size++] = {age, shared};
  }
  return size;
}

void SessionSearch::CountKinds(std::span<const Sharer> sample) {
  kinds_.clear();
  for (const Sharer& sharer : sample) {
    std::uint16_t& place = kind_of_[sharer.shared];
    if (place == 0) {
      Kind& kind = kinds_.emplace_back();
      kind.shared = sharer.shared;
      kind.rank = static_cast<std::uint32_t>(std::countr_zero(sharer.shared));
      for (std::uint32_t left = sharer.shared; left != 0;) {
        const auto rank = static_cast<std::uint32_t>(std::bit_width(left)) - 1;
        kind.similarity += weights_[rank];
        left ^= 1U << rank;
      }
      place = static_cast<std::uint16_t>(kinds_.size());
    }
    ++kinds_[place - 1U].sessions;
  }
}

void SessionSearch::ChooseMostSimilar(std::span<const Sharer> sample, std::size_t count) {
  // What is more similar than the last to be chosen is chosen, and of what equals it the newest.
  float last = 0;
  std::size_t equals = count;
  if (sample.size() > count) {
    by_similarity_.assign(kinds_.begin(), kinds_.end());
    std::sort(by_similarity_.begin(), by_similarity_.end(),
              [](const Kind& a, const Kind& b) { return a.similarity > b.similarity; });
    std::size_t greater = 0;  // sessions
    std::size_t passed = 0;
    for (const Kind& kind : by_similarity_) {
      if (kind.similarity != last) {
        greater = passed;
        last = kind.similarity;
      }
      passed += kind.sessions;
      if (passed >= count) break;
    }
    equals = count - greater;
  }
  // Which are chosen cannot be foretold, so each is written where the next may overwrite it.
  found_.resize(std::min(sample.size(), count) + 1);
  std::size_t chosen = 0;
  for (const Sharer& sharer : sample) {
    const Kind& kind = kinds_[kind_of_[sharer.shared] - 1U];
    found_[chosen] = {SessionId{}, kind.similarity, kind.rank, sharer.age};
    const bool is_equal = kind.similarity == last && equals > 0;
    equals -= static_cast<std::size_t>(is_equal);
    chosen += static_cast<std::size_t>(is_equal || kind.similarity > last);
  }
  found_.resize(chosen);
  for (const Kind& kind : kinds_) kind_of_[kind.shared] = 0;
}

}  // namespace freshet::core
