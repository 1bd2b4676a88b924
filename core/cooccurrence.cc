#include "core/cooccurrence.h"

#include <algorithm>
#include <limits>

#include "core/bytes.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kPairsVersion = 3;
constexpr std::uint8_t kBasketVersion = 1;

}  // namespace

void Cooccurrence::Touch(std::uint32_t owner_slot, ItemId item, std::uint32_t weight,
                         std::int64_t time_ms) {
  if (owner_slot >= baskets_.size()) baskets_.resize(static_cast<std::size_t>(owner_slot) + 1);
  Basket& basket = baskets_[owner_slot];
  const bool is_late = settings_.window_ms > 0 && !basket.items.empty() &&
                       basket.last_ms - time_ms > settings_.window_ms;
  if (is_late) {
    CountAlone(item, weight);
    return;
  }
  changed_baskets_.Mark(owner_slot);
  if (IsPaused(basket, time_ms)) Reset(owner_slot);
  basket.last_ms = std::max(basket.last_ms, time_ms);
  Raise(&basket, item, weight);
}

void Cooccurrence::Retract(std::uint32_t owner_slot) {
  if (owner_slot >= baskets_.size()) return;
  const Basket& basket = baskets_[owner_slot];
  for (std::size_t i = 0; i < basket.items.size(); ++i) {
    const auto [item, weight] = basket.items[i];
    if (!catalog_->IsLive(item)) continue;
    AddItem(item, -static_cast<std::int64_t>(weight));
    for (std::size_t j = 0; j < i; ++j) {
      const auto [other, other_weight] = basket.items[j];
      if (!catalog_->IsLive(other)) continue;
      const auto shared = static_cast<std::int64_t>(std::min(weight, other_weight));
      AddPair(item, other, -shared);
      AddPair(other, item, -shared);
    }
  }
  basket_count_ -= basket.largest;
  Reset(owner_slot);
}

void Cooccurrence::Close(std::uint32_t owner_slot) {
  if (owner_slot < baskets_.size()) Reset(owner_slot);
}

void Cooccurrence::Join(std::uint32_t from, std::uint32_t to) {
  if (from >= baskets_.size() || baskets_[from].items.empty()) return;
  if (to >= baskets_.size()) baskets_.resize(static_cast<std::size_t>(to) + 1);
  const bool one_visit = !IsPaused(baskets_[to], baskets_[from].last_ms) &&
                         !IsPaused(baskets_[from], baskets_[to].last_ms);
  if (!baskets_[to].items.empty() && !one_visit) {
    Close(from);
    return;
  }
  const Basket joined = baskets_[from];
  Retract(from);
  for (const auto& [item, weight] : joined.items) {
    if (catalog_->IsLive(item)) Touch(to, item, weight, joined.last_ms);
  }
}

void Cooccurrence::Erase(ItemId item) {
  if (item.value >= rows_.size()) return;
  changed_rows_.Mark(item.value);
  constexpr std::int64_t kWholePair = std::numeric_limits<std::uint32_t>::max();
  Row& row = rows_[item.value];
  for (const std::uint32_t other : row.pairs.items()) {
    if (other < rows_.size()) AddPair(ItemId{other}, item, -kWholePair);
  }
  row_bytes_ -= row.pairs.heap_bytes();
  row = Row();
}

Neighbours Cooccurrence::NeighboursOf(ItemId item) const {
  if (item.value >= rows_.size()) return {};
  const PairRow& pairs = rows_[item.value].pairs;
  return {pairs.items(), pairs.counts(), pairs.errors()};
}

std::span<const Cooccurrence::BasketItem> Cooccurrence::BasketOf(std::uint32_t owner_slot) const {
  if (owner_slot >= baskets_.size()) return {};
  return baskets_[owner_slot].items;
}

std::size_t Cooccurrence::bytes() const {
  return ArrayBytesOf(rows_) + row_bytes_ + ArrayBytesOf(baskets_) + basket_bytes_;
}

bool Cooccurrence::IsPaused(const Basket& basket, std::int64_t time_ms) const {
  return settings_.window_ms > 0 && time_ms - basket.last_ms > settings_.window_ms;
}

void Cooccurrence::Raise(Basket* basket, ItemId item, std::uint32_t weight) {
  std::vector<BasketItem>& items = basket->items;
  const auto known = std::find_if(items.begin(), items.end(),
                                  [item](const BasketItem& one) { return one.item == item; });
  const std::uint32_t old_weight = known == items.end() ? 0 : known->weight;
  const std::uint32_t new_weight = std::max(old_weight, weight);
  if (known != items.end()) items.erase(known);
  if (new_weight > old_weight) {
    AddItem(item, static_cast<std::int64_t>(new_weight) - old_weight);
    for (const auto& [other, other_weight] : items) {
      const auto change = static_cast<std::int64_t>(std::min(new_weight, other_weight)) -
                          std::min(old_weight, other_weight);
      if (change == 0 || !catalog_->IsLive(other)) continue;
      AddPair(item, other, change);
      AddPair(other, item, change);
    }
  }
  const std::size_t before = BlockBytesOf(items);
  if (items.size() >= settings_.maximum_basket_items) items.erase(items.begin());
  items.push_back({item, new_weight});
  basket_bytes_ += BlockBytesOf(items) - before;
  if (new_weight > basket->largest) {
    basket_count_ += new_weight - basket->largest;
    basket->largest = new_weight;
  }
}

void Cooccurrence::CountAlone(ItemId item, std::uint32_t weight) {
  AddItem(item, weight);
  basket_count_ += weight;
}

void Cooccurrence::Reset(std::uint32_t owner_slot) {
  changed_baskets_.Mark(owner_slot);
  Basket& basket = baskets_[owner_slot];
  basket_bytes_ -= BlockBytesOf(basket.items);
  basket = Basket();
}

void Cooccurrence::AddItem(ItemId item, std::int64_t change) {
  changed_rows_.Mark(item.value);
  std::uint64_t& count = RowOf(item).count;
  count = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, static_cast<std::int64_t>(count) + change));
}

void Cooccurrence::AddPair(ItemId of, ItemId with, std::int64_t change) {
  changed_rows_.Mark(of.value);
  PairRow& pairs = RowOf(of).pairs;
  const std::uint32_t capacity = pairs.capacity();
  if (pairs.Add(with.value, change, settings_.maximum_neighbours)) ++evicted_pairs_;
  if (pairs.capacity() != capacity) row_bytes_ += pairs.heap_bytes() - PairRow::BytesOf(capacity);
}

Cooccurrence::Row& Cooccurrence::RowOf(ItemId item) {
  if (item.value >= rows_.size()) {
    rows_.resize(std::max<std::size_t>(item.value + 1, rows_.size() + rows_.size() / 2));
  }
  return rows_[item.value];
}

void Cooccurrence::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_rows_, [this, rows = taking->rows()](std::uint32_t slot) {
    const Row& row = rows_[slot];
    const std::string key = NamedSlotKey(settings_.name, slot);
    if (row.pairs.empty() && row.count == 0) {
      rows->Delete(Table::kPairs, key);
      return;
    }
    rows->Encode(Table::kPairs, key, [&](ByteWriter* writer) {
      writer->Number(kPairsVersion);
      writer->Number(row.count);
      row.pairs.Encode(writer);
    });
  });
  taking->Begin(&changed_baskets_, [this, rows = taking->rows()](std::uint32_t slot) {
    const Basket& basket = baskets_[slot];
    const std::string key = NamedSlotKey(settings_.name, slot);
    if (basket.items.empty()) {
      rows->Delete(Table::kBaskets, key);
      return;
    }
    rows->Encode(Table::kBaskets, key, [&](ByteWriter* writer) {
      writer->Number(kBasketVersion);
      writer->Number(basket.last_ms);
      writer->Number(basket.largest);
      writer->Varint(basket.items.size());
      for (const auto& [item, weight] : basket.items) {
        writer->Number(item.value);
        writer->Number(weight);
      }
    });
  });
}

Status Cooccurrence::LoadPairs(std::uint32_t slot, std::string_view value) {
  ByteReader reader(value);
  if (reader.Number<std::uint8_t>() != kPairsVersion) {
    return Corruption("pairs: a row of an unknown form");
  }
  Row& row = RowOf(ItemId{slot});
  row.count = reader.Number<std::uint64_t>();
  row.pairs.Decode(&reader);
  row_bytes_ += row.pairs.heap_bytes();
  if (reader.done()) return {};
  return Corruption("pairs: the row of slot " + std::to_string(slot) + " of table " +
                    settings_.name + " is damaged");
}

Status Cooccurrence::LoadBasket(std::uint32_t slot, std::string_view value) {
  ByteReader reader(value);
  if (reader.Number<std::uint8_t>() != kBasketVersion) {
    return Corruption("baskets: a row of an unknown form");
  }
  if (slot >= baskets_.size()) baskets_.resize(static_cast<std::size_t>(slot) + 1);
  Basket& basket = baskets_[slot];
  basket.last_ms = reader.Number<std::int64_t>();
  basket.largest = reader.Number<std::uint32_t>();
  basket.items.resize(reader.Count(2 * sizeof(std::uint32_t)));
  for (auto& [item, weight] : basket.items) {
    item.value = reader.Number<std::uint32_t>();
    weight = reader.Number<std::uint32_t>();
  }
  basket_bytes_ += BlockBytesOf(basket.items);
  if (reader.done()) return {};
  return Corruption("baskets: the row of slot " + std::to_string(slot) + " of table " +
                    settings_.name + " is damaged");
}

void Cooccurrence::EncodeTotals(std::string* out) const {
  ByteWriter writer(out);
  writer.Number(basket_count_);
  writer.Number(evicted_pairs_);
}

Status Cooccurrence::DecodeTotals(std::string_view value) {
  ByteReader reader(value);
  basket_count_ = reader.Number<std::uint64_t>();
  evicted_pairs_ = reader.Number<std::uint64_t>();
  if (reader.done()) return {};
  return Corruption("meta: the totals of table " + settings_.name + " are damaged");
}

}  // namespace freshet::core
