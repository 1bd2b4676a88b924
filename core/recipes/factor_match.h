// FactorMatch: how much items suit a visitor or go with an item, by the generation of factors that
// a query brings along.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing;
// single-threaded. It is of one state, because it remembers which of the state's items is which row
// of the generation. An item's slot is never given again, so what is remembered stays right; which
// items are live is asked anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/factors/fold_in.h"
#include "core/factors/retrieval_search.h"
#include "core/factors/served_factors.h"
#include "core/recipes/candidates.h"
#include "core/recipes/fold_in_cache.h"
#include "core/state.h"

namespace freshet::core {

struct Query;

class FactorMatch {
 public:
  // Matches the visitor of the query, folded in from the newest `limit` items of the history, or of
  // what the query says was touched, each with its weight. False when nothing can be matched: the
  // query brings no generation, or one that knows none of these items.
  bool TakeVisitor(const State& state, const Query& query, std::size_t limit);

  // How far the factors are to be trusted beside what else is known of the visitor: the square of
  // the share that the generation knows of a history of 30 items, 0 to 1. What a visitor of few
  // items wants is in sessions like the present one. REQUIRES: TakeVisitor returned true.
  [[nodiscard]] double trust() const { return trust_; }

  // Matches an item, by cosine. False when the query brings no generation, or one that does not
  // know the item or has no directions.
  bool TakeItem(const State& state, const Query& query, ItemId item);

  // Matches nothing.
  void Clear() { space_ = nullptr; }
  [[nodiscard]] bool empty() const { return space_ == nullptr; }

  // REQUIRES, below: not empty; the state has not changed.

  // Makes candidates of about the best `count` items that may be shown: those of the query's
  // category that are not excluded, nor, when `skips_known`, what the visitor was folded in from.
  // Some of the others may be among them. The work is bounded: fewer are found where most of the
  // generation's items are gone or of other categories.
  void Propose(const Query& query, std::size_t count, bool skips_known, Candidates* out);

  // Sets Feature::kFactors of the candidates that the generation knows: the inner product with the
  // visitor, or the cosine with the item.
  void Weigh(std::span<Candidate> candidates);
  // The same, but for the items that the visitor was folded in from: those fit in any case.
  void WeighOthers(Candidates* candidates);

  // Adds the best `count` items that the visitor was not folded in from to the candidates, with
  // their places in Feature::kRetrieved. Those that nothing argues for get the visitor's item of
  // the greatest inner product as the argument.
  void Retrieve(std::size_t count, Candidates* out);

 private:
  // An item's row in the generation of that number.
  struct Cell {
    std::uint32_t generation = 0;
    FactorRow row;
  };
  // The item that a row of the generation of that number had when it was last looked up.
  struct Owner {
    std::uint32_t generation = 0;
    ItemId item;
  };

  void Reset(const State& state, const ServedFactors& factors);
  // Sets vector_ to what the items of folded_ fold in to; `user` is invalid for nobody's items.
  void FoldIn(UserId user);
  // Counts what the visitor touched, and gives it to the fold-in if it `folds_in`.
  void Know(ItemId item, float strength, bool folds_in);
  [[nodiscard]] bool IsKnown(FactorRow row) const;
  void Argue(FactorRow row, Candidate* candidate);
  // The row of an item, which may be a deleted one. Invalid when the generation has none.
  FactorRow RowOf(ItemId item);
  // The live item of a row; invalid when there is none.
  ItemId ItemOf(FactorRow row);
  // As trained or folded in, whatever is matched.
  [[nodiscard]] std::span<const float> ProductVectorOf(FactorRow row) const;
  // In the space that is matched in.
  [[nodiscard]] std::span<const float> VectorOf(FactorRow row) const;
  std::span<const ScoredRow> Find(std::size_t count, const SkipRow& skip = {}) {
    return search_.Find(space_->retrieval, vector_, count, skip, newborns_->values());
  }

  const State* state_ = nullptr;
  const ServedFactors* factors_ = nullptr;
  const FactorSpace* space_ = nullptr;
  const FactorMatrix* newborns_ = nullptr;  // in that space
  std::vector<Cell> cells_;                 // by item slot; of newborn items none
  std::vector<Owner> owners_;               // by trained row
  double trust_ = 0;
  std::size_t counted_ = 0;         // of the visitor's items that have a row
  std::vector<FoldedItem> folded_;  // what the visitor is folded in from, newest first
  std::vector<FactorRow> known_;    // the rows of these, ascending
  std::vector<FoldInPair> pairs_;   // the same as folded_, as the solve takes them
  std::vector<float> vector_;       // what is matched
  std::optional<FoldInScratch> solver_;
  FoldInCache cache_;
  std::vector<FactorRow> weighed_;
  RetrievalSearch search_;
};

}  // namespace freshet::core
