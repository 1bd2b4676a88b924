// Recipe: one way to recommend, in two steps that every recipe shares. Propose() names candidates
// and says what speaks for each (its features); Score() weighs those features. Choosing the best,
// leaving out what may not be shown and filling up with what is popular is the same for all:
// recommend.h.
//
// A Recipe is immutable after construction and may be used by any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/state.h"

namespace freshet::core {

// What speaks for a candidate. Names in FeatureName; `explain=1` shows the ones that are not zero.
enum class Feature : std::uint8_t {
  kCooccurrence,  // sum over the user's recent items of their similarity to the candidate
  kPopularity,    // decayed demand
  kUsers,         // number of distinct users
  kTrend,         // short-term over long-term rate
};
inline constexpr std::size_t kFeatureCount = 4;
std::string_view FeatureName(Feature feature);

// Why an item is in the answer. The first three are Personalize's own words.
enum class Reason : std::uint8_t { kNone, kPopular };
// "Popular item", or empty for kNone.
std::string_view ReasonText(Reason reason);

// What is asked. All views outlive the call.
struct Query {
  Visitor visitor;
  std::string_view item;              // the item asked about; related items only
  std::span<const std::string> rank;  // the ids to put in order; personalized-ranking only
  std::string_view category;          // a category value the answer is restricted to, or empty
  std::size_t count = 25;
};

// The candidates of one query. Owned by a query thread and used again for each query, so that a
// warm query allocates nothing; single-threaded.
class Candidates {
 public:
  // Readies the set for a catalogue of that many slots.
  void Reset(std::uint32_t slot_count);

  // Adds to one feature of the item, which becomes a candidate if it was none.
  void Add(ItemId item, Feature feature, float value);
  // The same, and remembers the user's item `because` as an argument when its share is the largest
  // yet.
  void Add(ItemId item, Feature feature, float value, ItemId because);
  void Leave(ItemId item);  // the item is no candidate and will not become one

  struct Candidate {
    ItemId item;
    std::array<float, kFeatureCount> features{};
    ItemId because;  // the user's item that argued most, if any
    float because_value = 0;
    double score = 0;
  };
  [[nodiscard]] std::span<Candidate> all() { return candidates_; }
  [[nodiscard]] bool IsLeft(ItemId item) const;

 private:
  Candidate& Find(ItemId item);

  std::vector<std::uint32_t> place_;  // by item slot: query number and index, see recipe.cc
  std::vector<std::uint32_t> epoch_;
  std::uint32_t now_ = 0;
  std::vector<Candidate> candidates_;
};

class Recipe {
 public:
  virtual ~Recipe() = default;

  // Names candidates and their features.
  virtual void Propose(const State& state, const Query& query, Candidates* out) const = 0;
  // Weighs a candidate's features; larger is better, and a candidate of score 0 or less is not
  // shown.
  [[nodiscard]] virtual double Score(const Candidates::Candidate& candidate) const = 0;
  // True when answers carry scores (they then sum to 1 over what was scored, as Personalize's do).
  [[nodiscard]] virtual bool ShowsScores() const = 0;
  // True when an answer that is short is filled up with what is popular.
  [[nodiscard]] virtual bool FillsUp() const { return true; }
};

}  // namespace freshet::core
