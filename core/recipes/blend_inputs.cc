#include "core/recipes/blend_inputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace freshet::core {
namespace {

constexpr float kLeastShare = 1e-3F;
constexpr Eigen::Index kInputs = static_cast<Eigen::Index>(kBlendInputCount);

struct Source {
  Feature feature;
  BlendInput share;
  std::optional<BlendInput> root;
  // It has counted the present session's own pairs, by which all that this touched looks alike. (So
  // have the successions, but what followed what in the present session does foretell.)
  bool has_own;
};
constexpr std::array<Source, 8> kSources = {{
    {Feature::kSession, BlendInput::kSession, BlendInput::kSessionRoot, false},
    {Feature::kSessionAny, BlendInput::kSessionAny, {}, false},
    {Feature::kSuccession, BlendInput::kSuccession, BlendInput::kSuccessionRoot, false},
    {Feature::kSuccessionRecent, BlendInput::kSuccessionRecent, {}, false},
    {Feature::kCooccurrence, BlendInput::kCooccurrence, BlendInput::kCooccurrenceRoot, true},
    {Feature::kCooccurrenceNewest, BlendInput::kCooccurrenceNewest, {}, true},
    {Feature::kOwnSession, BlendInput::kOwnSession, {}, false},
    {Feature::kSessionFresh, BlendInput::kSessionFresh, {}, false},
}};

}  // namespace

void BlendInputs::Compute(std::span<const Candidate> candidates, std::span<const ItemId> recent) {
  size_ = static_cast<Eigen::Index>(candidates.size());
  if (size_ == 0) return;  // there may be no columns yet
  if (size_ > inputs_.rows()) {
    // Columns start on whole cache lines, whatever was weighed before: which elements go through
    // vector instructions, and so their last bits, depends on where a column starts.
    constexpr Eigen::Index kFloatsALine = 16;
    const Eigen::Index lines = (size_ + size_ / 2) / kFloatsALine + 1;
    inputs_.resize(lines * kFloatsALine, kInputs);
    scores_.resize(inputs_.rows());
  }
  FillColumns(candidates, recent);
  for (const Source& source : kSources) {
    Column share = Of(source.share);
    const float greatest = share.maxCoeff();
    if (greatest > 0) share /= greatest;
    if (source.root) Of(*source.root) = share.sqrt();
    if (greatest <= 0) continue;
    share = (share + kLeastShare).log();
    if (source.has_own) share *= 1 - Of(BlendInput::kTouched);
  }
  Of(BlendInput::kColdContent) = Of(BlendInput::kContent) / Of(BlendInput::kUsers);
  Of(BlendInput::kUsers) = Of(BlendInput::kUsers).log();
  Of(BlendInput::kIdle) = Of(BlendInput::kIdle).log();
  Of(BlendInput::kTouchedSession) = Of(BlendInput::kTouched) * Of(BlendInput::kSession);
  // The current item is one of them, also where it may not be recommended.
  const float log_touched =
      std::log1p((Of(BlendInput::kTouched) * (1 - Of(BlendInput::kCurrent))).sum());
  Of(BlendInput::kTouchedLong) = log_touched * Of(BlendInput::kTouched);
  Of(BlendInput::kDemandLong) = log_touched * Of(BlendInput::kDemand);
  const float is_first = recent.size() == 1 ? 1.0F : 0.0F;
  Of(BlendInput::kFirstSession) = is_first * Of(BlendInput::kSession);
  Of(BlendInput::kFirstSuccession) = is_first * Of(BlendInput::kSuccession);
}

// One walk over the candidates for all columns: they are larger than the nearest cache.
void BlendInputs::FillColumns(std::span<const Candidate> candidates,
                              std::span<const ItemId> recent) {
  const auto at = [this](BlendInput input) { return Of(input).data(); };
  std::array<float*, kSources.size()> shares;
  for (std::size_t s = 0; s < kSources.size(); ++s) shares[s] = at(kSources[s].share);
  float* const demand = at(BlendInput::kDemand);
  float* const users = at(BlendInput::kUsers);
  float* const idle = at(BlendInput::kIdle);
  float* const current = at(BlendInput::kCurrent);
  float* const previous = at(BlendInput::kPrevious);
  float* const touched = at(BlendInput::kTouched);
  float* const touched_again = at(BlendInput::kTouchedAgain);
  float* const known = at(BlendInput::kKnown);
  float* const known_ago = at(BlendInput::kKnownAgo);
  float* const numbered_near = at(BlendInput::kNumberedNear);
  float* const content = at(BlendInput::kContent);
  // Few candidates were touched before.
  for (float* const flags : {current, previous, touched, touched_again, known, known_ago}) {
    std::fill_n(flags, size_, 0.0F);
  }
  const ItemId newest = recent.empty() ? ItemId{} : recent[0];
  const ItemId second = recent.size() < 2 ? ItemId{} : recent[1];
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    const float times = one.Value(Feature::kTouched);
    for (std::size_t s = 0; s < kSources.size(); ++s) {
      shares[s][i] = times > 0 && kSources[s].has_own ? 0 : one.Value(kSources[s].feature);
    }
    demand[i] = one.Value(Feature::kLogDemand);
    users[i] = 1 + one.Value(Feature::kUsers);
    idle[i] = 1 + one.Value(Feature::kIdle);
    if (one.Value(Feature::kKnown) > 0) {
      known[i] = 1;
      known_ago[i] = std::log(one.Value(Feature::kKnownAgo));
    }
    numbered_near[i] = one.Value(Feature::kNumberedNear);
    content[i] = one.Value(Feature::kContent);
    if (one.item == newest) current[i] = 1;
    if (one.item == second) previous[i] = 1;
    if (times == 0) continue;
    touched[i] = 1;
    touched_again[i] = std::log(times);
  }
}

void BlendInputs::Score(const BlendVector& weights, double factors_weight,
                        std::span<Candidate> candidates) {
  if (size_ == 0) return;
  auto scores = scores_.head(size_);
  scores.setZero();
  for (Eigen::Index i = 0; i < kInputs; ++i) {
    scores += weights[static_cast<std::size_t>(i)] * inputs_.col(i).head(size_);
  }
  if (factors_weight > 0) {
    for (Eigen::Index i = 0; i < size_; ++i) {
      scores[i] +=
          static_cast<float>(factors_weight) * FactorsTerm(candidates[static_cast<std::size_t>(i)]);
    }
  }
  scores = (scores - scores.maxCoeff()).exp();
  for (Eigen::Index i = 0; i < size_; ++i) {
    candidates[static_cast<std::size_t>(i)].score = static_cast<double>(scores[i]);
  }
}

BlendVector BlendInputs::Gradient(std::size_t chosen) const {
  double total = 0;
  for (Eigen::Index i = 0; i < size_; ++i) total += static_cast<double>(scores_[i]);
  BlendVector gradient;
  for (Eigen::Index input = 0; input < kInputs; ++input) {
    double mean = 0;
    for (Eigen::Index i = 0; i < size_; ++i) {
      mean += static_cast<double>(scores_[i]) * static_cast<double>(inputs_(i, input));
    }
    const auto own = static_cast<double>(inputs_(static_cast<Eigen::Index>(chosen), input));
    gradient[static_cast<std::size_t>(input)] = static_cast<float>(own - mean / total);
  }
  return gradient;
}

}  // namespace freshet::core
