// Objective: what a factorisation minimises, in numbers. Training, fold-in and the manifest of a
// generation share it, so that a folded-in vector is the one that training would have given.
//
// With x_u and y_i the vectors of a user and an item, s_ui the strength of an observed pair:
//
//   Σ_observed w_ui (x_u·y_i − t_ui)² + a Σ_all (x_u·y_i − b [observed])²
//     + Σ_u r_u |x_u|² + Σ_i r_i |y_i|²
//
// Implicit: w = α s and t = 1, with a > 0. With b = 0 this is iALS (Rendle, Krichene, Zhang, Koren:
// "Revisiting the Performance of iALS on Item Recommendation Benchmarks", RecSys 2022,
// arXiv:2110.14037); with b = 1 and a = 1 that of Hu, Koren, Volinsky ("Collaborative Filtering for
// Implicit Feedback Datasets", ICDM 2008) with confidence 1 + α s, which Spark and implicit have.
// Explicit: w = 1, t = s − mean and a = 0.
//
// A vector that has n observed pairs is regularised by r = λ (n + offset)^exponent. iALS has
// offset = a × how many vectors the other side has; Spark has offset 0 and exponent 1; a plain λ is
// exponent 0.
#pragma once

#include <cmath>
#include <cstddef>

namespace freshet::core {

enum class FeedbackKind { kImplicit, kExplicit };

struct Regularization {
  double lambda = 0;
  double exponent = 0;
  double offset = 0;

  // r of a vector with that many observed pairs.
  [[nodiscard]] double Of(std::size_t pairs) const {
    return lambda * std::pow(static_cast<double>(pairs) + offset, exponent);
  }
  friend bool operator==(const Regularization&, const Regularization&) = default;
};

// How much more a user's newest pairs count when the user's vector is solved for: the strength of
// each is multiplied by 1 + weight · 2^(−n / half_life_items), where n of the pairs are newer. What
// somebody wants now is more like what they did last; what items have in common is not, so items
// are trained with all pairs alike. weight 0: all count alike.
struct Recency {
  double weight = 0;
  double half_life_items = 3;

  [[nodiscard]] float Of(std::size_t newer) const {
    return static_cast<float>(1 +
                              weight * std::exp2(-static_cast<double>(newer) / half_life_items));
  }
  friend bool operator==(const Recency&, const Recency&) = default;
};

struct Objective {
  FeedbackKind feedback = FeedbackKind::kImplicit;
  double alpha = 1;              // implicit: the weight of a pair of strength 1
  double background_weight = 0;  // a
  double background_target = 0;  // b
  double mean = 0;               // explicit: of the strengths
  Regularization user_regularization;
  Regularization item_regularization;
  Recency recency{};  // implicit

  // The normal equations of one vector are
  //   (a G + Σ weight y yᵀ + r I) x = Σ pull y
  // over its observed pairs, G the Gramian of the other side.
  [[nodiscard]] double Weight(double strength) const {
    return feedback == FeedbackKind::kImplicit ? alpha * strength : 1.0;
  }
  [[nodiscard]] double Pull(double strength) const {
    return feedback == FeedbackKind::kImplicit
               ? alpha * strength + background_weight * background_target
               : strength - mean;
  }
  friend bool operator==(const Objective&, const Objective&) = default;
};

}  // namespace freshet::core
