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
  // the newer session. The result is in no order and valid until the next call.
  std::span<const NeighbourSession> Find(const State& state, std::span<const ItemId> recent,
                                         SessionId own, const Limits& limits);

 private:
  std::vector<NeighbourSession> found_;
};

}  // namespace freshet::core
