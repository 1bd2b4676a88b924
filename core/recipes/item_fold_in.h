// ItemFoldIn: folds items that a generation was not trained with into it, from what has been done
// since by the users who touched them.
//
// An item's vector is the exact solve that the training would have made, for the newest users who
// touched it (core/factors/fold_in.h); each of them is folded in from the trained items of the
// whole history, as it is now. An item is folded in anew when it has gained an eighth as many users
// again: while it is young with each, later more rarely, so that all of an item's users together
// cost a bounded number of solves each.
//
// Owned by one thread, of one state. Work is cut into small steps: Read looks at the state and is
// to be called while that does not change, Compute solves and needs no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/factors/fold_in.h"
#include "core/factors/served_factors.h"
#include "core/ids.h"
#include "core/state.h"

namespace freshet::core {

class ItemFoldIn {
 public:
  // The newest users that an item is folded in from.
  static constexpr std::size_t kUsers = 100;

  // Past `maximum` items those of the fewest users have no vector.
  explicit ItemFoldIn(std::size_t maximum) : maximum_(maximum) {}

  // Takes the next step of a walk through the catalogue: some hundred items are looked at, or the
  // histories of a few users of one item that has gained some. False when the walk is at its end;
  // the next call begins anew. The first walk with another generation begins from nothing.
  // REQUIRES: factors.item_fold_in() is not null; Compute was called for the last step.
  bool Read(const State& state, const ServedFactors& factors);

  // Solves for what Read has gathered. REQUIRES: the factors of that call.
  void Compute(const ServedFactors& factors);

  // True when the vectors are others than Take last gave.
  [[nodiscard]] bool has_news() const { return has_news_; }
  [[nodiscard]] NewbornItems Take();

 private:
  // An item that the generation does not know.
  struct Untrained {
    ItemId item;
    std::uint32_t users = 0;          // that it had when it was folded in
    std::unique_ptr<float[]> vector;  // null: it has none
  };
  struct Touch {
    ItemId item;
    float strength;
  };
  // A user of the item that is being folded in, with the touches that follow the one before's.
  struct Toucher {
    float strength;
    std::size_t touches_end;
  };

  void StartAnew(const ServedFactors& factors);
  void MeetNewSlots(const State& state, const ServedFactors& factors);
  // Looks at the untrained items from next_ on, and begins to gather for the first to fold in.
  bool FindNext(const State& state);
  [[nodiscard]] bool IsDue(const Untrained& one, std::uint32_t users) const;
  void GatherUsers(const State& state, ItemId item);
  void GatherHistories(const State& state, ItemId item);
  void Forget(Untrained* one);
  // Leaves no more vectors than `maximum_`.
  void KeepTheMostUsed();

  const std::size_t maximum_;
  std::weak_ptr<const void> generation_;
  std::size_t dimension_ = 0;
  std::vector<FactorRow> rows_;       // by item slot, of all slots that were met
  std::vector<Untrained> untrained_;  // ascending
  std::size_t next_ = 0;              // of untrained_, in this walk
  std::uint32_t least_users_ = 0;     // fewer do not make a place among the `maximum_`
  bool has_news_ = false;

  // Of the item at next_, while it is being folded in.
  std::vector<UserId> users_;
  std::size_t next_user_ = 0;
  std::vector<Toucher> touchers_;
  std::vector<Touch> touches_;
  std::vector<FoldInPair> pairs_;
  std::vector<float> user_vectors_;
  std::vector<float> user_strengths_;
  std::optional<FoldInScratch> scratch_;
};

}  // namespace freshet::core
