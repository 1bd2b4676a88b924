#include "tools/training.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>
#include <vector>

#include "core/factors/gramian.h"
#include "tools/hold_out.h"
#include "tools/progress_bar.h"

namespace freshet::tools {
namespace {

using Clock = std::chrono::steady_clock;

std::string Few(std::uint64_t count, const std::string& what, std::uint64_t needed,
                const std::string& flag) {
  return "too little to train with: " + WithThousands(count) + " " + what + ", " +
         WithThousands(needed) + " are needed; " + flag + " overrides";
}

core::Error TooLittle(std::string message) {
  return {core::ErrorCode::kTooLittle, std::move(message)};
}

// Before this nothing may be held out: the rival was trained with it.
std::int64_t KnownUntil(const Rival* rival) {
  return rival == nullptr ? 0 : rival->manifest().trained_until_ms;
}

// Of iALS. What decides is how much all pairs that were not observed weigh together beside those
// that were: in a catalogue that few of its visitors have seen much of, a weight that does well in
// a dense one lets every factor shrink to nothing. docs/quality.md has what both numbers were
// chosen by.
double DefaultBackgroundWeight(const core::Interactions& pairs) {
  constexpr double kBackgroundOfObserved = 20;
  constexpr double kGreatest = 0.3;
  const double all = static_cast<double>(pairs.rows()) * static_cast<double>(pairs.columns());
  return std::min(kGreatest, kBackgroundOfObserved * static_cast<double>(pairs.size()) / all);
}

core::Error Interrupted() {
  return core::Unavailable("interrupted; the same command goes on where it was");
}

}  // namespace

Training::Training(const TrainingSet& set, const TrainingOptions& options, const Rival* rival,
                   core::Workers* workers, const std::atomic<bool>* stop)
    : set_(set), options_(options), rival_(rival), workers_(workers), stop_(stop) {}

core::Status Training::CheckEnough() const {
  std::vector<std::size_t> counts(set_.user_ids.size(), 0);
  for (const TrainingPair& pair : set_.pairs) ++counts[pair.user];
  const auto users = static_cast<std::uint64_t>(
      std::ranges::count_if(counts, [](std::size_t count) { return count >= 2; }));
  if (set_.events < options_.minimum_events) {
    return TooLittle(
        Few(set_.events, "interactions", options_.minimum_events, "--minimum-interactions"));
  }
  if (users < options_.minimum_users) {
    return TooLittle(
        Few(users, "users with two items or more", options_.minimum_users, "--minimum-users"));
  }
  if (set_.pairs.empty()) return TooLittle("there is nothing to train with");
  if (options_.feedback == core::FeedbackKind::kExplicit) return {};
  const auto bad = std::ranges::find_if(
      set_.pairs, [](const TrainingPair& pair) { return !(pair.strength > 0); });
  if (bad == set_.pairs.end()) return {};
  return core::InvalidArgument("item " + set_.item_ids[bad->item] +
                               " has an interaction that does not count more than 0");
}

core::AlsOptions Training::AlsOptionsFor(const core::Interactions& pairs) const {
  core::AlsOptions als;
  als.dimension = options_.dimension;
  als.block = options_.block;
  als.seed = options_.seed;
  core::Objective& objective = als.objective;
  objective.feedback = options_.feedback;
  const core::Regularization regularization{options_.lambda, options_.exponent, 0};
  objective.user_regularization = objective.item_regularization = regularization;
  // Ratings are foretold as they are, not as distances from their mean: regularisation then pulls a
  // little-known user or item down, which on MovieLens-1M is worth 0.01 of RMSE.
  if (options_.feedback == core::FeedbackKind::kExplicit) return als;
  objective.recency = options_.recency;
  objective.alpha = options_.alpha;
  const double background = options_.background_weight.value_or(DefaultBackgroundWeight(pairs));
  objective.background_weight = background;
  objective.user_regularization.offset = background * static_cast<double>(pairs.columns());
  objective.item_regularization.offset = background * static_cast<double>(pairs.rows());
  return als;
}

// FNV-1a over all that decides the result.
std::uint64_t Training::Fingerprint() const {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::uint64_t word) {
    for (int shift = 0; shift < 64; shift += 8)
      hash = (hash ^ (word >> shift & 0xff)) * 0x100000001b3;
  };
  add(static_cast<std::uint64_t>(KnownUntil(rival_)));
  for (const double number :
       {options_.lambda, options_.exponent, options_.alpha, options_.background_weight.value_or(0),
        options_.held_out_share, options_.recency.weight, options_.recency.half_life_items}) {
    add(std::bit_cast<std::uint64_t>(number));
  }
  add(static_cast<std::uint64_t>(options_.feedback));
  for (const std::uint64_t number :
       {std::uint64_t{options_.dimension}, std::uint64_t{options_.block},
        std::uint64_t{options_.iterations}, options_.seed}) {
    add(number);
  }
  for (const TrainingPair& pair : set_.pairs) {
    add(std::uint64_t{pair.user} << 32 | pair.item);
    add(std::bit_cast<std::uint32_t>(pair.strength));
    add(static_cast<std::uint64_t>(pair.time_ms));
    add(pair.newer);
  }
  return hash;
}

core::Status Training::Iterate(core::Als* als, std::size_t end, const TrainingState& state,
                               const std::map<std::string, double>& metrics, const Show& show) {
  auto saved = Clock::now();
  while (done_ < end) {
    als->Step();
    if (*stop_) return Interrupted();
    ++done_;
    show({done_, all_iterations_, als->Loss()});
    if (done_ < end && Clock::now() - saved >= options_.save_every) {
      FRESHET_RETURN_IF_ERROR(state.Save(done_, metrics, als->users(), als->items()));
      saved = Clock::now();
    }
  }
  als->SolveUsers();
  return *stop_ ? core::Status(Interrupted()) : core::Status();
}

core::FactorMatrix Training::RecentUsers(std::span<const TrainingPair> pairs,
                                         const core::Als& als) const {
  return als.SolvedUsers(InteractionsOf(set_, pairs, options_.recency));
}

std::map<std::string, double> Training::Measure(const TimeSplit& split,
                                                const core::Interactions& train,
                                                const core::Als& als) const {
  const core::Interactions held_out = InteractionsOf(set_, split.held_out);
  if (options_.feedback == core::FeedbackKind::kExplicit) {
    return MeasureRatings(train, held_out, als.users(), als.items());
  }
  if (!HasRecency()) return MeasureRanking(train, held_out, als.users(), als.items(), workers_);
  return MeasureRanking(train, held_out, RecentUsers(split.train, als), als.items(), workers_);
}

core::Result<std::map<std::string, double>> Training::MeasureRival(const TimeSplit& split) {
  std::map<std::string, double> metrics;
  if (rival_ == nullptr) return metrics;
  metrics = rival_->Measure(set_, split, workers_);
  const auto asked =
      metrics.contains("users_asked") ? static_cast<std::uint64_t>(metrics.at("users_asked")) : 0;
  if (asked >= options_.minimum_asked) return metrics;
  return TooLittle(
      Few(asked, "known users have done anything new since " + rival_->name() + " was trained",
          options_.minimum_asked, "--minimum-asked"));
}

core::Generation Training::Assemble(const core::Interactions& pairs, core::Als* als) const {
  core::Generation generation;
  core::GenerationManifest& manifest = generation.manifest;
  const bool is_explicit = options_.feedback == core::FeedbackKind::kExplicit;
  manifest.algorithm = is_explicit ? "explicit-als" : "ials";
  manifest.objective = AlsOptionsFor(pairs).objective;
  manifest.trained_through = set_.through;
  for (const TrainingPair& pair : set_.pairs) {
    manifest.trained_until_ms = std::max(manifest.trained_until_ms, pair.time_ms);
  }
  manifest.interactions = pairs.size();
  generation.item_ids = set_.item_ids;
  const auto visitors =
      std::ranges::count_if(set_.user_ids, [](const std::string& id) { return id.empty(); });
  if (visitors > 0 || HasRecency()) {
    generation.user_gramian = core::Gramian(als->users(), workers_).Matrix();
  }
  const core::FactorMatrix users = HasRecency() ? RecentUsers(set_.pairs, *als) : als->TakeUsers();
  generation.items = als->TakeItems();
  generation.users =
      core::FactorMatrix(users.rows() - static_cast<std::size_t>(visitors), users.dimension());
  for (std::size_t row = 0; row < users.rows(); ++row) {
    if (set_.user_ids[row].empty()) continue;
    std::ranges::copy(users.Row(row), generation.users.Row(generation.user_ids.size()).begin());
    generation.user_ids.push_back(set_.user_ids[row]);
  }
  return generation;
}

core::Result<core::Generation> Training::Run(const std::string& state_folder, const Show& show) {
  FRESHET_RETURN_IF_ERROR(CheckEnough());
  const TrainingState state(state_folder, Fingerprint());
  auto reached = state.Load();
  TimeSplit split = SplitByTime(set_, options_.held_out_share, KnownUntil(rival_));
  if (rival_ != nullptr) rival_->KeepUnseen(set_, &split);
  const auto rivals = MeasureRival(split);
  if (!rivals) return rivals.error();
  // On with all there is: vectors that are nearly right already need fewer iterations.
  const std::size_t measured = split.held_out.empty() ? 0 : options_.iterations;
  all_iterations_ = measured + (measured > 0 ? (measured + 1) / 2 : options_.iterations);

  if (measured > 0 && (!reached || reached->iterations < measured)) {
    const core::Interactions train = InteractionsOf(set_, split.train);
    core::Als als(train, AlsOptionsFor(train), workers_);
    GoOn(&als, &reached);
    FRESHET_RETURN_IF_ERROR(Iterate(&als, measured, state, {}, show));
    auto metrics = Measure(split, train, als);
    reached = {measured, std::move(metrics), als.TakeUsers(), als.TakeItems()};
  }
  const core::Interactions all = InteractionsOf(set_, set_.pairs);
  core::Als als(all, AlsOptionsFor(all), workers_);
  const std::map<std::string, double> metrics = GoOn(&als, &reached);
  FRESHET_RETURN_IF_ERROR(Iterate(&als, all_iterations_, state, metrics, show));
  core::Generation generation = Assemble(all, &als);
  generation.manifest.metrics = metrics;
  if (rival_ != nullptr) {
    generation.manifest.comparison = {rival_->name(), std::string(Rival::kMetric),
                                      metrics.at(std::string(Rival::kMetric)),
                                      rivals->at(std::string(Rival::kMetric)), options_.tolerance};
  }
  return generation;
}

std::map<std::string, double> Training::GoOn(core::Als* als,
                                             std::optional<TrainingState::Saved>* reached) {
  if (!*reached) return {};
  TrainingState::Saved from = *std::exchange(*reached, std::nullopt);
  done_ = from.iterations;
  als->Resume(std::move(from.users), std::move(from.items));
  return std::move(from.metrics);
}

}  // namespace freshet::tools
