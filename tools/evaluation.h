// Evaluation: how well a campaign would have recommended, by the protocols of the literature, with
// the very code that the daemon learns and answers with.
//
// Every item of the catalogue is a candidate (full ranking, no sampled negatives). Nothing is
// random and nothing depends on the machine. One thread; one protocol an evaluation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/recipes/campaign.h"
#include "core/recipes/item_fold_in.h"
#include "core/recipes/learner.h"
#include "core/recipes/recommend.h"
#include "core/settings.h"
#include "core/state.h"
#include "tools/ranking_metrics.h"

namespace freshet::tools {

struct EvaluationResult {
  RankingMetrics metrics;
  std::vector<RankingMetrics> periods;  // of Continual, each of its periods but the first
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
    std::size_t count = 20;  // items in an answer
    // The generation served meanwhile, if any; newborn items are folded in every thousand entries.
    const core::ServedFactors* factors = nullptr;
    // Called by Prequential with the place in the log of each event that was asked about, and with
    // the ids of the answer, which are valid during the call.
    std::function<void(std::size_t, std::span<const std::string_view>)> on_answer = nullptr;
  };
  // Called now and then with the entries done.
  using Progress = std::function<void(std::uint64_t)>;
  using Log = std::span<const core::LogEntry>;

  Evaluation(const Options& options, Progress progress);

  // Learns `log` in order and, from its entry number `from` on, asks before each event that is not
  // its session's first and whose item is not the one the session is at: which items come next,
  // that one left out? (Gama, Sebastião, Rodrigues: "On evaluating stream learning algorithms",
  // Machine Learning 90, 2013, for the name.) It asks as a client of Personalize does, who names
  // the user alone; see core::AskForNextItem.
  void Prequential(Log log, std::size_t from);

  // The same questions, but from `from` on the entries are learned in batches, as by one who
  // retrains: whenever the clock of the events passes a multiple of `interval_ms`, those before;
  // without an interval none. The session's items so far are told with each question.
  void Retrained(Log log, std::size_t from, std::optional<std::int64_t> interval_ms);

  // Learns `log`, then learns no more, and for each event of each session of `test` but its first
  // asks what comes next, given the session's items so far. Sessions are told apart by sessionId,
  // then by userId. An item that `log` does not have cannot be recommended and counts as a miss;
  // among the items so far it is passed over.
  void NextClick(Log log, Log test);

  // Learns the first of `periods`; then asks each of the others as NextClick does, events of items
  // that were unknown when it began left out, before it is learned (Mi, Lin, Faltings: "ADER:
  // Adaptively Distilled Exemplar Replay Towards Continual Learning for Session-based
  // Recommendation", RecSys 2020). When `is_live` each event is learned as soon as it was asked
  // for.
  void Continual(std::span<const Log> periods, bool is_live);

  // Learns `log` but for the newest events of each user who has at least two, `share` of them and
  // one at least (share 0: leave one out), then asks for each user what comes: the distinct items
  // of those events. Visitors without a userId are told apart by sessionId.
  void HeldOut(Log log, double share);

  [[nodiscard]] EvaluationResult result() const;

 private:
  // The items of one session so far, as an evaluation that does not learn them keeps them.
  using SessionItems = std::map<std::string_view, std::vector<core::ItemId>>;

  void Learn(const core::LogEntry& entry);
  void FoldItemsIn();
  // The generation with what was folded in.
  [[nodiscard]] const core::ServedFactors* factors() const {
    return folded_ ? folded_.get() : options_.factors;
  }
  void Done();
  // Asks what comes after `items` in the event's session and notes where `next` stands.
  void AskTold(const core::Event& event, std::span<const core::ItemId> items, core::ItemId next);
  void AskPeriod(Log period, bool is_live);
  // Asks what comes after the event at `last_learned`; those at `asked` came.
  void AskHeldOut(Log log, std::span<const std::size_t> asked, std::size_t last_learned);
  // Asks and notes the answer.
  void Recommend(core::Query query);
  [[nodiscard]] core::Place PlaceOf(core::ItemId item) const;
  void NoteRecommended();
  void TellAnswer(std::size_t place_in_log);

  const Options options_;
  const Progress progress_;
  const core::Campaign campaign_;
  core::State state_;
  core::Learner learner_;
  core::ItemFoldIn item_fold_in_;
  std::unique_ptr<const core::ServedFactors> folded_;
  core::QueryScratch scratch_;
  RankingMetrics metrics_;
  std::vector<RankingMetrics> periods_;
  std::uint64_t learned_ = 0;
  std::uint64_t done_ = 0;
  std::vector<bool> recommended_;  // by item slot
  std::vector<std::string_view> answered_ids_;
};

}  // namespace freshet::tools
