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
};
constexpr std::array<Source, 6> kSources = {{
    {Feature::kSession, BlendInput::kSession, BlendInput::kSessionRoot},
    {Feature::kSessionAny, BlendInput::kSessionAny, {}},
    {Feature::kSuccession, BlendInput::kSuccession, BlendInput::kSuccessionRoot},
    {Feature::kSuccessionRecent, BlendInput::kSuccessionRecent, {}},
    {Feature::kCooccurrence, BlendInput::kCooccurrence, BlendInput::kCooccurrenceRoot},
    {Feature::kCooccurrenceNewest, BlendInput::kCooccurrenceNewest, {}},
}};

}  // namespace

void BlendInputs::Compute(std::span<const Candidate> candidates, std::span<const ItemId> recent) {
  size_ = static_cast<Eigen::Index>(candidates.size());
  if (size_ > inputs_.rows()) {
    inputs_.resize(size_ + size_ / 2, kInputs);
    scores_.resize(inputs_.rows());
  }
  const auto fill = [&](BlendInput input, const auto& value) {
    Column column = Of(input);
    for (Eigen::Index i = 0; i < size_; ++i)
      column[i] = value(candidates[static_cast<std::size_t>(i)]);
  };
  for (const Source& source : kSources) {
    fill(source.share, [&](const Candidate& one) { return one.Value(source.feature); });
    Column share = Of(source.share);
    const float greatest = size_ == 0 ? 0 : share.maxCoeff();
    if (greatest > 0) share /= greatest;
    if (source.root) Of(*source.root) = share.sqrt();
    if (greatest > 0) {
      share = (share + kLeastShare).log();
    }
  }
  fill(BlendInput::kDemand, [](const Candidate& one) { return one.Value(Feature::kLogDemand); });
  fill(BlendInput::kUsers, [](const Candidate& one) { return 1 + one.Value(Feature::kUsers); });
  fill(BlendInput::kIdle, [](const Candidate& one) { return 1 + one.Value(Feature::kIdle); });
  fill(BlendInput::kTouchedAgain,
       [](const Candidate& one) { return std::max(one.Value(Feature::kTouched), 1.0F); });
  for (const BlendInput input :
       {BlendInput::kUsers, BlendInput::kIdle, BlendInput::kTouchedAgain}) {
    Of(input) = Of(input).log();
  }
  const ItemId current = recent.empty() ? ItemId{} : recent[0];
  const ItemId previous = recent.size() < 2 ? ItemId{} : recent[1];
  const auto flag = [](bool set) { return set ? 1.0F : 0.0F; };
  fill(BlendInput::kCurrent, [&](const Candidate& one) { return flag(one.item == current); });
  fill(BlendInput::kPrevious, [&](const Candidate& one) { return flag(one.item == previous); });
  fill(BlendInput::kTouched,
       [&](const Candidate& one) { return flag(one.Value(Feature::kTouched) > 0); });
  fill(BlendInput::kKnown, [](const Candidate& one) { return one.Value(Feature::kKnown); });
  Of(BlendInput::kTouchedSession) = Of(BlendInput::kTouched) * Of(BlendInput::kSession);
  const float is_first = flag(recent.size() == 1);
  Of(BlendInput::kFirstSession) = is_first * Of(BlendInput::kSession);
  Of(BlendInput::kFirstSuccession) = is_first * Of(BlendInput::kSuccession);
}

void BlendInputs::Score(const BlendVector& weights, std::span<Candidate> candidates) {
  if (size_ == 0) return;
  auto scores = scores_.head(size_);
  scores.setZero();
  for (Eigen::Index i = 0; i < kInputs; ++i) {
    scores += weights[static_cast<std::size_t>(i)] * inputs_.col(i).head(size_);
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
