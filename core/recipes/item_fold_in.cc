#include "core/recipes/item_fold_in.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "core/factors/inner_product.h"

namespace freshet::core {
namespace {

// What one step reads at most; each takes some tens of microseconds.
constexpr std::size_t kSlotsAStep = 256;
constexpr std::size_t kItemsAStep = 1000;
constexpr std::size_t kSessionsOfItem = 4 * ItemFoldIn::kUsers;
constexpr std::size_t kHistoriesAStep = 16;

constexpr std::size_t kPrefetchAhead = 16;

bool IsFinite(std::span<const float> vector) { return std::isfinite(InnerProduct(vector, vector)); }

}  // namespace

bool ItemFoldIn::Read(const State& state, const ServedFactors& factors) {
  if (generation_.lock() != factors.identity().lock()) StartAnew(factors);
  if (rows_.size() < state.catalog().slot_count()) {
    MeetNewSlots(state, factors);
    return true;
  }
  if (next_user_ == users_.size()) return FindNext(state);
  GatherHistories(state, untrained_[next_].item);
  return true;
}

void ItemFoldIn::StartAnew(const ServedFactors& factors) {
  generation_ = factors.identity();
  dimension_ = factors.dimension();
  scratch_.emplace(dimension_);
  rows_.clear();
  untrained_.clear();
  users_.clear();
  next_ = next_user_ = 0;
  least_users_ = 0;
  has_news_ = false;
}

void ItemFoldIn::MeetNewSlots(const State& state, const ServedFactors& factors) {
  const std::size_t end =
      std::min<std::size_t>(state.catalog().slot_count(), rows_.size() + kSlotsAStep);
  while (rows_.size() < end) {
    const ItemId item{static_cast<std::uint32_t>(rows_.size())};
    // What is dead already never comes back.
    const bool is_live = state.catalog().IsLive(item);
    const FactorRow row = is_live ? factors.Find(state.catalog().Name(item)) : FactorRow{};
    rows_.push_back(row);
    if (is_live && !row.valid()) untrained_.push_back({.item = item, .vector = nullptr});
  }
}

bool ItemFoldIn::FindNext(const State& state) {
  const std::size_t end = std::min(untrained_.size(), next_ + kItemsAStep);
  for (; next_ < end; ++next_) {
    if (next_ + kPrefetchAhead < end) {
      state.popularity().Prefetch(untrained_[next_ + kPrefetchAhead].item);
    }
    Untrained& one = untrained_[next_];
    if (!state.catalog().IsLive(one.item)) {
      Forget(&one);
      continue;
    }
    const auto users = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(state.popularity().Users(one.item), UINT32_MAX));
    if (!IsDue(one, users)) continue;
    one.users = users;
    GatherUsers(state, one.item);
    if (!users_.empty()) return true;
  }
  if (next_ < untrained_.size()) return true;
  next_ = 0;
  std::erase_if(untrained_,
                [&](const Untrained& one) { return !state.catalog().IsLive(one.item); });
  return false;
}

bool ItemFoldIn::IsDue(const Untrained& one, std::uint32_t users) const {
  if (one.vector == nullptr && users < least_users_) return false;
  return users < one.users || users > one.users + one.users / 8;
}

void ItemFoldIn::GatherUsers(const State& state, ItemId item) {
  users_.clear();
  next_user_ = 0;
  const Sessions& sessions = state.sessions();
  std::size_t looked_at = 0;
  for (SessionIndex::Cursor session = state.session_index().Newest(item);
       !session.at_end() && users_.size() < kUsers && looked_at < kSessionsOfItem;
       session.Advance(), ++looked_at) {
    const SessionId id = sessions.WithNumber(session.number());
    if (!id.valid()) continue;
    const UserId user = sessions.Owner(id);
    if (std::find(users_.begin(), users_.end(), user) == users_.end()) users_.push_back(user);
  }
}

void ItemFoldIn::GatherHistories(const State& state, ItemId item) {
  const std::size_t end = std::min(users_.size(), next_user_ + kHistoriesAStep);
  for (; next_user_ < end; ++next_user_) {
    // A user may have gone, and another come in the same slot, since the users were gathered.
    if (!state.users().IsLive(users_[next_user_])) continue;
    const std::size_t begin = touches_.size();
    float strength = 0;
    for (const History::Entry& entry : state.users().HistoryOf(users_[next_user_]).entries()) {
      if (entry.weight == 0) continue;
      const auto weight = static_cast<float>(entry.weight);
      if (entry.item == item) strength = weight;
      touches_.push_back({entry.item, weight});
    }
    if (strength > 0) {
      touchers_.push_back({strength, touches_.size()});
    } else {
      touches_.resize(begin);
    }
  }
}

void ItemFoldIn::Compute(const ServedFactors& factors) {
  if (users_.empty()) return;
  std::vector<float> vector(dimension_);
  std::size_t begin = 0;
  for (const Toucher& toucher : touchers_) {
    pairs_.clear();
    for (std::size_t i = begin; i < toucher.touches_end; ++i) {
      const FactorRow row = rows_[touches_[i].item.value];
      if (!row.valid()) continue;
      pairs_.push_back({factors.products().vectors.Row(row.value).data(), touches_[i].strength});
    }
    begin = toucher.touches_end;
    if (pairs_.empty()) continue;
    factors.user_fold_in().Solve(pairs_, &*scratch_, vector);
    if (!IsFinite(vector)) continue;
    user_vectors_.insert(user_vectors_.end(), vector.begin(), vector.end());
    user_strengths_.push_back(toucher.strength);
  }
  touchers_.clear();
  touches_.clear();
  if (next_user_ < users_.size()) return;

  pairs_.clear();
  for (std::size_t i = 0; i < user_strengths_.size(); ++i) {
    pairs_.push_back({&user_vectors_[i * dimension_], user_strengths_[i]});
  }
  Untrained& one = untrained_[next_];
  Forget(&one);
  if (!pairs_.empty()) {
    factors.item_fold_in()->Solve(pairs_, &*scratch_, vector);
    if (IsFinite(vector)) {
      one.vector = std::make_unique<float[]>(dimension_);
      std::copy(vector.begin(), vector.end(), one.vector.get());
      has_news_ = true;
    }
  }
  user_vectors_.clear();
  user_strengths_.clear();
  users_.clear();
  next_user_ = 0;
  ++next_;
}

void ItemFoldIn::Forget(Untrained* one) {
  if (one->vector != nullptr) has_news_ = true;
  one->vector.reset();
}

void ItemFoldIn::KeepTheMostUsed() {
  std::vector<Untrained*> folded;
  for (Untrained& one : untrained_) {
    if (one.vector != nullptr) folded.push_back(&one);
  }
  least_users_ = 0;
  if (folded.size() <= maximum_) return;
  const auto end = folded.begin() + static_cast<std::ptrdiff_t>(maximum_);
  std::nth_element(folded.begin(), end, folded.end(), [](const Untrained* a, const Untrained* b) {
    return a->users != b->users ? a->users > b->users : a->item < b->item;
  });
  least_users_ = (*end)->users;
  std::for_each(end, folded.end(), [](Untrained* one) { one->vector.reset(); });
}

NewbornItems ItemFoldIn::Take() {
  KeepTheMostUsed();
  has_news_ = false;
  NewbornItems newborns;
  for (const Untrained& one : untrained_) {
    if (one.vector != nullptr) newborns.items.push_back(one.item);
  }
  newborns.vectors = FactorMatrix(newborns.items.size(), dimension_);
  std::size_t row = 0;
  for (const Untrained& one : untrained_) {
    if (one.vector == nullptr) continue;
    std::copy_n(one.vector.get(), dimension_, newborns.vectors.Row(row++).begin());
  }
  return newborns;
}

}  // namespace freshet::core
