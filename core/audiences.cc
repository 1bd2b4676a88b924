#include "core/audiences.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/bytes.h"
#include "core/catalog.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 1;

Error Damaged(std::string_view key) {
  return Corruption(std::string(TableName(Table::kAudiences)) + ": the row of " + std::string(key) +
                    " is damaged");
}

// The place of the item; where it is new, one for it, that of the least in demand when all are
// taken.
std::size_t PlaceOf(Audiences::Audience* audience, ItemId item) {
  auto& [items, demand, total] = *audience;
  const auto known = std::find(items.begin(), items.end(), item);
  if (known != items.end()) return static_cast<std::size_t>(known - items.begin());
  if (items.size() < Audiences::kMaximumItems) {
    items.push_back(item);
    demand.emplace_back();
    return items.size() - 1;
  }
  const auto least = std::min_element(
      demand.begin(), demand.end(),
      [](DecayedCounter a, DecayedCounter b) { return a.log2_mass() < b.log2_mass(); });
  const auto place = static_cast<std::size_t>(least - demand.begin());
  items[place] = item;
  return place;
}

}  // namespace

void Audiences::Count(std::span<const Column> columns, ItemId item, double weight,
                      std::int64_t time_ms) {
  if (weight <= 0) return;  // a repeat within the same second adds nothing
  ForEachName(settings_.audience_columns, columns, [&](const std::string& name) {
    Audience* audience = FindOrAdd(name);
    if (audience == nullptr) return;
    const std::size_t place = PlaceOf(audience, item);
    audience->demand[place].Add(weight, time_ms, settings_.popularity_half_life_ms);
    audience->total.Add(weight, time_ms, settings_.popularity_half_life_ms);
    changed_.insert(name);
  });
}

Audiences::Audience* Audiences::FindOrAdd(const std::string& name) {
  const std::uint32_t known = names_.Find(name);
  if (known != Dictionary::kNone) return &audiences_[known];
  if (audiences_.size() >= settings_.maximum_audiences) return nullptr;
  names_.Insert(name, static_cast<std::uint32_t>(audiences_.size()));
  return &audiences_.emplace_back();
}

// version u8 = 1, total f64, count varint, then item slots u32, then demands f64 (log2 of the
// decayed sums)
void Audiences::TakeChangedRows(RowTaking* taking) {
  RowBatch* const rows = taking->rows();
  std::string value;
  for (const std::string& name : changed_) {
    const Audience& audience = audiences_[names_.Find(name)];
    value.clear();
    ByteWriter writer(&value);
    writer.Number(kVersion);
    writer.Number(audience.total.log2_mass());
    writer.Varint(audience.items.size());
    for (const ItemId item : audience.items) writer.Number(item.value);
    for (const DecayedCounter demand : audience.demand) writer.Number(demand.log2_mass());
    rows->Put(Table::kAudiences, name, value);
  }
  changed_.clear();
}

Status Audiences::LoadRow(std::string_view key, std::string_view value) {
  ByteReader reader(value);
  const auto version = reader.Number<std::uint8_t>();
  Audience audience;
  audience.total = DecayedCounter(reader.Number<double>());
  const std::uint64_t count = reader.Count(sizeof(std::uint32_t) + sizeof(double));
  bool good = version == kVersion && count <= kMaximumItems && !key.empty();
  for (std::uint64_t i = 0; i < count; ++i) {
    audience.items.push_back(ItemId{reader.Number<std::uint32_t>()});
    good &= audience.items.back().value < kMaximumItemSlots;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    audience.demand.emplace_back(reader.Number<double>());
    good &= std::isfinite(audience.demand.back().log2_mass());
  }
  good &= std::isfinite(audience.total.log2_mass());
  if (!good || !reader.done() || names_.Find(key) != Dictionary::kNone) return Damaged(key);
  names_.Insert(key, static_cast<std::uint32_t>(audiences_.size()));
  audiences_.push_back(std::move(audience));
  return {};
}

std::size_t Audiences::bytes() const {
  std::size_t bytes = names_.bytes() + ArrayBytesOf(audiences_);
  for (const Audience& audience : audiences_) {
    bytes += BlockBytesOf(audience.items) + BlockBytesOf(audience.demand);
  }
  return bytes;
}

}  // namespace freshet::core
