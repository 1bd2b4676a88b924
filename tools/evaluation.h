// Evaluation: how well a campaign would have recommended, by the protocols of the literature, with
// the very code that the daemon learns and answers with.
//
// Every item of the catalogue is a candidate (full ranking, no sampled negatives). Nothing is
// random and nothing depends on the machine. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/log_entry.h"
#include "core/recipes/campaign.h"
#include "core/recipes/learner.h"
#include "core/recipes/next_item.h"
#include "core/recipes/recommend.h"
#include "core/settings.h"
#include "core/state.h"

namespace freshet::tools {

// Where the item that came next stood in the answers.
struct NextItemRanks {
  std::uint64_t asked = 0;
  std::uint64_t hits = 0;  // it was in the answer
  double reciprocal_sum = 0;

  void Add(core::Place place);

  // HR@n, which for one next item is also recall@n and, in some papers, P@n.
  [[nodiscard]] double HitRate() const;
  // MRR@n: a miss counts 0.
  [[nodiscard]] double MeanReciprocalRank() const;
};

struct EvaluationResult {
  NextItemRanks ranks;
  std::uint64_t learned = 0;            // entries
  std::uint64_t recommended_items = 0;  // distinct, over all answers
  std::uint64_t items = 0;              // in the catalogue at the end
  core::Blend blend;                    // what the campaign has learned at the end
};

class Evaluation {
 public:
  struct Options {
    core::Settings learning;
    core::CampaignSettings campaign;
    std::size_t count = 20;  // n of HR@n and MRR@n
  };
  // Called now and then with the entries done.
  using Progress = std::function<void(std::uint64_t)>;

  explicit Evaluation(const Options& options);

  // Learns `log` in order and, from its entry number `from` on, asks before each event that is not
  // its session's first and whose item is not the one the session is at: which `count` items come
  // next, that one left out? (Gama, Sebastião, Rodrigues: "On evaluating stream learning
  // algorithms", Machine Learning 90, 2013, for the name.) Events without a sessionId belong to the
  // session that their user has open.
  void Prequential(std::span<const core::LogEntry> log, std::size_t from, const Progress& progress);

  // Learns `log`, then learns no more, and for each event of each session of `test` but its first
  // asks what comes next, given the session's items so far. Sessions are told apart by sessionId,
  // then by userId. An item that `log` does not have cannot be recommended and counts as a miss;
  // among the items so far it is passed over.
  void NextClick(std::span<const core::LogEntry> log, std::span<const core::LogEntry> test,
                 const Progress& progress);

  [[nodiscard]] EvaluationResult result() const;

 private:
  void Learn(const core::LogEntry& entry);
  void AskBefore(const core::Event& event);
  // Asks and notes where `next` stands in the answer.
  void Ask(const core::Query& query, core::ItemId next);
  void NoteRecommended();

  const Options options_;
  const core::Campaign campaign_;
  core::State state_;
  core::Learner learner_;
  core::QueryScratch scratch_;
  NextItemRanks ranks_;
  std::uint64_t learned_ = 0;
  std::vector<bool> recommended_;  // by item slot
};

}  // namespace freshet::tools
