#include "core/exposures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/bytes.h"
#include "core/catalog.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kPriorShown = 20;
constexpr double kPriorChosen = 1;

void Increment(std::uint32_t* count) {
  if (*count < std::numeric_limits<std::uint32_t>::max()) ++*count;
}

}  // namespace

Exposures::Counts& Exposures::At(ItemId item) {
  if (item.value >= counts_.size()) {
    counts_.resize(std::max<std::size_t>(item.value + 1, counts_.size() + counts_.size() / 2));
  }
  changed_.Mark(item.value);
  return counts_[item.value];
}

void Exposures::CountShown(ItemId item) {
  Increment(&At(item).shown);
  ++all_shown_;
}

void Exposures::CountChosen(ItemId item) { Increment(&At(item).chosen); }

void Exposures::Forget(ItemId item) {
  if (Shown(item) == 0 && Chosen(item) == 0) return;
  Counts& counts = At(item);
  all_shown_ -= counts.shown;
  counts = Counts();
}

double Exposures::UpperBound(ItemId item) const {
  const Counts counts = Of(item);
  const double shown = counts.shown + kPriorShown;
  const double mean = std::min((counts.chosen + kPriorChosen) / shown, 1.0);
  const double log_all = std::log(1 + static_cast<double>(all_shown_));
  return mean + std::sqrt(2 * mean * (1 - mean) * log_all / shown) + 3 * log_all / shown;
}

void Exposures::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    const Counts counts = counts_[slot];
    if (counts.shown == 0 && counts.chosen == 0) {
      rows->Delete(Table::kExposures, SlotKey(slot));
      return;
    }
    // version u8 = 1, shown u32, chosen u32
    rows->Encode(Table::kExposures, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kVersion);
      writer->Number(counts.shown);
      writer->Number(counts.chosen);
    });
  });
}

Status Exposures::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  const auto version = reader.Number<std::uint8_t>();
  const Counts counts{reader.Number<std::uint32_t>(), reader.Number<std::uint32_t>()};
  if (!ParseSlotKey(key, &slot) || slot >= kMaximumItemSlots || version != kVersion ||
      !reader.done()) {
    return Corruption(std::string(TableName(Table::kExposures)) + ": a row is damaged");
  }
  if (slot >= counts_.size()) counts_.resize(std::size_t{slot} + 1);
  counts_[slot] = counts;
  all_shown_ += counts.shown;
  return {};
}

}  // namespace freshet::core
