#include "core/catalog.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "core/bytes.h"
#include "core/column_codec.h"
#include "core/column_text.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kItemVersion = 1;
constexpr std::string_view kCreatedColumn = "CREATION_TIMESTAMP";
constexpr double kMaximumCreatedSeconds = 253402300799;  // 9999-12-31T23:59:59Z

Error Damaged(std::string_view what) {
  return Corruption(std::string(TableName(Table::kItems)) + ": " + std::string(what));
}

std::optional<double> NumberOf(const ColumnValue& value) {
  if (const auto* number = std::get_if<Number>(&value)) return number->value();
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return std::nullopt;
  double number = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::int64_t CreatedMsOf(const std::vector<Column>& columns, std::int64_t born_ms) {
  for (const Column& column : columns) {
    if (column.name != kCreatedColumn) continue;
    const std::optional<double> seconds = NumberOf(column.value);
    if (seconds && *seconds >= 0 && *seconds <= kMaximumCreatedSeconds) {
      return std::llround(*seconds * 1000);
    }
  }
  return born_ms;
}

}  // namespace

ItemId Catalog::Find(std::string_view name) const { return ItemId{names_.Find(name)}; }

std::string_view Catalog::Name(ItemId item) const { return names_.Name(item.value); }

ItemId Catalog::FindOrAdd(std::string_view name, std::int64_t time_ms) {
  if (const ItemId known = Find(name); known.valid()) return known;
  const ItemId item{slot_count()};
  changed_.Mark(item.value);
  items_.push_back({time_ms, nullptr, {}});
  is_live_.push_back(true);
  names_.Insert(name, item.value);
  order_.Add(item, name);
  return item;
}

void Catalog::SetColumns(ItemId item, std::vector<Column> columns) {
  changed_.Mark(item.value);
  Item& changed = items_[item.value];
  // First gives back the ids of the old values, so that they make room for the new ones.
  DropDescription(&changed);
  changed.description = std::make_unique<Description>();
  changed.description->columns = std::move(columns);
  Describe(&changed);
}

std::span<const Column> Catalog::Columns(ItemId item) const {
  return IsDescribed(item) ? std::span<const Column>(items_[item.value].description->columns)
                           : std::span<const Column>();
}

bool Catalog::IsDescribed(ItemId item) const {
  return item.value < items_.size() && items_[item.value].description != nullptr;
}

std::int64_t Catalog::CreatedMs(ItemId item) const {
  const Item& known = items_[item.value];
  return known.description != nullptr ? known.description->created_ms : known.born_ms;
}

std::span<const CategoryId> Catalog::Categories(ItemId item) const {
  return item.value < items_.size() ? std::span<const CategoryId>(items_[item.value].categories)
                                    : std::span<const CategoryId>();
}

CategoryId Catalog::FindCategory(std::string_view value) const {
  return CategoryId{category_names_.Find(value)};
}

void Catalog::Erase(ItemId item) {
  changed_.Mark(item.value);
  DropDescription(&items_[item.value]);
  is_live_[item.value] = false;
  order_.Erase(item, Name(item));
  names_.Erase(item.value);
}

void Catalog::Describe(Item* item) {
  item->description->created_ms = CreatedMsOf(item->description->columns, item->born_ms);
  Categorize(item);
  description_bytes_ += BytesOf(*item);
}

void Catalog::DropDescription(Item* item) {
  if (item->description == nullptr) return;
  description_bytes_ -= BytesOf(*item);
  for (const CategoryId category : item->categories) {
    if (--category_uses_[category.value] > 0) continue;
    category_names_.Erase(category.value);
    free_categories_.push_back(category.value);
  }
  item->description.reset();
  item->categories = {};
}

std::vector<std::string_view> Catalog::CategoryValues(const std::vector<Column>& columns) const {
  std::vector<std::string_view> values;
  ForEachCategoryValue(settings_.category_columns, columns, [&](std::string_view value) {
    if (values.size() == settings_.maximum_categories_per_item) return;
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  });
  return values;
}

void Catalog::Categorize(Item* item) {
  std::vector<std::string>& refused = item->description->refused;
  for (const std::string_view value : CategoryValues(item->description->columns)) {
    if (std::find(refused.begin(), refused.end(), value) != refused.end()) continue;
    if (const CategoryId category = UseCategory(value); category.valid()) {
      item->categories.push_back(category);
    } else {
      refused.emplace_back(value);
      ++categories_refused_;
    }
  }
  item->categories.shrink_to_fit();
}

CategoryId Catalog::UseCategory(std::string_view value) {
  CategoryId category = FindCategory(value);
  if (!category.valid()) {
    if (category_names_.size() >= settings_.maximum_categories) return kNoCategory;
    if (free_categories_.empty()) {
      category.value = category_count();
      category_uses_.push_back(0);
    } else {
      category.value = free_categories_.back();
      free_categories_.pop_back();
    }
    category_names_.Insert(value, category.value);
  }
  ++category_uses_[category.value];
  return category;
}

void Catalog::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    if (!IsLive(ItemId{slot})) {
      rows->Delete(Table::kItems, SlotKey(slot));
      return;
    }
    rows->Encode(Table::kItems, SlotKey(slot),
                 [&](ByteWriter* writer) { EncodeRow(ItemId{slot}, writer); });
  });
}

// version u8 = 1, name, born_ms i64, described u8, columns (column_codec.h), then the category
// values that got no id: count, strings. The last two only when described.
void Catalog::EncodeRow(ItemId item, ByteWriter* writer) const {
  const Item& stored = items_[item.value];
  writer->Number(kItemVersion);
  writer->String(Name(item));
  writer->Number(stored.born_ms);
  writer->Number(static_cast<std::uint8_t>(stored.description != nullptr));
  if (stored.description == nullptr) return;
  EncodeColumns(stored.description->columns, writer);
  writer->Varint(stored.description->refused.size());
  for (const std::string& value : stored.description->refused) writer->String(value);
}

Status Catalog::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  if (!ParseSlotKey(key, &slot) || slot >= kMaximumItemSlots) return Damaged("a key is no slot");
  const std::string row = "the row of slot " + std::to_string(slot);
  ByteReader reader(value);
  if (reader.Number<std::uint8_t>() != kItemVersion) return Damaged(row + " has another version");
  const std::string_view name = reader.String();
  Item item;
  item.born_ms = reader.Number<std::int64_t>();
  const auto described = reader.Number<std::uint8_t>();
  if (described == 1) {
    item.description = std::make_unique<Description>();
    if (!DecodeColumns(&reader, &item.description->columns)) return Damaged(row + " is damaged");
    item.description->refused.resize(reader.Count());
    for (std::string& refused : item.description->refused) refused = reader.String();
  }
  if (!reader.done() || described > 1 || name.empty()) {
    return Damaged(row + " is damaged");
  }
  if (IsLive(ItemId{slot}) || Find(name).valid()) return Damaged(row + " is there twice");
  if (slot >= items_.size()) {
    items_.resize(std::size_t{slot} + 1);
    is_live_.resize(items_.size());
  }
  items_[slot] = std::move(item);
  is_live_[slot] = true;
  names_.Insert(name, slot);
  return {};
}

Status Catalog::FinishLoad(std::uint32_t slot_count) {
  if (items_.size() > slot_count) {
    return Damaged("a row lies beyond the " + std::to_string(slot_count) + " slots given");
  }
  items_.resize(slot_count);
  is_live_.resize(slot_count);
  // Only now and by slot, so that ids do not depend on the order of the rows.
  for (Item& item : items_) {
    if (item.description != nullptr) Describe(&item);
  }
  std::vector<std::pair<ItemId, std::string_view>> live;
  live.reserve(live_count());
  for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
    if (is_live_[slot]) live.emplace_back(ItemId{slot}, Name(ItemId{slot}));
  }
  order_.Assign(live);
  return {};
}

std::size_t Catalog::bytes() const {
  return names_.bytes() + order_.bytes() + category_names_.bytes() + ArrayBytesOf(items_) +
         is_live_.capacity() / 8 + description_bytes_;
}

std::size_t Catalog::BytesOf(const Item& item) {
  const Description& description = *item.description;
  std::size_t bytes = BlockBytes(sizeof(Description)) + BlockBytesOf(description.columns) +
                      BlockBytesOf(description.refused) + BlockBytesOf(item.categories);
  for (const Column& column : description.columns) {
    bytes += column.name.size();
    bytes += std::holds_alternative<bool>(column.value) ? 0 : TextOf(column.value).size();
  }
  for (const std::string& value : description.refused) bytes += value.size();
  return bytes;
}

}  // namespace freshet::core
