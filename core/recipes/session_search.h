// SessionSearch: the sessions most like what a visitor is doing now. The first half of session-kNN;
// recipes/session.h makes candidates of what it finds.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.h"
#include "core/state.h"

namespace freshet::core {

struct NeighbourSession {
  SessionId session;
  float similarity = 0;
  std::uint32_t rank = 0;  // among the recent items, of the newest that both have
  std::uint32_t age = 0;   // how many sessions started after it
};

class SessionSearch {
 public:
  // More recent items than this are not looked at.
  static constexpr std::size_t kMaximumItems = 16;

  struct Limits {
    std::size_t sample = 500;      // newest sessions that share an item: those are compared
    std::size_t neighbours = 100;  // and the most similar of these are kept
  };

  // The neighbours of a visitor who touched `recent`, newest first, and whose own session is `own`
  // (it may be invalid), which is none of them. VMIS-kNN: of the sessions that share an item, the
  // newest `sample` are compared, and the similarity is the sum over the items in common of
  //
  //   exp(-rank / 3) * log(1 + sessions in all / sessions that touched the item)
  //
  // and, once the neighbours are chosen, divided by the root of the session's length. Ties go to
  // the newer session. The result has the newest first and is valid until the next call.
  std::span<const NeighbourSession> Find(const State& state, std::span<const ItemId> recent,
                                         SessionId own, const Limits& limits);

 private:
  // A session that touched some of the recent items.
  struct Sharer {
    std::uint32_t age;
    std::uint32_t shared;  // which of them: a bit an item, by rank
  };
  // What sessions have in common that share the same items. There are few such kinds beside many
  // sessions, so similarities are summed up and compared once a kind.
  struct Kind {
    std::uint32_t shared;
    std::uint32_t sessions;
    float similarity;
    std::uint32_t rank;
  };

  // The newest `count` live sessions but `own` that share an item, newest first, in sharers_.
  std::span<const Sharer> Sample(const State& state, std::span<const ItemId> items, SessionId own,
                                 std::size_t count);
  // Fills `out` with the newest live ones from a posting, all of which share that.
  static std::size_t Collect(const Sessions& sessions, SessionIndex::Cursor at,
                             std::uint32_t shared, SessionId own, std::span<Sharer> out);
  // The room for so many in sharers_, which may move.
  std::span<Sharer> MakeRoom(std::size_t begin, std::size_t count);
  void CountKinds(std::span<const Sharer> sample);
  // Moves the `count` most similar of them to found_, newest first.
  void ChooseMostSimilar(std::span<const Sharer> sample, std::size_t count);

  std::array<float, kMaximumItems> weights_{};  // by rank
  std::vector<Sharer> sharers_;                 // the lists that are merged, one after another
  std::vector<Kind> kinds_;
  // By what is shared: 1 + the place in kinds_, or 0. It is all 0 between queries.
  std::vector<std::uint16_t> kind_of_;
  std::vector<Kind> by_similarity_;
  std::vector<NeighbourSession> found_;
};

}  // namespace freshet::core
