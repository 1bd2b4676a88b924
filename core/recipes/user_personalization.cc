#include "core/recipes/user_personalization.h"

#include <algorithm>
#include <cmath>

#include "core/recipes/leave_out.h"
#include "core/recipes/recent_items.h"
#include "core/recipes/session_votes.h"

namespace freshet::core {
namespace {

constexpr std::size_t kSuccessionItems = 5;  // of the recent ones, whose followers count
constexpr double kSuccessionDecay = 3.0;
// Added to the total of a row, so that what was seen once is no certainty.
constexpr double kSuccessionPrior = 5.0 * Successions::kCountByDistance[0];
constexpr std::size_t kHistoryItems = 50;  // of the history, newest first, that are candidates
constexpr std::size_t kPrefetchAhead = 8;
constexpr float kLowestLogDemand = -10;

void AddSuccessions(const State& state, std::span<const ItemId> recent, Candidates* out) {
  const std::size_t count = std::min(recent.size(), kSuccessionItems);
  for (std::size_t rank = 0; rank < count; ++rank) state.successions().Prefetch(recent[rank]);
  for (std::size_t rank = 0; rank < count; ++rank) {
    const Successions::Followers row = state.successions().Of(recent[rank]);
    const double weight = std::exp(-static_cast<double>(rank) / kSuccessionDecay) /
                          (static_cast<double>(row.total) + kSuccessionPrior);
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      Candidate* candidate = out->FindOrAdd(ItemId{row.items[i]});
      if (candidate == nullptr) continue;
      const auto share =
          static_cast<float>(weight * static_cast<double>(row.counts[i] - row.errors[i]));
      if (rank == 0) candidate->Add(Feature::kSuccession, share);
      candidate->Add(Feature::kSuccessionRecent, share);
      candidate->Argue(share, recent[rank]);
    }
  }
}

void AddTouched(const State& state, const Query& query, Candidates* out) {
  std::span<const ItemId> touched = query.touched;
  const SessionId session = state.FindSession(query.visitor);
  if (touched.empty() && session.valid()) touched = state.sessions().Items(session);
  for (std::size_t i = 0; i < touched.size(); ++i) {
    // Sessions do not keep immediate repeats, so what a client names should not either.
    if (i > 0 && touched[i] == touched[i - 1]) continue;
    if (Candidate* candidate = out->FindOrAdd(touched[i])) candidate->Add(Feature::kTouched, 1);
  }
  const UserId user = state.FindUser(query.visitor);
  if (!user.valid()) return;
  const std::span<const History::Entry> history = state.users().HistoryOf(user).entries();
  for (std::size_t i = 0; i < history.size(); ++i) {
    Candidate* candidate =
        i < kHistoryItems ? out->FindOrAdd(history[i].item) : out->Find(history[i].item);
    if (candidate == nullptr || candidate->Value(Feature::kTouched) > 0) continue;
    candidate->Set(Feature::kKnown, 1);
  }
}

// What an item is, whoever asks.
void AddDemand(const State& state, std::span<Candidate> candidates) {
  const Popularity& popularity = state.popularity();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + kPrefetchAhead < candidates.size()) {
      popularity.Prefetch(candidates[i + kPrefetchAhead].item);
    }
    Candidate& candidate = candidates[i];
    const auto [over_long, over_short] = popularity.LogDemandsOf(candidate.item, state.clock_ms());
    candidate.Set(Feature::kLogDemand, std::max(static_cast<float>(over_long), kLowestLogDemand));
    candidate.Set(Feature::kIdle, std::clamp(-static_cast<float>(over_short), 0.0F, 1e6F));
    candidate.Set(Feature::kUsers, static_cast<float>(popularity.Users(candidate.item)));
  }
}

RecentItems RecentOf(const State& state, const Query& query, SessionId session, std::size_t limit) {
  if (!query.touched.empty()) return RecentItems(state, query.touched, limit);
  return RecentItems::OfSession(state, query.visitor, session, limit);
}

}  // namespace

UserPersonalization::UserPersonalization(const CampaignSettings& settings)
    : name_(settings.name),
      given_weights_(settings.weights),
      strength_(settings),
      limits_{settings.sample, settings.neighbours},
      recent_items_(settings.recent_items),
      leave_out_(settings.leave_out) {}

void UserPersonalization::Propose(const State& state, const Query& query, Workspace* room) const {
  const RecentItems recent = Gather(state, query, room);
  room->blend.Compute(room->candidates.all(), recent.items());
}

RecentItems UserPersonalization::Gather(const State& state, const Query& query,
                                        Workspace* room) const {
  Candidates& out = room->candidates;
  const SessionId session = state.FindSession(query.visitor);
  const RecentItems recent = RecentOf(state, query, session, recent_items_);
  Exclude(leave_out_, state, query.visitor, recent.items(), &out);
  if (recent.items().empty()) return recent;
  AddSessions(state, session, recent.items(), room);
  AddSuccessions(state, recent.items(), &out);
  const bool has_history = query.touched.empty();
  AddCooccurrence(state, has_history ? RecentItems(state, query.visitor, recent_items_) : recent,
                  &out);
  AddTouched(state, query, &out);
  AddDemand(state, out.all());
  return recent;
}

void UserPersonalization::AddSessions(const State& state, SessionId own,
                                      std::span<const ItemId> recent, Workspace* room) const {
  Candidates& out = room->candidates;
  const auto neighbours = room->sessions.Find(state, recent, own, limits_);
  const auto announce = [&](ItemId item) { out.Prefetch(item); };
  ForEachSessionVote(state, neighbours, recent, announce, [&](const SessionVote& vote) {
    Candidate* candidate = out.FindOrAdd(vote.item);
    if (candidate == nullptr) return;
    const float near = vote.similarity * NearnessOf(vote.places);
    candidate->Add(Feature::kSession, near);
    candidate->Add(Feature::kSessionAny, vote.similarity);
    candidate->Argue(near, recent[vote.neighbour->rank]);
  });
}

void UserPersonalization::AddCooccurrence(const State& state, const RecentItems& recent,
                                          Candidates* out) const {
  const Cooccurrence* table = strength_.Table(state);
  if (table == nullptr || recent.items().empty()) return;
  const ItemId newest = recent.items().front();
  strength_.ForEachOfRecent(
      *table, recent, [&](ItemId other) { out->Prefetch(other); },
      [&](ItemId other, double strength, ItemId because) {
        Candidate* candidate = out->FindOrAdd(other);
        if (candidate == nullptr) return;
        const auto value = static_cast<float>(strength);
        candidate->Add(Feature::kCooccurrence, value);
        if (because == newest) candidate->Add(Feature::kCooccurrenceNewest, value);
        candidate->Argue(value, because);
      });
}

void UserPersonalization::Score(const State& state, Workspace* room) const {
  room->blend.Score(given_weights_ ? *given_weights_ : state.blends().Of(name_).weights(),
                    room->candidates.all());
}

std::optional<BlendVector> UserPersonalization::Lesson(const State& state, const Query& query,
                                                       ItemId chosen, Workspace* room) const {
  Candidates& candidates = room->candidates;
  candidates.Reset(state.catalog().slot_count());
  const RecentItems recent = Gather(state, query, room);
  if (candidates.Find(chosen) == nullptr) return std::nullopt;
  // Rows change their order when they are stored and loaded, and sums of floats with it.
  candidates.SortByItem();
  room->blend.Compute(candidates.all(), recent.items());
  Score(state, room);
  return room->blend.Gradient(
      static_cast<std::size_t>(candidates.Find(chosen) - candidates.all().data()));
}

}  // namespace freshet::core
