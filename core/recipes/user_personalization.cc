#include "core/recipes/user_personalization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

#include "core/recipes/leave_out.h"
#include "core/recipes/recent_items.h"

namespace freshet::core {
namespace {

constexpr std::size_t kSuccessionItems = 5;  // of the recent ones, whose followers count
constexpr double kSuccessionDecay = 3.0;
// Added to the total of a row, so that what was seen once is no certainty.
constexpr double kSuccessionPrior = 5.0 * Successions::kCountByDistance[0];
constexpr std::size_t kContentItems = 3;   // of the recent ones, whose like are candidates
constexpr std::size_t kAlikeOfItem = 100;  // of one of them
constexpr std::size_t kHistoryItems = 50;  // of the history, newest first, that are candidates
constexpr std::size_t kShortlist = 300;    // candidates that are weighed
constexpr std::size_t kNumberedItems = 2;  // of the recent ones, next to whose ids others are
constexpr std::size_t kNumberedReach = 8;  // places from it in the order of ids that count
constexpr std::size_t kOwnSessions = 50;   // earlier ones of the user, newest first, that count
// By rank: how much it counts to lie near one of the recent items in them.
constexpr std::array<float, 2> kOwnSessionWeights = {1.0F, 0.6F};
constexpr std::size_t kOwnSessionReach = 30;  // places from it that count
// What a user is folded in from, newest first: more foretell what comes next no better, and a
// fold-in of few items is quicker.
constexpr std::size_t kFactorItems = 10;
constexpr std::size_t kRetrieved = 20;  // candidates by factors, where there is room for them
// Below this, that is for a visitor of fewer than 15 items, factors are not worth their time.
constexpr double kLeastTrust = 0.25;
constexpr std::size_t kPrefetchAhead = 8;
constexpr float kLowestLogDemand = -10;

void AddSuccessions(const State& state, std::span<const ItemId> recent, Candidates* out) {
  const std::size_t count = std::min(recent.size(), kSuccessionItems);
  for (std::size_t rank = 0; rank < count; ++rank) state.successions().PrefetchPairs(recent[rank]);
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

void AddTouched(const State& state, std::span<const ItemId> touched, UserId user, Candidates* out) {
  for (std::size_t i = 0; i < touched.size(); ++i) {
    // Sessions do not keep immediate repeats, so what a client names should not either.
    if (i > 0 && touched[i] == touched[i - 1]) continue;
    if (Candidate* candidate = out->FindOrAdd(touched[i])) candidate->Add(Feature::kTouched, 1);
  }
  if (!user.valid()) return;
  const std::span<const History::Entry> history = state.users().HistoryOf(user).entries();
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history[i].weight == 0) continue;  // seen, and no more
    Candidate* candidate =
        i < kHistoryItems ? out->FindOrAdd(history[i].item) : out->Find(history[i].item);
    if (candidate == nullptr || candidate->Value(Feature::kTouched) > 0) continue;
    candidate->Set(Feature::kKnown, 1);
    candidate->Set(Feature::kKnownAgo, static_cast<float>(i + 1));
  }
}

// By places from the item in common.
const std::array<float, kOwnSessionReach + 1> kOwnNearness = [] {
  std::array<float, kOwnSessionReach + 1> nearness{};
  for (std::size_t places = 1; places < nearness.size(); ++places) {
    nearness[places] = std::exp(0.2F * (1.0F - static_cast<float>(places)));
  }
  return nearness;
}();
constexpr float kOwnBefore = 0.5F;  // of what lies as far after it

// What lies around the item in common in one of the user's sessions, at its last place there.
void AddAround(std::span<const ItemId> items, ItemId common, float weight, Candidates* out) {
  const auto found = std::find(items.rbegin(), items.rend(), common);
  if (found == items.rend()) return;
  const auto at = static_cast<std::size_t>(items.rend() - found) - 1;
  const std::size_t end = std::min(items.size(), at + kOwnSessionReach + 1);
  for (std::size_t i = at - std::min(at, kOwnSessionReach); i < end; ++i) {
    if (i == at) continue;
    Candidate* candidate = out->FindOrAdd(items[i]);
    if (candidate == nullptr) continue;
    const float share =
        weight * (i > at ? kOwnNearness[i - at] : kOwnNearness[at - i] * kOwnBefore);
    candidate->Add(Feature::kOwnSession, share);
    candidate->Argue(share, common);
  }
}

// What the user does again, in the same order: orders of a shop that buys the same each month,
// episodes, a daily round; and to and fro in the present session, `touched`.
void AddOwnSessions(const State& state, UserId user, SessionId present,
                    std::span<const ItemId> touched, std::span<const ItemId> recent,
                    Candidates* out) {
  const Sessions& sessions = state.sessions();
  std::array<std::span<const ItemId>, kOwnSessions> earlier;
  std::size_t count = 0;
  if (touched.size() > 1) earlier[count++] = touched.first(touched.size() - 1);
  for (SessionId session = user.valid() ? sessions.NewestOf(user) : SessionId{};
       session.valid() && count < earlier.size(); session = sessions.Older(session)) {
    if (session == present) continue;
    earlier[count] = sessions.Items(session);
    __builtin_prefetch(earlier[count++].data());
  }
  for (const std::span<const ItemId> items : std::span(earlier).first(count)) {
    for (std::size_t rank = 0; rank < std::min(recent.size(), kOwnSessionWeights.size()); ++rank) {
      AddAround(items, recent[rank], kOwnSessionWeights[rank], out);
    }
  }
}

void AddNumberedNear(const State& state, std::span<const ItemId> recent, Candidates* out) {
  for (std::size_t rank = 0; rank < std::min(recent.size(), kNumberedItems); ++rank) {
    const auto weight = static_cast<float>(RecencyWeight(rank));
    state.catalog().ForEachNumberedNear(
        recent[rank], kNumberedReach, [&](ItemId other, std::size_t places) {
          out->Add(other, Feature::kNumberedNear, weight / static_cast<float>(places),
                   recent[rank]);
        });
  }
}

void AddAlike(const State& state, std::span<const ItemId> recent, Workspace* room) {
  const ContentIndex& content = state.content();
  const std::size_t count = std::min(recent.size(), kContentItems);
  for (std::size_t rank = 0; rank < count; ++rank) {
    room->content.Add(recent[rank], static_cast<float>(RecencyWeight(rank)));
  }
  if (room->content.empty()) return;
  for (std::size_t rank = 0; rank < count; ++rank) {
    content.ForEachAlike(recent[rank], kAlikeOfItem, [&](ItemId other) {
      Candidate* candidate = room->candidates.FindOrAdd(other);
      if (candidate == nullptr || candidate->Value(Feature::kContent) > 0) return;
      candidate->Set(Feature::kContent, room->content.Of(other));
    });
  }
}

// Leaves about kShortlist of many candidates, those that the sources speak for most, and all that
// was touched: weighing is the dearer part of a query. Does not depend on the candidates' order.
void Shortlist(Candidates* out) {
  const std::span<const Candidate> all = out->all();
  if (all.size() <= kShortlist) return;
  constexpr std::array<Feature, 5> kVoices = {Feature::kSession, Feature::kSuccessionRecent,
                                              Feature::kCooccurrence, Feature::kNumberedNear,
                                              Feature::kContent};
  std::array<float, kVoices.size()> scale{};
  for (const Candidate& one : all) {
    for (std::size_t v = 0; v < scale.size(); ++v) {
      scale[v] = std::max(scale[v], one.Value(kVoices[v]));
    }
  }
  for (float& greatest : scale) greatest = greatest > 0 ? 1 / greatest : 0;
  // A histogram finds the bar in one walk. Square roots spread the many small ones over its bins.
  constexpr std::size_t kBins = 1024;
  const auto bin_of = [&](const Candidate& one) {
    float sum = 0;
    for (std::size_t v = 0; v < scale.size(); ++v) sum += one.Value(kVoices[v]) * scale[v];
    const float share = std::sqrt(sum / static_cast<float>(scale.size()));
    return std::min(static_cast<std::size_t>(share * kBins), kBins - 1);
  };
  std::array<std::uint32_t, kBins> bins{};
  for (const Candidate& one : all) ++bins[bin_of(one)];
  std::size_t bar = kBins;
  for (std::size_t above = 0; bar > 0 && above + bins[bar - 1] <= kShortlist;) above += bins[--bar];
  out->KeepIf([&](const Candidate& one) {
    return bin_of(one) >= bar || one.Value(Feature::kTouched) > 0 || one.Value(Feature::kKnown) > 0;
  });
}

// Fills the room that the other sources left with the best by factors. REQUIRES: room->factors has
// the visitor.
void AddRetrieved(Workspace* room) {
  const std::size_t others = room->candidates.all().size();
  if (others >= kShortlist) return;
  room->factors.Retrieve(std::min(kRetrieved, kShortlist - others), &room->candidates);
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

// The likeness of those that another source named.
void AddLikeness(const State& state, Workspace* room) {
  if (room->content.empty()) return;
  const std::span<Candidate> candidates = room->candidates.all();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + kPrefetchAhead < candidates.size()) {
      state.content().Prefetch(candidates[i + kPrefetchAhead].item);
    }
    Candidate& candidate = candidates[i];
    if (candidate.Value(Feature::kContent) > 0) continue;
    candidate.Set(Feature::kContent, room->content.Of(candidate.item));
  }
}

// Whether weights that are given leave one of the inputs any.
bool Weighs(const std::optional<BlendVector>& given, std::initializer_list<BlendInput> inputs) {
  if (!given) return true;
  return std::any_of(inputs.begin(), inputs.end(), [&](BlendInput input) {
    return (*given)[static_cast<std::size_t>(input)] != 0;
  });
}

}  // namespace

UserPersonalization::UserPersonalization(const CampaignSettings& settings)
    : name_(settings.name),
      given_weights_(settings.weights),
      uses_sessions_(Weighs(
          given_weights_,
          {BlendInput::kSession, BlendInput::kSessionAny, BlendInput::kSessionRoot,
           BlendInput::kSessionFresh, BlendInput::kTouchedSession, BlendInput::kFirstSession})),
      uses_successions_(
          Weighs(given_weights_, {BlendInput::kSuccession, BlendInput::kSuccessionRecent,
                                  BlendInput::kSuccessionRoot, BlendInput::kFirstSuccession})),
      uses_cooccurrence_(
          Weighs(given_weights_, {BlendInput::kCooccurrence, BlendInput::kCooccurrenceNewest,
                                  BlendInput::kCooccurrenceRoot})),
      uses_numbers_(Weighs(given_weights_, {BlendInput::kNumberedNear})),
      uses_own_sessions_(Weighs(given_weights_, {BlendInput::kOwnSession})),
      uses_content_(Weighs(given_weights_, {BlendInput::kContent, BlendInput::kColdContent})),
      strength_(settings),
      limits_{settings.sample, settings.neighbours},
      recent_items_(settings.recent_items),
      leave_out_(settings.leave_out),
      factors_weight_(settings.factors_weight),
      exploration_{settings.exploration_weight, settings.exploration_item_age_cut_off_ms} {}

void UserPersonalization::Propose(const State& state, const Query& query, Workspace* room) const {
  const RecentItems recent = Gather(state, query, room);
  room->blend.Compute(room->candidates.all(), recent.items());
}

RecentItems UserPersonalization::Gather(const State& state, const Query& query,
                                        Workspace* room) const {
  Candidates& out = room->candidates;
  const SessionId session = state.FindSession(query.visitor);
  const bool is_told = !query.touched.empty();  // then history and session do not count
  const UserId user = is_told ? UserId{} : state.FindUser(query.visitor);
  std::span<const ItemId> touched = query.touched;
  if (!is_told && session.valid()) touched = state.sessions().Items(session);
  const RecentItems history(state, user, is_told ? SessionId{} : session, recent_items_);
  const RecentItems recent = touched.empty() ? history : RecentItems(state, touched, recent_items_);
  Exclude(leave_out_, state, query.visitor, recent.items(), &out);
  room->content.Reset(state.content());
  room->factors.Clear();
  if (recent.items().empty()) return recent;
  if (uses_sessions_) AddSessions(state, session, recent.items(), room);
  if (uses_successions_) AddSuccessions(state, recent.items(), &out);
  if (uses_cooccurrence_) AddCooccurrence(state, is_told ? recent : history, &out);
  if (uses_content_) AddAlike(state, recent.items(), room);
  if (uses_numbers_) AddNumberedNear(state, recent.items(), &out);
  if (uses_own_sessions_) AddOwnSessions(state, user, session, touched, recent.items(), &out);
  AddTouched(state, touched, user, &out);
  if (factors_weight_ > 0 && room->factors.TakeVisitor(state, query, kFactorItems) &&
      room->factors.trust() < kLeastTrust) {
    room->factors.Clear();
  }
  const bool has_factors = !room->factors.empty();
  if (has_factors) AddRetrieved(room);
  Shortlist(&out);
  if (has_factors) room->factors.WeighOthers(&out);
  AddDemand(state, out.all());
  AddLikeness(state, room);
  return recent;
}

void UserPersonalization::AddSessions(const State& state, SessionId own,
                                      std::span<const ItemId> recent, Workspace* room) const {
  Candidates& out = room->candidates;
  const auto neighbours = room->sessions.Find(state, recent, own, limits_);
  for (const SessionVote& vote : room->votes.Gather(state, neighbours, recent, out)) {
    Candidate* candidate = out.FindOrAdd(vote.item);
    if (candidate == nullptr) continue;
    candidate->Add(Feature::kSession, vote.near);
    candidate->Add(Feature::kSessionAny, vote.similarity);
    candidate->Add(Feature::kSessionFresh, vote.fresh);
    candidate->Argue(vote.near, vote.because);
  }
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
                    room->factors.empty() ? 0 : factors_weight_ * room->factors.trust(),
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
  room->blend.Score(state.blends().Of(name_).last_weights(), 0, candidates.all());
  return room->blend.Gradient(
      static_cast<std::size_t>(candidates.Find(chosen) - candidates.all().data()));
}

}  // namespace freshet::core
