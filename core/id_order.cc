#include "core/id_order.h"

#include <algorithm>
#include <iterator>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::size_t kMaximumDigits = 19;  // that 64 bits hold, whatever they are
constexpr std::size_t kMaximumBlock = 512;  // keys; a full block becomes two
constexpr std::size_t kKeysAtFirst = kMaximumBlock / 2;

}  // namespace

std::optional<IdOrder::Key> IdOrder::KeyOf(ItemId item, std::string_view id) {
  std::size_t end = id.size();
  while (end > 0 && !IsDigit(id[end - 1])) --end;
  if (end == 0) return std::nullopt;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kMaximumDigits && IsDigit(id[begin - 1])) --begin;
  Key key{FastHash(id.substr(0, begin)), 0, 0, item};
  for (std::size_t i = begin; i < end; ++i) {
    key.number = key.number * 10 + static_cast<std::uint64_t>(id[i] - '0');
  }
  for (std::size_t i = 0; i < sizeof(key.suffix); ++i) {
    const auto byte = static_cast<std::uint8_t>(end + i < id.size() ? id[end + i] : '\0');
    key.suffix = key.suffix << 8 | byte;
  }
  return key;
}

IdOrder::Place IdOrder::PlaceOf(const Key& key) const {
  auto block = std::upper_bound(
      blocks_.begin(), blocks_.end(), key,
      [](const Key& wanted, const std::vector<Key>& one) { return wanted < one.front(); });
  if (block != blocks_.begin()) --block;
  const auto place = std::lower_bound(block->begin(), block->end(), key);
  return {static_cast<std::size_t>(block - blocks_.begin()),
          static_cast<std::size_t>(place - block->begin())};
}

void IdOrder::Add(ItemId item, std::string_view id) {
  const std::optional<Key> key = KeyOf(item, id);
  if (!key) return;
  if (blocks_.empty()) {
    blocks_.push_back({*key});
    return;
  }
  const Place place = PlaceOf(*key);
  std::vector<Key>& block = blocks_[place.block];
  block.insert(block.begin() + static_cast<std::ptrdiff_t>(place.index), *key);
  if (block.size() < kMaximumBlock) return;
  const auto middle = block.begin() + kKeysAtFirst;
  std::vector<Key> rest(middle, block.end());
  block.erase(middle, block.end());
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(place.block) + 1, std::move(rest));
}

void IdOrder::Erase(ItemId item, std::string_view id) {
  const std::optional<Key> key = KeyOf(item, id);
  if (!key) return;
  const Place place = PlaceOf(*key);
  std::vector<Key>& block = blocks_[place.block];
  block.erase(block.begin() + static_cast<std::ptrdiff_t>(place.index));
  if (block.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(place.block));
}

void IdOrder::Assign(const std::vector<std::pair<ItemId, std::string_view>>& items) {
  std::vector<Key> keys;
  keys.reserve(items.size());
  for (const auto& [item, id] : items) {
    if (const std::optional<Key> key = KeyOf(item, id)) keys.push_back(*key);
  }
  std::sort(keys.begin(), keys.end());
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysAtFirst) {
    const std::size_t end = std::min(begin + kKeysAtFirst, keys.size());
    blocks_.emplace_back(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                         keys.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

bool IdOrder::StepBack(Place* place, std::uint64_t series) const {
  Place before = *place;
  if (before.index == 0) {
    if (before.block == 0) return false;
    before = {before.block - 1, blocks_[before.block - 1].size()};
  }
  --before.index;
  if (At(before).series != series) return false;
  *place = before;
  return true;
}

bool IdOrder::StepOn(Place* place, std::uint64_t series) const {
  Place after{place->block, place->index + 1};
  if (after.index == blocks_[after.block].size()) {
    if (after.block + 1 == blocks_.size()) return false;
    after = {after.block + 1, 0};
  }
  if (At(after).series != series) return false;
  *place = after;
  return true;
}

std::size_t IdOrder::bytes() const {
  std::size_t bytes = ArrayBytesOf(blocks_);
  for (const std::vector<Key>& block : blocks_) bytes += BlockBytesOf(block);
  return bytes;
}

}  // namespace freshet::core
