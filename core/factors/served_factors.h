// ServedFactors: a generation made ready to answer queries: its items by name, the search among
// them by inner product and, where it is wanted, by cosine, the fold-in of users, and the items
// that were folded in since.
//
// Made beside a running one, immutable from then on and shared by all query threads; who holds the
// last pointer frees it. With other newborn items it is another ServedFactors, which shares all
// that is large. Items of the training are known by name, not by slot: which of them the catalogue
// has is asked anew for each answer, so it stays right while items come and go. The vectors of
// users are not kept: a user is folded in from what the state remembers, which is newer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/dictionary.h"
#include "core/factors/factor_matrix.h"
#include "core/factors/fold_in.h"
#include "core/factors/generation.h"
#include "core/factors/newborn_items.h"
#include "core/factors/retrieval.h"
#include "core/factors/scored_row.h"
#include "core/factors/workers.h"
#include "core/result.h"

namespace freshet::core {

// Vectors and the search among them. Immutable; stays where it is made.
struct FactorSpace {
  FactorSpace(FactorMatrix of, Workers* workers)
      : vectors(std::move(of)),
        retrieval(Retrieval::Build(vectors.values(), vectors.dimension(), workers)) {}
  FactorSpace(const FactorSpace&) = delete;
  FactorSpace& operator=(const FactorSpace&) = delete;

  const FactorMatrix vectors;
  const Retrieval retrieval;
};

struct ServedFactorsOptions {
  // What similar-items by factors asks: as much memory again, and as long to make ready.
  bool has_directions = false;
};

class ServedFactors {
 public:
  // kInvalidArgument, with the reason, when users cannot be folded in or their inner products are
  // no preference: there is no objective, or an explicit one, or it does not regularise users.
  static Status Check(const GenerationManifest& manifest);

  // Builds it all by `workers`, the calling thread when they are null: some seconds for a million
  // items. Workers may leave tasks out to end it soon; what is made is then only to be thrown away.
  // The error of Check.
  // REQUIRES: the generation has passed the checks of storage/generation_folder.h.
  static Result<std::unique_ptr<const ServedFactors>> Make(std::string name, Generation generation,
                                                           const ServedFactorsOptions& options = {},
                                                           Workers* workers = nullptr);

  // The same generation with these newborn items in place of those it has. They have its dimension,
  // and their numbers and norms are finite.
  [[nodiscard]] std::unique_ptr<const ServedFactors> With(NewbornItems newborns) const;

  ServedFactors(const ServedFactors&) = delete;
  ServedFactors& operator=(const ServedFactors&) = delete;

  [[nodiscard]] const std::string& name() const { return trained_->name; }
  // A hash of its items in the order of their rows, never 0: which item is which row can be
  // remembered by this.
  [[nodiscard]] std::uint32_t number() const { return trained_->number; }
  [[nodiscard]] const GenerationManifest& manifest() const { return trained_->manifest; }
  // That it was trained with. Newborn items have the rows after these.
  [[nodiscard]] std::size_t items() const { return trained_->products.vectors.rows(); }
  // That it was trained with and has a vector of.
  [[nodiscard]] std::size_t users() const { return trained_->users; }
  [[nodiscard]] std::size_t dimension() const { return trained_->products.vectors.dimension(); }
  // Equal for those that share one generation made ready. May be kept without keeping it.
  [[nodiscard]] std::weak_ptr<const void> identity() const { return trained_; }

  // Invalid when the training did not know the item.
  [[nodiscard]] FactorRow Find(std::string_view item) const {
    return FactorRow{trained_->ids.Find(item)};
  }
  // REQUIRES: row.value < items().
  [[nodiscard]] std::string_view NameOf(FactorRow row) const {
    return trained_->ids.Name(row.value);
  }

  // The vectors as they were trained: their inner products with a user's foretell what is chosen.
  [[nodiscard]] const FactorSpace& products() const { return trained_->products; }
  // The same scaled to length one: inner products are cosines. Null when they were not asked for.
  [[nodiscard]] const FactorSpace* directions() const {
    return trained_->directions ? &*trained_->directions : nullptr;
  }
  [[nodiscard]] const NewbornItems& newborns() const { return newborns_; }
  // Theirs, scaled to length one; empty when directions were not asked for.
  [[nodiscard]] const FactorMatrix& newborn_directions() const { return newborn_directions_; }

  [[nodiscard]] const FoldIn& user_fold_in() const { return trained_->user_fold_in; }
  // Null when the generation does not tell enough of its users, or does not regularise items.
  [[nodiscard]] const FoldIn* item_fold_in() const {
    return trained_->item_fold_in ? &*trained_->item_fold_in : nullptr;
  }

 private:
  // All that stays as it is while newborn items change.
  struct Trained {
    Trained(std::string of_name, Generation generation, std::optional<FoldIn> of_items,
            std::size_t user_count, const ServedFactorsOptions& options, Workers* workers);

    std::string name;
    std::uint32_t number;
    GenerationManifest manifest;
    std::size_t users;
    Dictionary ids;  // of items, by row
    FactorSpace products;
    std::optional<FactorSpace> directions;
    FoldIn user_fold_in;
    std::optional<FoldIn> item_fold_in;
  };

  ServedFactors(std::shared_ptr<const Trained> trained, NewbornItems newborns);

  std::shared_ptr<const Trained> trained_;
  NewbornItems newborns_;
  FactorMatrix newborn_directions_;
};

}  // namespace freshet::core
