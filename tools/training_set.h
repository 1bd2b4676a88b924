// TrainingSet: who touched what and how strongly, numbered, as a factorisation is trained with it.
//
// Collected from the entries of a log by the rules that State learns by: a pair of user and item
// counts once, by its strongest event (a rating: by its latest); a visitor is a row of its own
// until the first event with both ids joins it to its user; what was deleted is gone. Plain data,
// one owner.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/factors/interactions.h"
#include "core/factors/objective.h"
#include "core/log_entry.h"
#include "core/settings.h"
#include "core/state.h"

namespace freshet::tools {

struct TrainingPair {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  float strength = 0;
  std::int64_t time_ms = 0;  // of the latest event
  // How many of the user's other pairs are newer, in the order of core::History.
  std::uint32_t newer = 0;
};

struct TrainingSet {
  std::vector<std::string> user_ids;  // empty: a visitor, who trains but has no id to be found by
  std::vector<std::string> item_ids;
  std::vector<TrainingPair> pairs;
  std::uint64_t events = 0;  // that the pairs were made of
  core::Positions through;   // of a log that has positions
};

class TrainingSetBuilder {
 public:
  // Explicit feedback takes the strength from the event's value; events without one are passed
  // over. Implicit feedback takes it by the rule of core/event_weight.h.
  TrainingSetBuilder(core::FeedbackKind feedback, core::EventWeights weights)
      : feedback_(feedback), weights_(std::move(weights)) {}

  void Add(const core::LogEntry& entry);
  [[nodiscard]] TrainingSet Take();

 private:
  struct Known {
    TrainingPair pair;
    std::uint64_t event = 0;  // the number of the first event of the pair's latest second
  };
  struct Row {
    std::string id;
    bool is_visitor = false;
    std::unordered_map<std::uint32_t, Known> pairs;  // by item
  };

  void AddEvent(const core::Event& event);
  [[nodiscard]] float StrengthOf(const core::Event& event) const;
  std::uint32_t UserOf(const core::Event& event);
  std::uint32_t RowOf(bool is_visitor, const std::string& id);
  void Record(Row* row, const Known& touch) const;
  // The pairs of the row, by item.
  [[nodiscard]] std::vector<TrainingPair> PairsOf(const Row& row) const;

  core::FeedbackKind feedback_;
  core::EventWeights weights_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, std::uint32_t> users_;
  std::unordered_map<std::string, std::uint32_t> visitors_;  // by session
  std::unordered_map<std::string, std::uint32_t> items_;
  std::vector<std::string> item_ids_;
  std::uint64_t events_ = 0;
};

// The histories that the state keeps, with the weights it has given.
TrainingSet TrainingSetOf(const core::State& state);

// Some pairs of the set as a factorisation takes them: a row for each of the set's users, a column
// for each of its items. Strengths are by `recency`, among a user's pairs in `pairs`.
core::Interactions InteractionsOf(const TrainingSet& set, std::span<const TrainingPair> pairs,
                                  const core::Recency& recency = {});

}  // namespace freshet::tools
