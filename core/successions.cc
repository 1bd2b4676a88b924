#include "core/successions.h"

#include <algorithm>
#include <string>

#include "core/bytes.h"
#include "core/catalog.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 3;

}  // namespace

void Successions::Add(std::span<const ItemId> before, ItemId item) {
  if (before.empty()) return;
  if (before.back() == item) {
    Count(item, item, kCountByDistance[0]);
    return;
  }
  const std::span<const ItemId> reached = Reached(before);
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const ItemId of = reached[reached.size() - 1 - i];
    if (of != item) Count(of, item, kCountByDistance[i]);
  }
}

void Successions::Insert(std::span<const ItemId> items, std::size_t place, ItemId item) {
  const std::span<const ItemId> before = items.first(place);
  const std::span<const ItemId> after = items.subspan(place);
  if (!after.empty() && after.front() == item) {
    Count(item, item, kCountByDistance[0]);
    return;
  }
  Add(before, item);
  if (!before.empty() && before.back() == item) return;
  for (std::size_t i = 0; i < std::min(after.size(), kCountByDistance.size()); ++i) {
    if (after[i] != item) Count(item, after[i], kCountByDistance[i]);
    MoveApart(before, after[i], i);
  }
}

// An item came between: `follower`, which lay `between` touches behind the last of `before`, lies
// one farther from them all.
void Successions::MoveApart(std::span<const ItemId> before, ItemId follower, std::size_t between) {
  for (std::size_t i = 0; i < before.size() && between + i < kCountByDistance.size(); ++i) {
    const ItemId of = before[before.size() - 1 - i];
    if (of == follower) continue;
    const std::size_t farther = between + i + 1;
    const std::int64_t count =
        farther < kCountByDistance.size() ? std::int64_t{kCountByDistance[farther]} : 0;
    Count(of, follower, count - kCountByDistance[between + i]);
  }
}

void Successions::Retract(std::span<const ItemId> items) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    const std::size_t reach = std::min(i, kCountByDistance.size());
    for (std::size_t j = 0; j < reach; ++j) {
      const ItemId of = items[i - 1 - j];
      if (of != items[i]) Count(of, items[i], -static_cast<std::int64_t>(kCountByDistance[j]));
    }
  }
}

void Successions::Erase(ItemId item) {
  if (item.value >= rows_.size()) return;
  changed_.Mark(item.value);
  row_bytes_ -= rows_[item.value].followers.heap_bytes();
  rows_[item.value] = Row();
}

void Successions::Count(ItemId of, ItemId follower, std::int64_t change) {
  changed_.Mark(of.value);
  Row& row = At(of);
  const std::uint32_t capacity = row.followers.capacity();
  if (row.followers.Add(follower.value, change, settings_.maximum_successors)) ++evicted_;
  if (row.followers.capacity() != capacity) {
    row_bytes_ += row.followers.heap_bytes() - PairRow::BytesOf(capacity);
  }
  const std::int64_t total = static_cast<std::int64_t>(row.total) + change;
  row.total = static_cast<std::uint64_t>(std::max<std::int64_t>(total, 0));
}

Successions::Row& Successions::At(ItemId item) {
  if (item.value >= rows_.size()) {
    rows_.resize(std::max<std::size_t>(item.value + 1, rows_.size() + rows_.size() / 2));
  }
  return rows_[item.value];
}

Successions::Followers Successions::Of(ItemId item) const {
  if (item.value >= rows_.size()) return {};
  const Row& row = rows_[item.value];
  return {row.followers.items(), row.followers.counts(), row.followers.errors(), row.total};
}

std::size_t Successions::bytes() const { return ArrayBytesOf(rows_) + row_bytes_; }

void Successions::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    const Row& row = rows_[slot];
    if (row.total == 0 && row.followers.empty()) {
      rows->Delete(Table::kSuccessions, SlotKey(slot));
      return;
    }
    // version u8 = 3, total u64, then the pairs as PairRow writes them
    rows->Encode(Table::kSuccessions, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kVersion);
      writer->Number(row.total);
      row.followers.Encode(writer);
    });
  });
}

Status Successions::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseSlotKey(key, &slot) || slot >= kMaximumItemSlots ||
      reader.Number<std::uint8_t>() != kVersion) {
    return Corruption("successions: a row of an unknown form");
  }
  Row& row = At(ItemId{slot});
  row.total = reader.Number<std::uint64_t>();
  row.followers.Decode(&reader);
  row_bytes_ += row.followers.heap_bytes();
  if (reader.done()) return {};
  return Corruption("successions: the row of slot " + std::to_string(slot) + " is damaged");
}

}  // namespace freshet::core
