// What the protocols of factor_quality share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/factors/als.h"
#include "core/factors/workers.h"
#include "core/result.h"
#include "tests/bench/movielens.h"

namespace freshet::bench {

struct QualityOptions {
  std::string data;
  bool validate = false;
  std::size_t strangers = 0;
  core::AlsOptions als;  // but for the objective
  std::size_t iterations = 12;
  double lambda = 0.005;
  double exponent = 1;
  double background = 0.4;
  core::Recency recency;
  std::size_t threads = 0;
  double test_share = 0.1;
};

// Without recency, which the protocols give to users as they ask for them.
core::Objective IalsObjective(const QualityOptions& options, const core::Interactions& pairs);

// Row · vector for each row. REQUIRES: the dimension is a multiple of 16.
std::vector<float> ScoresOf(std::span<const float> user, const core::FactorMatrix& items);

// The published split of He et al., sampled and over all items; of strangers too.
core::Status RunNcf(const QualityOptions& options, core::Workers* workers);
// The error of foretelling a random share of all ratings.
core::Status RunRatings(const QualityOptions& options, core::Workers* workers);
// A stream: trained on its first 80 %, then asked before each event of the rest.
core::Status RunStream(const QualityOptions& options, core::Workers* workers);

}  // namespace freshet::bench
