#include "core/quality_window.h"

#include <algorithm>

namespace freshet::core {

void QualityWindow::Add(std::span<const ItemId> items, std::size_t cold_items,
                        std::optional<std::size_t> place) {
  if (answers_.size() == maximum_) {
    const Answer& oldest = answers_.front();
    for (const ItemId item : oldest.items) {
      const auto times = times_recommended_.find(item);
      if (--times->second == 0) times_recommended_.erase(times);
    }
    items_ -= oldest.items.size();
    cold_items_ -= oldest.cold_items;
    answers_.pop_front();
  }
  answers_.push_back({{items.begin(), items.end()}, cold_items, place});
  for (const ItemId item : items) ++times_recommended_[item];
  items_ += items.size();
  cold_items_ += cold_items;
}

QualityWindow::Figures QualityWindow::figures() const {
  Figures figures;
  figures.answers = answers_.size();
  figures.distinct_items = times_recommended_.size();
  if (items_ > 0) {
    figures.cold_share = static_cast<double>(cold_items_) / static_cast<double>(items_);
  }
  // Summed anew, so that no rounding gathers.
  std::size_t hits = 0;
  double reciprocal = 0;
  for (const Answer& answer : answers_) {
    if (!answer.place) continue;
    ++hits;
    reciprocal += 1.0 / static_cast<double>(*answer.place + 1);
  }
  const auto answers = static_cast<double>(std::max<std::size_t>(answers_.size(), 1));
  figures.hit_rate = static_cast<double>(hits) / answers;
  figures.reciprocal_rank = reciprocal / answers;
  return figures;
}

}  // namespace freshet::core
