#include "core/arrivals.h"

#include "core/heap_bytes.h"

namespace freshet::core {

std::int64_t Arrivals::DayOf(std::int64_t time_ms) {
  constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
  return time_ms / kDayMs - (time_ms % kDayMs < 0 ? 1 : 0);
}

void Arrivals::Erase(ItemId item, std::int64_t created_ms) {
  const auto day = days_.find(DayOf(created_ms));
  day->second.Erase(item.value);
  if (day->second.size() == 0) days_.erase(day);
}

const SlotList* Arrivals::Draw(std::int64_t first_day, std::int64_t last_day,
                               std::uint64_t seed) const {
  const auto begin = days_.lower_bound(first_day);
  const auto end = days_.upper_bound(last_day);
  std::uint64_t total = 0;
  for (auto day = begin; day != end; ++day) total += day->second.size();
  if (total == 0) return nullptr;
  std::uint64_t drawn = (seed & UINT32_MAX) % total;
  auto day = begin;
  for (; drawn >= day->second.size(); ++day) drawn -= day->second.size();
  return &day->second;
}

std::size_t Arrivals::bytes() const {
  constexpr std::size_t kNodeBytes = 32;
  std::size_t bytes = 0;
  for (const auto& [day, items] : days_) {
    bytes += BlockBytes(kNodeBytes + sizeof(std::int64_t) + sizeof(SlotList)) + items.bytes();
  }
  return bytes;
}

}  // namespace freshet::core
