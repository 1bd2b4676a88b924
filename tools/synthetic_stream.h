// SyntheticStream: a shop's interactions, invented from a seed, in the order of their times.
//
// Popularity follows Zipf's law and drifts from day to day; visitors come by the hour of the day,
// in sessions of geometric length, with a taste for some categories, and go from an item to its
// neighbours; views lead to carts and carts to purchases; items are born while it runs; some
// visitors are anonymous and some of these log in. The same options give the same events on every
// platform. Owned by whoever reads it; one thread.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "core/log_entry.h"
#include "tools/random.h"
#include "tools/synthetic_catalogue.h"

namespace freshet::tools {

class SyntheticStream {
 public:
  // REQUIRES: at least one item, one user and one day.
  explicit SyntheticStream(const SyntheticOptions& options);

  // The next event, in the order of time; false once options.events were handed out.
  bool Next(core::Event* event);

  [[nodiscard]] const SyntheticOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<SyntheticItem>& items() const { return items_; }
  [[nodiscard]] const std::vector<SyntheticUser>& users() const { return users_; }

 private:
  enum class Step { kView, kCart, kPurchase };

  // A session under way and what it does next, when.
  struct Visit {
    std::int64_t time_ms = 0;
    std::uint64_t number = 0;
    std::size_t user = 0;
    std::size_t item = 0;
    Step step = Step::kView;
    unsigned views_left = 0;
    unsigned login_after = 0;  // views until an anonymous visitor logs in; 0: known from the start
    bool anonymous = false;

    // The earliest is on top of the queue; numbers make the order total.
    friend bool operator<(const Visit& a, const Visit& b) {
      return a.time_ms != b.time_ms ? a.time_ms > b.time_ms : a.number > b.number;
    }
  };

  void ScheduleNextVisit();
  Visit BeginVisit(std::int64_t time_ms);
  // Moves the visit to its next step; false when it is over.
  bool Continue(Visit* visit);
  void Fill(const Visit& visit, core::Event* event);
  void AddImpression(const Visit& visit, core::Event* event);
  void BeginDay(std::int64_t day);
  std::size_t PickCategory(std::size_t user);
  std::size_t PickItem(std::size_t category);
  std::size_t PickRelated(std::size_t item, std::size_t user);

  SyntheticOptions options_;
  std::vector<SyntheticItem> items_;
  std::vector<SyntheticUser> users_;
  Random random_;

  std::vector<std::uint64_t> attraction_;  // of each item, by Zipf's law
  std::vector<std::int64_t> fashion_phase_;
  WeightedChoice busy_users_;
  std::vector<WeightedChoice> in_category_;  // of today
  std::vector<std::size_t> category_begin_;  // index of each category's first item, and the end
  std::int64_t day_ = -1;

  std::priority_queue<Visit> visits_;
  std::uint64_t rhythm_step_ = 0;  // between the starts of two sessions, on the rhythm's own clock
  std::uint64_t rhythm_now_ = 0;
  std::uint64_t next_visit_ = 0;
  std::int64_t next_start_ms_ = 0;
  std::uint64_t handed_out_ = 0;
};

}  // namespace freshet::tools
