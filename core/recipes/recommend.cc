#include "core/recipes/recommend.h"

#include <algorithm>
#include <string>

#include "core/in_category.h"

namespace freshet::core {

namespace {

// Slots looked at when the popular lists cannot fill an answer.
constexpr std::uint32_t kWalkedSlots = 10'000;

// What may be in the answer to one query.
class Eligibility {
 public:
  Eligibility(const State& state, CategoryId category)
      : catalog_(state.catalog()), category_(category) {}

  [[nodiscard]] bool InCategory(ItemId item) const {
    return IsInCategory(catalog_, item, category_);
  }
  [[nodiscard]] bool IsLive(ItemId item) const { return catalog_.IsLive(item); }

 private:
  const Catalog& catalog_;
  CategoryId category_;
};

AnswerItem FromCandidate(const Candidate& candidate) {
  AnswerItem item;
  item.item = candidate.item;
  item.because = candidate.Because();
  item.features = candidate.features;
  return item;
}

// Chooses the best of the candidates and excludes them from what may fill up.
void Choose(const Recipe& recipe, const Eligibility& eligible, std::size_t count,
            QueryScratch* scratch) {
  double total = 0;
  scratch->best.Reset(count);
  for (const Candidate& candidate : scratch->room.candidates.all()) {
    if (!(candidate.score > 0) || !eligible.InCategory(candidate.item)) continue;
    total += candidate.score;
    // Asked last: it is a cache miss an item, and few candidates come this far.
    if (scratch->best.Wants(candidate) && eligible.IsLive(candidate.item)) {
      scratch->best.Offer(candidate);
    }
  }
  for (const auto& [score, candidate] : scratch->best.Take()) {
    AnswerItem& item = scratch->answer.emplace_back(FromCandidate(*candidate));
    item.has_score = recipe.ShowsScores();
    item.score = item.has_score ? score / total : score;
  }
  for (const AnswerItem& item : scratch->answer) scratch->room.candidates.Exclude(item.item);
}

void FillUp(const State& state, CategoryId category, const Query& query, QueryScratch* scratch) {
  const std::size_t count = query.count;
  const Popularity& popularity = state.popularity();
  const Eligibility eligible(state, category);
  const auto add = [&](ItemId item) {
    if (scratch->room.candidates.IsExcluded(item)) return;
    if (!eligible.IsLive(item) || !eligible.InCategory(item)) return;
    scratch->room.candidates.Exclude(item);
    AnswerItem& added = scratch->answer.emplace_back();
    added.item = item;
    added.reason = Reason::kPopular;
    added.features[static_cast<std::size_t>(Feature::kPopularity)] =
        static_cast<float>(popularity.Demand(item, state.clock_ms()));
  };
  const auto add_list = [&](const auto& list) {
    for (std::size_t i = 0; i < list.size() && scratch->answer.size() < count; ++i) {
      add(list[i].item);
    }
  };

  add_list(scratch->audience_demand.Rank(state, state.FindUser(query.visitor), query.context));
  add_list(popularity.Popular(category));
  if (category != kNoCategory) add_list(popularity.Popular());
  const std::uint32_t slots = state.catalog().slot_count();
  const std::uint32_t last = slots - std::min(slots, kWalkedSlots);
  for (std::uint32_t slot = slots; slot > last && scratch->answer.size() < count; --slot) {
    add(ItemId{slot - 1});
  }
}

// Takes repeated items out of the answer.
void LeaveOneEach(const State& state, QueryScratch* scratch) {
  Candidates& met = scratch->room.candidates;
  met.Reset(state.catalog().slot_count());
  std::erase_if(scratch->answer, [&](const AnswerItem& item) {
    const bool repeated = met.IsExcluded(item.item);
    met.Exclude(item.item);
    return repeated;
  });
}

void AppendUnknown(std::span<const std::string> ids, QueryScratch* scratch) {
  auto& unknown = scratch->unknown_ids;
  std::sort(unknown.begin(), unknown.end());
  const auto same_id = [](const auto& a, const auto& b) { return a.first == b.first; };
  unknown.erase(std::unique(unknown.begin(), unknown.end(), same_id), unknown.end());
  std::sort(unknown.begin(), unknown.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [id, place] : unknown) {
    scratch->answer.emplace_back().unknown = ids[place];
  }
}

}  // namespace

void Recommend(const State& state, const Recipe& recipe, const Query& query,
               QueryScratch* scratch) {
  scratch->answer.clear();
  CategoryId category = kNoCategory;
  if (!query.category.empty()) {
    category = state.catalog().FindCategory(query.category);
    if (category == kNoCategory) return;
  }
  if (query.count == 0) return;

  const std::uint32_t slots = state.catalog().slot_count();
  const ItemId asked = query.item.empty() ? ItemId{} : state.catalog().Find(query.item);
  const auto reset = [&] {
    scratch->room.candidates.Reset(slots);
    if (asked.valid()) scratch->room.candidates.Exclude(asked);
  };

  reset();
  recipe.Propose(state, query, &scratch->room);
  recipe.Score(state, &scratch->room);
  Choose(recipe, Eligibility(state, category), query.count, scratch);
  if (scratch->answer.size() < query.count) FillUp(state, category, query, scratch);
  if (scratch->answer.empty()) {
    reset();
    FillUp(state, category, query, scratch);
  }
  if (const Exploration* exploration = recipe.exploration()) {
    Explore(state, *exploration, query, category, &scratch->room, &scratch->exploration,
            &scratch->answer);
  }
}

void Rank(const State& state, const Recipe& recipe, const Query& query, QueryScratch* scratch) {
  scratch->answer.clear();
  scratch->unknown_ids.clear();
  Candidates& candidates = scratch->room.candidates;
  candidates.Reset(state.catalog().slot_count());
  recipe.Propose(state, query, &scratch->room);
  recipe.Score(state, &scratch->room);

  for (std::uint32_t i = 0; i < query.rank.size(); ++i) {
    const ItemId item = state.catalog().Find(query.rank[i]);
    if (!item.valid()) {
      scratch->unknown_ids.emplace_back(query.rank[i], i);
      continue;
    }
    const Candidate* candidate = candidates.Find(item);
    AnswerItem& known = scratch->answer.emplace_back();
    if (candidate != nullptr) known = FromCandidate(*candidate);
    known.item = item;
    known.has_score = true;
    known.score = candidate == nullptr ? 0 : std::max(candidate->score, 0.0);
  }
  LeaveOneEach(state, scratch);
  double total = 0;
  for (const AnswerItem& known : scratch->answer) total += known.score;
  std::sort(scratch->answer.begin(), scratch->answer.end(),
            [](const AnswerItem& a, const AnswerItem& b) {
              return a.score != b.score ? a.score > b.score : a.item < b.item;
            });
  for (AnswerItem& known : scratch->answer) known.score = total > 0 ? known.score / total : 0;
  AppendUnknown(query.rank, scratch);
}

}  // namespace freshet::core
