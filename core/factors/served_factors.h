// ServedFactors: a generation made ready to answer queries: its items by name, the search among
// them by inner product and, where it is wanted, by cosine, and the fold-in of users.
//
// Made beside a running one, immutable from then on and shared by all query threads; who holds the
// last pointer frees it. Items are known by name, not by slot: which of them the catalogue has is
// asked anew for each answer, so it stays right while items come and go. The vectors of users are
// not kept: a user is folded in from what the state remembers, which is newer.
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

  ServedFactors(const ServedFactors&) = delete;
  ServedFactors& operator=(const ServedFactors&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // A hash of its items in the order of their rows, never 0: which item is which row can be
  // remembered by this.
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const GenerationManifest& manifest() const { return manifest_; }
  [[nodiscard]] std::size_t items() const { return products_.vectors.rows(); }
  // That it was trained with and has a vector of.
  [[nodiscard]] std::size_t users() const { return users_; }
  [[nodiscard]] std::size_t dimension() const { return products_.vectors.dimension(); }

  // Invalid when the generation does not know the item.
  [[nodiscard]] FactorRow Find(std::string_view item) const { return FactorRow{ids_.Find(item)}; }
  // REQUIRES, here and below: row.value < items().
  [[nodiscard]] std::string_view NameOf(FactorRow row) const { return ids_.Name(row.value); }

  // The vectors as they were trained: their inner products with a user's foretell what is chosen.
  [[nodiscard]] const FactorSpace& products() const { return products_; }
  // The same scaled to length one: inner products are cosines. Null when they were not asked for.
  [[nodiscard]] const FactorSpace* directions() const {
    return directions_ ? &*directions_ : nullptr;
  }
  [[nodiscard]] const FoldIn& user_fold_in() const { return fold_in_; }

 private:
  ServedFactors(std::string name, Generation generation, std::size_t users,
                const ServedFactorsOptions& options, Workers* workers);

  std::string name_;
  std::uint32_t number_;
  GenerationManifest manifest_;
  std::size_t users_;
  Dictionary ids_;  // of items, by row
  FactorSpace products_;
  std::optional<FactorSpace> directions_;
  FoldIn fold_in_;
};

}  // namespace freshet::core
