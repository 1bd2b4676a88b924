// AudienceDemand: what a visitor of whom only attributes are known may want.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded.
#pragma once

#include <span>
#include <vector>

#include "core/ids.h"
#include "core/log_entry.h"
#include "core/state.h"

namespace freshet::core {

class AudienceDemand {
 public:
  struct Entry {
    ItemId item;
    double demand;  // the expected share of the visitor's events, unscaled
  };

  // Items, best first, ties to the older, among which may be dead ones; none when no audience is
  // known. For audiences a of the attributes (the user's, and those of `context`), with d the
  // decayed demand for the item in a, n that for all items, p the item's share of the overall
  // popular list, and m a prior of 20 events:
  //
  //   sum over a of (d + m p) / (n + m)
  //
  // so a small audience follows everybody's taste, and a large one its own. Valid until the next
  // call. `user` may be invalid.
  std::span<const Entry> Rank(const State& state, UserId user, std::span<const Column> context);

 private:
  // Returns the weight of what everybody wants.
  double AddAudiences(const State& state, std::span<const Column> columns);
  void MergeItems();

  std::vector<Entry> entries_;
};

}  // namespace freshet::core
