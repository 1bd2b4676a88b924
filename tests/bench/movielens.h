// MovieLens-1M for benchmarks: its ratings, and the published split of the NCF protocol.
//
// The protocol: each user's latest rating is the test item, ranked against 99 given items that the
// user did not rate; every other rating counts as a positive (He, Liao, Zhang, Nie, Hu, Chua:
// "Neural Collaborative Filtering", WWW 2017).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/factors/interactions.h"
#include "core/result.h"

namespace freshet::bench {

struct Rating {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  float value = 0;
  std::int64_t time_s = 0;  // 0: not known
};

struct TestUser {
  std::uint32_t user = 0;
  std::uint32_t item = 0;                // the one to find
  std::vector<std::uint32_t> negatives;  // among these
};

struct NcfSplit {
  std::vector<Rating> train;
  std::vector<TestUser> test;
};

struct Sizes {
  std::size_t users = 0;
  std::size_t items = 0;
};

// From `folder`/ncf-protocol.
core::Result<NcfSplit> ReadNcfSplit(const std::string& folder);

// The same made of the training ratings alone: each user's latest of known time is the one to find,
// among 99 drawn by `seed`. What is tuned on.
NcfSplit ValidationSplit(const NcfSplit& split, std::uint64_t seed);

// `folder`/ratings-all.csv.gz; users and items are numbered from 0 in the order of their ids.
core::Result<std::vector<Rating>> ReadRatings(const std::string& folder);

Sizes SizesOf(const std::vector<Rating>& ratings);

}  // namespace freshet::bench
