#include "core/popularity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/bytes.h"
#include "core/heap_bytes.h"
#include "core/in_category.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kPopularityVersion = 1;
constexpr double kNever = -std::numeric_limits<double>::infinity();

Error Damaged(std::string_view what) {
  return Corruption(std::string(TableName(Table::kPopularity)) + ": " + std::string(what));
}

// A list orders by this; an item that nobody used is in no list.
double UsersKey(std::uint64_t users) { return users == 0 ? kNever : static_cast<double>(users); }

// What a list is filled with: the items whose key is not kNever.
template <typename Items, typename KeyOf>
std::vector<TopList::Entry> Entries(const Items& items, KeyOf&& key_of) {
  std::vector<TopList::Entry> entries;
  entries.reserve(items.size());
  for (const ItemId item : items) {
    if (const double key = key_of(item); key != kNever) entries.push_back({key, item});
  }
  return entries;
}

}  // namespace

Popularity::Popularity(const Settings& settings, const Catalog& catalog)
    : settings_(settings),
      catalog_(catalog),
      popular_(settings.popular_items),
      recent_(settings.popular_items),
      most_users_(settings.popular_items) {}

void Popularity::Count(ItemId item, const DemandChange& change, std::int64_t time_ms,
                       bool new_user) {
  Counters& counters = counters_[item.value];
  changed_.Mark(item.value);
  if (new_user) {
    ++counters.users;
    most_users_.Raise(item, UsersKey(counters.users - 1), UsersKey(counters.users));
  }
  // Nothing over one half-life is nothing over the other: it repeats within the same second.
  if (change.over_long <= 0) return;
  const double old_long = counters.over_long.log2_mass();
  const double old_short = counters.over_short.log2_mass();
  counters.over_long.Add(change.over_long, time_ms, settings_.popularity_half_life_ms);
  counters.over_short.Add(change.over_short, time_ms, settings_.trend_half_life_ms);
  const double new_long = counters.over_long.log2_mass();
  const double new_short = counters.over_short.log2_mass();
  popular_.Raise(item, old_long, new_long);
  recent_.Raise(item, old_short, new_short);
  for (const CategoryId category : catalog_.Categories(item)) {
    CategoryLists& lists = ListsOf(category);
    lists.popular.Raise(item, old_long, new_long);
    lists.recent.Raise(item, old_short, new_short);
  }
}

void Popularity::Touch(ItemId item, std::uint64_t touch) {
  if (item.value >= counters_.size()) counters_.resize(std::size_t{item.value} + 1);
  changed_.Mark(item.value);
  recency_.Touch(item.value, touch);
}

ItemId Popularity::LongestIdle() const { return ItemId{recency_.Oldest()}; }

void Popularity::Forget(ItemId item) {
  changed_.Mark(item.value);
  for (const CategoryId category : catalog_.Categories(item)) LeaveCategory(item, category);
  const Counters& counters = CountersOf(item);
  popular_.Remove(item, counters.over_long.log2_mass());
  recent_.Remove(item, counters.over_short.log2_mass());
  most_users_.Remove(item, UsersKey(counters.users));
  if (popular_.needs_refill() || recent_.needs_refill() || most_users_.needs_refill()) {
    FillOverall(Members(kNoCategory, item));
  }
  recency_.Remove(item.value);
  counters_[item.value] = Counters();
}

void Popularity::BeforeCategoriesChange(ItemId item) {
  for (const CategoryId category : catalog_.Categories(item)) LeaveCategory(item, category);
}

void Popularity::AfterCategoriesChange(ItemId item) {
  const Counters& counters = CountersOf(item);
  if (counters.over_long.log2_mass() == kNever) return;
  for (const CategoryId category : catalog_.Categories(item)) {
    CategoryLists& lists = ListsOf(category);
    lists.popular.Raise(item, kNever, counters.over_long.log2_mass());
    lists.recent.Raise(item, kNever, counters.over_short.log2_mass());
  }
}

TopList::Items Popularity::Popular(CategoryId category) const {
  if (category == kNoCategory) return popular_.items();
  if (category.value >= categories_.size()) return {};
  return categories_[category.value].popular.items();
}

TopList::Items Popularity::MostUsers() const { return most_users_.items(); }

TopList::Items Popularity::Recent(CategoryId category) const {
  if (category == kNoCategory) return recent_.items();
  if (category.value >= categories_.size()) return {};
  return categories_[category.value].recent.items();
}

double Popularity::Demand(ItemId item, std::int64_t now_ms) const {
  return CountersOf(item).over_long.At(now_ms, settings_.popularity_half_life_ms);
}

Popularity::LogDemands Popularity::LogDemandsOf(ItemId item, std::int64_t now_ms) const {
  const Counters& counters = CountersOf(item);
  return {counters.over_long.LogAt(now_ms, settings_.popularity_half_life_ms),
          counters.over_short.LogAt(now_ms, settings_.trend_half_life_ms)};
}

double Popularity::Trend(ItemId item, std::int64_t now_ms) const {
  const auto long_ms = static_cast<double>(settings_.popularity_half_life_ms);
  const auto short_ms = static_cast<double>(settings_.trend_half_life_ms);
  const double recent = CountersOf(item).over_short.At(now_ms, settings_.trend_half_life_ms);
  // Numerator and denominator are both in events of the short window.
  const double usual = Demand(item, now_ms) * (short_ms / long_ms);
  return (recent + settings_.trend_prior) / (usual + settings_.trend_prior);
}

std::uint64_t Popularity::Users(ItemId item) const { return CountersOf(item).users; }

const Popularity::Counters& Popularity::CountersOf(ItemId item) const {
  static constexpr Counters kNothing{};
  return item.value < counters_.size() ? counters_[item.value] : kNothing;
}

Popularity::CategoryLists& Popularity::ListsOf(CategoryId category) {
  while (category.value >= categories_.size()) {
    categories_.emplace_back(settings_.popular_items_per_category);
  }
  return categories_[category.value];
}

void Popularity::LeaveCategory(ItemId item, CategoryId category) {
  CategoryLists& lists = ListsOf(category);
  lists.popular.Remove(item, CountersOf(item).over_long.log2_mass());
  lists.recent.Remove(item, CountersOf(item).over_short.log2_mass());
  if (lists.popular.needs_refill() || lists.recent.needs_refill()) {
    FillCategory(category, Members(category, item));
  }
}

std::vector<ItemId> Popularity::Members(CategoryId category, ItemId without) const {
  std::vector<ItemId> members;
  for (std::uint32_t slot = 0; slot < counters_.size(); ++slot) {
    const ItemId item{slot};
    if (item == without || !recency_.Contains(slot)) continue;
    if (IsInCategory(catalog_, item, category)) members.push_back(item);
  }
  return members;
}

void Popularity::FillOverall(std::span<const ItemId> items) {
  popular_.Refill(
      Entries(items, [this](ItemId item) { return counters_[item.value].over_long.log2_mass(); }));
  recent_.Refill(
      Entries(items, [this](ItemId item) { return counters_[item.value].over_short.log2_mass(); }));
  most_users_.Refill(
      Entries(items, [this](ItemId item) { return UsersKey(counters_[item.value].users); }));
}

void Popularity::FillCategory(CategoryId category, std::span<const ItemId> items) {
  CategoryLists& lists = ListsOf(category);
  lists.popular.Refill(
      Entries(items, [this](ItemId item) { return counters_[item.value].over_long.log2_mass(); }));
  lists.recent.Refill(
      Entries(items, [this](ItemId item) { return counters_[item.value].over_short.log2_mass(); }));
}

void Popularity::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    if (!recency_.Contains(slot)) {
      rows->Delete(Table::kPopularity, SlotKey(slot));
      return;
    }
    // version u8 = 1, touch u64, users u64, long f64, short f64 (log2 of the decayed sums)
    const Counters& counters = counters_[slot];
    rows->Encode(Table::kPopularity, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kPopularityVersion);
      writer->Number(recency_.TouchOf(slot));
      writer->Number(counters.users);
      writer->Number(counters.over_long.log2_mass());
      writer->Number(counters.over_short.log2_mass());
    });
  });
}

Status Popularity::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  if (!ParseSlotKey(key, &slot) || slot >= kMaximumItemSlots) return Damaged("a key is no slot");
  const std::string row = "the row of slot " + std::to_string(slot);
  ByteReader reader(value);
  if (reader.Number<std::uint8_t>() != kPopularityVersion) {
    return Damaged(row + " has another version");
  }
  const auto touch = reader.Number<std::uint64_t>();
  const auto users = reader.Number<std::uint64_t>();
  const auto over_long = reader.Number<double>();
  const auto over_short = reader.Number<double>();
  const auto is_mass = [](double mass) { return mass == kNever || std::isfinite(mass); };
  if (!reader.done() || !is_mass(over_long) || !is_mass(over_short)) {
    return Damaged(row + " is damaged");
  }
  if (recency_.Contains(slot)) return Damaged(row + " is there twice");
  if (slot >= counters_.size()) counters_.resize(std::size_t{slot} + 1);
  counters_[slot] = {DecayedCounter(over_long), DecayedCounter(over_short), users};
  recency_.Restore(slot, touch);
  return {};
}

Status Popularity::FinishLoad() {
  recency_.FinishLoad();
  const std::vector<ItemId> items = Members(kNoCategory, ItemId{});
  std::vector<std::vector<ItemId>> by_category(catalog_.category_count());
  for (const ItemId item : items) {
    if (!catalog_.IsLive(item)) {
      return Damaged("slot " + std::to_string(item.value) + " is no live item");
    }
    for (const CategoryId category : catalog_.Categories(item)) {
      by_category[category.value].push_back(item);
    }
  }
  FillOverall(items);
  for (std::uint32_t id = 0; id < by_category.size(); ++id) {
    FillCategory(CategoryId{id}, by_category[id]);
  }
  return {};
}

std::size_t Popularity::bytes() const {
  std::size_t bytes = ArrayBytesOf(counters_) + recency_.bytes() + popular_.bytes() +
                      recent_.bytes() + most_users_.bytes() + ArrayBytesOf(categories_);
  for (const CategoryLists& lists : categories_) {
    bytes += lists.popular.bytes() + lists.recent.bytes();
  }
  return bytes;
}

}  // namespace freshet::core
