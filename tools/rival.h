// Rival: the generation that is served while another is trained to take its place, measured on what
// it has not seen.
//
// Owned by a command; immutable once read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/factors/generation.h"
#include "core/factors/workers.h"
#include "core/result.h"
#include "tools/hold_out.h"
#include "tools/trained_pairs.h"
#include "tools/training_set.h"

namespace freshet::tools {

class Rival {
 public:
  // Of those of MeasureRanking the one that is compared. Longer answers tell generations apart with
  // fewer users.
  static constexpr std::string_view kMetric = "normalized_discounted_cumulative_gain_at_25";

  // The generation in the folder. An error of storage::ReadGeneration, or kInvalidArgument when a
  // daemon cannot serve it.
  static core::Result<Rival> Read(std::string folder);

  // The folder's own name.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const core::GenerationManifest& manifest() const { return generation_.manifest; }

  // Gives back to training what was held out of pairs that it was trained with, however new their
  // latest event, and of visitors, of whom that is not known: then neither generation was trained
  // with what is held out.
  void KeepUnseen(const TrainingSet& set, TimeSplit* split) const;

  // What MeasureRanking says of it. Users are folded in from the train part as a daemon would; an
  // item that the generation does not know has a zero vector, as one without a pair has in
  // training. REQUIRES: the split is one of `set`, and strengths are above 0.
  [[nodiscard]] std::map<std::string, double> Measure(const TrainingSet& set,
                                                      const TimeSplit& split,
                                                      core::Workers* workers) const;

 private:
  Rival(std::string name, core::Generation generation, TrainedPairs trained)
      : name_(std::move(name)), generation_(std::move(generation)), trained_(std::move(trained)) {}

  std::string name_;
  core::Generation generation_;
  TrainedPairs trained_;
};

}  // namespace freshet::tools
