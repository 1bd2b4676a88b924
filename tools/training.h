// Training: from a training set to a generation. Measures what it has made by time: it trains
// without the newest part, says how well that is foretold, then trains on with all there is.
//
// Owned by a command; one thread calls, workers compute. The same set and options give the same
// generation, bit for bit but for its time, on any number of workers, killed and resumed or not.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "core/factors/als.h"
#include "core/factors/generation.h"
#include "core/result.h"
#include "tools/rival.h"
#include "tools/training_set.h"
#include "tools/training_state.h"

namespace freshet::tools {

struct TrainingOptions {
  core::FeedbackKind feedback = core::FeedbackKind::kImplicit;
  std::size_t dimension = 64;
  std::size_t block = 0;
  std::size_t iterations = 12;
  std::uint64_t seed = 1;
  double lambda = 0.007;
  double exponent = 1;
  double alpha = 1;
  std::optional<double> background_weight;  // implicit; by the data when not given
  core::Recency recency{.weight = 8};       // implicit
  double held_out_share = 0.1;              // 0: trains once, with everything, and measures nothing
  std::uint64_t minimum_events = 1000;
  std::uint64_t minimum_users = 25;   // with at least two items
  std::uint64_t minimum_asked = 100;  // users by whom it is compared with a rival
  double tolerance = 0.05;            // see core::GenerationComparison
  std::chrono::milliseconds save_every{10'000};
};

struct TrainingProgress {
  std::size_t iterations = 0;  // done
  std::size_t of = 0;
  double loss = 0;
};

class Training {
 public:
  // Called after each iteration.
  using Show = std::function<void(const TrainingProgress&)>;

  // `set`, `rival` (which may be null), `workers` and `stop` outlive this. When `stop` is set, Run
  // ends as soon as workers let it, with kUnavailable.
  Training(const TrainingSet& set, const TrainingOptions& options, const Rival* rival,
           core::Workers* workers, const std::atomic<bool>* stop);

  // kTooLittle with the reason when there is too little to learn from, or too little that the
  // rival has not seen to compare the two by. Saves how far it is in
  // `state_folder` and goes on from there; whoever has made the result durable removes the folder.
  core::Result<core::Generation> Run(const std::string& state_folder, const Show& show);

 private:
  [[nodiscard]] core::Status CheckEnough() const;
  [[nodiscard]] bool HasRecency() const {
    return options_.feedback == core::FeedbackKind::kImplicit && options_.recency.weight > 0;
  }
  [[nodiscard]] core::AlsOptions AlsOptionsFor(const core::Interactions& pairs) const;
  [[nodiscard]] std::uint64_t Fingerprint() const;
  // How well the rival foretells what was held out; empty without one.
  core::Result<std::map<std::string, double>> MeasureRival(const TimeSplit& split);
  // Iterates until `end` of all iterations are done, saving now and then, `metrics` too.
  core::Status Iterate(core::Als* als, std::size_t end, const TrainingState& state,
                       const std::map<std::string, double>& metrics, const Show& show);
  // Goes on from `reached`, if it is anything, which is then empty; its metrics.
  std::map<std::string, double> GoOn(core::Als* als, std::optional<TrainingState::Saved>* reached);
  [[nodiscard]] std::map<std::string, double> Measure(const TimeSplit& split,
                                                      const core::Interactions& train,
                                                      const core::Als& als) const;
  [[nodiscard]] core::Generation Assemble(const core::Interactions& pairs, core::Als* als) const;
  // The vectors of users by recency.
  [[nodiscard]] core::FactorMatrix RecentUsers(std::span<const TrainingPair> pairs,
                                               const core::Als& als) const;

  const TrainingSet& set_;
  const TrainingOptions options_;
  const Rival* rival_;
  core::Workers* workers_;
  const std::atomic<bool>* stop_;
  std::size_t all_iterations_ = 0;
  std::size_t done_ = 0;
};

}  // namespace freshet::tools
