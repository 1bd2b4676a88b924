#include "tools/synthetic_stream.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace freshet::tools {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr unsigned kGoOnPercent = 75;  // another view in this session
constexpr unsigned kMostViews = 40;
constexpr unsigned kCartPercent = 12;      // of views
constexpr unsigned kPurchasePercent = 45;  // of carts
// Mean events of a session, in hundredths: 1 / (1 - 0.75) views, with their carts and purchases.
constexpr std::uint64_t kMeanVisitHundredths = 470;

// How busy each hour of the day is.
constexpr std::array<std::uint64_t, 24> kRhythm = {6,  4,  3,  2,  2,  4,  8,  14, 20, 24, 26, 28,
                                                   30, 28, 26, 26, 28, 32, 38, 44, 46, 38, 24, 12};

constexpr std::uint64_t RhythmOfDay() {
  std::uint64_t sum = 0;
  for (const std::uint64_t hour : kRhythm) sum += hour * kHourMs;
  return sum;
}

// The time at which the rhythm's clock, which runs fast in busy hours, shows `at`.
std::int64_t TimeOfRhythm(std::uint64_t at) {
  auto time = static_cast<std::int64_t>(at / RhythmOfDay()) * kDayMs;
  std::uint64_t rest = at % RhythmOfDay();
  for (const std::uint64_t hour : kRhythm) {
    if (rest < hour * kHourMs) return time + static_cast<std::int64_t>(rest / hour);
    rest -= hour * kHourMs;
    time += kHourMs;
  }
  return time;
}

// What is in fashion: each item's popularity rises and falls between half and double within 32
// days.
std::uint64_t Fashion(std::int64_t day, std::int64_t phase) {
  const auto place = static_cast<std::uint64_t>((day + phase) % 32);
  return 8 + (place < 16 ? place : 31 - place) * 24 / 15;
}

}  // namespace

SyntheticStream::SyntheticStream(const SyntheticOptions& options)
    : options_(options),
      items_(MakeItems(options)),
      users_(MakeUsers(options)),
      random_(options.seed) {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (i == 0 || items_[i].category != items_[i - 1].category) category_begin_.push_back(i);
    attraction_.push_back(ZipfWeight(random_.Below(items_.size()), 5));
    fashion_phase_.push_back(static_cast<std::int64_t>(random_.Below(32)));
  }
  in_category_.resize(category_begin_.size());
  category_begin_.push_back(items_.size());
  std::vector<std::uint64_t> activity;
  for (std::size_t i = 0; i < users_.size(); ++i) activity.push_back(ZipfWeight(i, 20));
  busy_users_.Assign(activity);
  const std::uint64_t sessions = options_.events * 100 / kMeanVisitHundredths + 1;
  rhythm_step_ = std::max<std::uint64_t>(1, RhythmOfDay() * options_.days / sessions);
  ScheduleNextVisit();
}

bool SyntheticStream::Next(core::Event* event) {
  if (handed_out_ == options_.events) return false;
  while (visits_.empty() || next_start_ms_ <= visits_.top().time_ms) {
    visits_.push(BeginVisit(next_start_ms_));
    ScheduleNextVisit();
  }
  Visit visit = visits_.top();
  visits_.pop();
  Fill(visit, event);
  ++handed_out_;
  if (Continue(&visit)) visits_.push(visit);
  return true;
}

void SyntheticStream::ScheduleNextVisit() {
  const std::uint64_t start = rhythm_now_ + random_.Below(rhythm_step_);
  rhythm_now_ += rhythm_step_;
  next_start_ms_ = options_.start_ms + TimeOfRhythm(start);
}

SyntheticStream::Visit SyntheticStream::BeginVisit(std::int64_t time_ms) {
  const std::int64_t day = (time_ms - options_.start_ms) / kDayMs;
  if (day != day_) BeginDay(day);
  Visit visit;
  visit.time_ms = time_ms;
  visit.number = next_visit_++;
  visit.user = busy_users_.Pick(&random_);
  visit.anonymous = random_.Percent(options_.anonymous_percent);
  visit.views_left = 0;
  while (visit.views_left + 1 < kMostViews && random_.Percent(kGoOnPercent)) ++visit.views_left;
  const bool logs_in =
      visit.anonymous && visit.views_left >= 2 && random_.Percent(options_.login_percent);
  if (logs_in) visit.login_after = static_cast<unsigned>(random_.Between(1, visit.views_left));
  visit.item = PickItem(PickCategory(visit.user));
  return visit;
}

bool SyntheticStream::Continue(Visit* visit) {
  if (visit->step == Step::kView && random_.Percent(kCartPercent)) {
    visit->step = Step::kCart;
  } else if (visit->step == Step::kCart && random_.Percent(kPurchasePercent)) {
    visit->step = Step::kPurchase;
  } else {
    if (visit->views_left == 0) return false;
    --visit->views_left;
    visit->step = Step::kView;
    visit->item = PickRelated(visit->item, visit->user);
    if (visit->login_after > 0 && --visit->login_after == 0) visit->anonymous = false;
  }
  visit->time_ms += static_cast<std::int64_t>(random_.Between(4'000, 90'000));
  return true;
}

void SyntheticStream::Fill(const Visit& visit, core::Event* event) {
  static constexpr std::array<std::string_view, 3> kTypes = {"view", "cart", "purchase"};
  const SyntheticItem& item = items_[visit.item];
  *event = core::Event{};
  if (!visit.anonymous) event->user_id = users_[visit.user].id;
  event->session_id = "session-" + std::to_string(visit.number + 1);
  event->item_id = item.id;
  event->event_type = kTypes[static_cast<std::size_t>(visit.step)];
  event->time_ms = visit.time_ms;
  if (visit.step == Step::kPurchase) event->value = static_cast<double>(item.price_cents) / 100.0;
  if (options_.impressions && visit.step == Step::kView) AddImpression(visit, event);
}

void SyntheticStream::AddImpression(const Visit& visit, core::Event* event) {
  constexpr std::size_t kShown = 5;
  const std::size_t chosen = random_.Below(kShown);
  for (std::size_t i = 0; i < kShown; ++i) {
    const std::size_t item = i == chosen ? visit.item : PickItem(items_[visit.item].category);
    event->impression.push_back(items_[item].id);
  }
}

void SyntheticStream::BeginDay(std::int64_t day) {
  day_ = day;
  const std::int64_t now = options_.start_ms + (day + 1) * kDayMs;
  std::vector<std::uint64_t> weights;
  for (std::size_t category = 0; category < in_category_.size(); ++category) {
    weights.clear();
    for (std::size_t i = category_begin_[category]; i < category_begin_[category + 1]; ++i) {
      // An item is sold from the day after its birth, and new ones draw looks.
      const std::int64_t age = now - kDayMs - items_[i].born_ms;
      const std::uint64_t novelty = age < 0 ? 0 : age < 3 * kDayMs ? 3 : 1;
      weights.push_back(attraction_[i] * Fashion(day, fashion_phase_[i]) * novelty);
    }
    in_category_[category].Assign(weights);
  }
}

std::size_t SyntheticStream::PickCategory(std::size_t user) {
  const auto& favourites = users_[user].favourites;
  const std::uint64_t draw = random_.Below(100);
  if (draw < 50) return favourites[0];
  if (draw < 70) return favourites[1];
  if (draw < 80) return favourites[2];
  return random_.Below(in_category_.size());
}

std::size_t SyntheticStream::PickItem(std::size_t category) {
  // A category may have nothing on sale yet; the next one that has takes its place.
  for (std::size_t i = 0; i < in_category_.size(); ++i) {
    const std::size_t at = (category + i) % in_category_.size();
    if (in_category_[at].CanPick()) return category_begin_[at] + in_category_[at].Pick(&random_);
  }
  return random_.Below(items_.size());
}

std::size_t SyntheticStream::PickRelated(std::size_t item, std::size_t user) {
  const std::uint64_t draw = random_.Below(100);
  const std::size_t category = items_[item].category;
  if (draw >= 85) return PickItem(PickCategory(user));
  if (draw >= 60) return PickItem(category);
  const auto same = [&](std::size_t i) {
    return items_[i].neighbourhood == items_[item].neighbourhood;
  };
  std::size_t begin = item;
  while (begin > category_begin_[category] && same(begin - 1)) --begin;
  std::size_t end = item + 1;
  while (end < category_begin_[category + 1] && same(end)) ++end;
  // The item itself is for sale, so there is something to pick; by chance it may be nothing else.
  const std::size_t first = category_begin_[category];
  for (int attempt = 0; attempt < 4; ++attempt) {
    const std::size_t next =
        first + in_category_[category].PickWithin(begin - first, end - first, &random_);
    if (next != item) return next;
  }
  return PickItem(category);
}

}  // namespace freshet::tools
