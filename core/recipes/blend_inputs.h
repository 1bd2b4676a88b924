// BlendInputs: the candidates of one query as a blend sees them: a row a candidate, a column an
// input.
//
// Owned by a query thread and used again for each query, so that a warm query allocates nothing
// once it has seen the largest; single-threaded. With e = 0.001, and the greatest that a feature
// reaches among the candidates, the inputs are
//
//   session to cooccurrence_newest,   log(feature / greatest + e), 0 when the greatest is 0
//   own_session, session_fresh
//   session_root, ...                 the square root of feature / greatest
//   cooccurrence...                   0 for what was touched in this session, which has counted in
//                                     the pairs; neither is it the greatest
//   demand                            log of the decayed demand
//   users                             log(1 + distinct users)
//   idle                              log(1 - log of the demand over the short half-life)
//   current, previous, known          1 or 0
//   known_ago                         log of its place among the user's items, the newest at 1
//   touched, touched_again            1 or 0, and log(times touched in this session)
//   numbered_near                     the feature
//   touched_long, demand_long         touched and demand times the log of how many items were
//                                     touched in this session (and are candidates, or the current)
//   touched_session, first_session    session times touched, and while the session has one item
//   first_succession                  succession while the session has one item
//   content, cold_content             likeness, and the same divided by 1 + distinct users
#pragma once

#include <cstddef>
#include <span>

#include <Eigen/Core>

#include "core/blend.h"
#include "core/ids.h"
#include "core/recipes/candidates.h"

namespace freshet::core {

class BlendInputs {
 public:
  // `recent` is what the visitor touched in this session, newest first.
  void Compute(std::span<const Candidate> candidates, std::span<const ItemId> recent);

  // Sets the score of each of those candidates to e^(weights * inputs), scaled so that the best is
  // 1: their share of the sum is the softmax. Factors take no part in what is learned, because no
  // generation is in the log: factors_weight * FactorsTerm is added to the sum.
  void Score(const BlendVector& weights, double factors_weight, std::span<Candidate> candidates);

  // The gradient of the log of the share of candidate number `chosen`: its inputs minus the mean
  // of all by share. Adds in the order of the candidates. REQUIRES: Score was called, factors
  // without weight.
  [[nodiscard]] BlendVector Gradient(std::size_t chosen) const;

 private:
  using Column = Eigen::Map<Eigen::ArrayXf>;
  Column Of(BlendInput input) {
    return Column(inputs_.col(static_cast<Eigen::Index>(input)).data(), size_);
  }

  void FillColumns(std::span<const Candidate> candidates, std::span<const ItemId> recent);

  Eigen::ArrayXXf inputs_;
  Eigen::ArrayXf scores_;
  Eigen::Index size_ = 0;
};

}  // namespace freshet::core
