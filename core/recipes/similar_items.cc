#include "core/recipes/similar_items.h"

#include <cstddef>

namespace freshet::core {
namespace {

constexpr double kPriorUsers = 5;
constexpr std::size_t kAlike = 500;

}  // namespace

void SimilarItems::Propose(const State& state, const Query& query, Workspace* room) const {
  Candidates& out = room->candidates;
  const ItemId item = state.catalog().Find(query.item);
  if (!item.valid()) return;
  if (by_factors_) {
    if (room->factors.TakeItem(state, query, item)) {
      room->factors.Propose(query, query.count + 1, false, &out);
      room->factors.Weigh(out.all());
    }
  } else if (const Cooccurrence* table = strength_.Table(state)) {
    strength_.ForEach(
        *table, item, [&](ItemId other) { out.Prefetch(other); },
        [&](ItemId other, double strength) {
          out.Add(other, Feature::kCooccurrence, static_cast<float>(strength));
        });
  }
  if (content_weight_ > 0) AddAlike(state, item, room);
}

void SimilarItems::AddAlike(const State& state, ItemId item, Workspace* room) const {
  room->content.Reset(state.content());
  room->content.Add(item, 1);
  if (room->content.empty()) return;
  const auto users = static_cast<double>(state.popularity().Users(item));
  const auto weight = static_cast<float>(content_weight_ * kPriorUsers / (kPriorUsers + users));
  state.content().ForEachAlike(item, kAlike, [&](ItemId other) {
    Candidate* candidate = room->candidates.FindOrAdd(other);
    if (candidate == nullptr || candidate->Value(Feature::kContent) > 0) return;
    candidate->Set(Feature::kContent, weight * room->content.Of(other));
  });
}

void SimilarItems::Score(const State& /*state*/, Workspace* room) const {
  for (Candidate& candidate : room->candidates.all()) {
    candidate.score = static_cast<double>(candidate.Value(Feature::kCooccurrence)) +
                      static_cast<double>(candidate.Value(Feature::kFactors)) +
                      static_cast<double>(candidate.Value(Feature::kContent));
  }
}

}  // namespace freshet::core
