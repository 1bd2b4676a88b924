// Als: alternating least squares. Holds the vectors of one side still, gives each vector of the
// other its best value, then the other way round; each step lowers the loss of the Objective.
//
// Owned by whoever trains; one thread calls, workers compute. The same interactions, options and
// seed give the same factors, bit for bit, whatever the number of workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/factors/factor_matrix.h"
#include "core/factors/gramian.h"
#include "core/factors/interactions.h"
#include "core/factors/objective.h"
#include "core/factors/workers.h"

namespace freshet::core {

struct AlsOptions {
  std::size_t dimension = 64;
  // Coordinates solved for together; 0: all of them, exactly. A multiple of kKernelColumns.
  std::size_t block = 0;
  std::uint64_t seed = 1;
  // Of a vector's coordinates at the start, times 1/√dimension.
  double initial_deviation = 0.1;
  Objective objective;
};

class Als {
 public:
  // Rows of `interactions` are users, columns items; both outlive this, as do the workers.
  // Vectors start as small random ones.
  Als(const Interactions& interactions, const AlsOptions& options, Workers* workers);

  // Goes on from vectors that an earlier training had reached. REQUIRES: their shapes.
  void Resume(FactorMatrix users, FactorMatrix items);

  // One iteration: all users, then all items.
  void Step();

  // Every user's vector anew, given the items': exact, so that each is what folding in its pairs
  // gives. What a training ends with.
  void SolveUsers() { users_ = SolvedUsers(by_user_); }

  // The vectors that users of these pairs have, given the items': exact. REQUIRES: the columns are
  // those of the training.
  [[nodiscard]] FactorMatrix SolvedUsers(const Interactions& pairs) const;

  // The objective, divided by the number of observed pairs.
  [[nodiscard]] double Loss() const;

  [[nodiscard]] const FactorMatrix& users() const { return users_; }
  [[nodiscard]] const FactorMatrix& items() const { return items_; }
  [[nodiscard]] FactorMatrix TakeUsers() { return std::move(users_); }
  [[nodiscard]] FactorMatrix TakeItems() { return std::move(items_); }

 private:
  // The best vectors of one side.
  void Solve(const Interactions& pairs, const Regularization& regularization,
             const FactorMatrix& others, std::size_t block, FactorMatrix* solved) const;
  [[nodiscard]] Gramian Background(const FactorMatrix& factors) const;

  const Interactions& by_user_;
  const Interactions by_item_;
  const AlsOptions options_;
  Workers* workers_;
  FactorMatrix users_;
  FactorMatrix items_;
};

}  // namespace freshet::core
