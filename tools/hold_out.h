// HoldOut: the newest part of a training set, kept from training to measure it by.
//
// Owned by a training; immutable after it was cut off.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/factors/als.h"
#include "core/factors/interactions.h"
#include "core/factors/workers.h"
#include "tools/training_set.h"

namespace freshet::tools {

struct TimeSplit {
  std::vector<TrainingPair> train;
  std::vector<TrainingPair> held_out;
};

// Holds out the newest `share` of the pairs, by the time of each pair's latest event, but none up
// to `known_until_ms`. Pairs of the time at which it is cut stay in training.
TimeSplit SplitByTime(const TrainingSet& set, double share, std::int64_t known_until_ms = 0);

// How well the factors recommend what was held out, over users who have something in both parts:
// Personalize's offline metrics at their names (normalized_discounted_cumulative_gain_at_5,
// precision_at_5, mean_reciprocal_rank_at_25, coverage, ...), hit_rate_at_25 and users_asked. What
// a user trained with is not recommended. Asks at most 10,000 users, spread evenly. Empty when
// there is nobody to ask.
std::map<std::string, double> MeasureRanking(const core::Interactions& train,
                                             const core::Interactions& held_out,
                                             const core::FactorMatrix& users,
                                             const core::FactorMatrix& items,
                                             core::Workers* workers);

// rmse: the root of the mean squared error over what was held out of users and items that were
// trained with; ratings_asked, how many these were.
std::map<std::string, double> MeasureRatings(const core::Interactions& train,
                                             const core::Interactions& held_out,
                                             const core::FactorMatrix& users,
                                             const core::FactorMatrix& items);

}  // namespace freshet::tools
