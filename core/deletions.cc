#include "core/deletions.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 1;
// Stored hashes were made under this key: it must not change.
constexpr std::uint64_t kKey0 = 0x66726573'68657421;
constexpr std::uint64_t kKey1 = 0x64656c65'74696f6e;
// Of 16: as many as a std::string holds without memory of its own.
constexpr std::size_t kHashBytes = 15;

using Hash = std::array<char, kHashBytes>;

Hash HashOf(std::string_view name) {
  const SipHash::Digest digest = SipHash::Of(name, kKey0, kKey1);
  Hash hash{};
  std::memcpy(hash.data(), digest.data(), hash.size());
  return hash;
}

std::string_view ViewOf(const Hash& hash) { return {hash.data(), hash.size()}; }

Error Damaged(std::string_view what) {
  return Corruption(std::string(TableName(Table::kDeletions)) + ": " + std::string(what));
}

}  // namespace

const Deletion* Deletions::Find(std::string_view name) const {
  if (recency_.size() == 0) return nullptr;
  const std::uint32_t slot = hashes_.Find(ViewOf(HashOf(name)));
  return slot == Dictionary::kNone ? nullptr : &deletions_[slot];
}

bool Deletions::Note(std::string_view name, const Deletion& deletion, std::uint64_t number,
                     bool is_known) {
  if (is_known) return false;
  if (settings_.maximum_deletions == 0) return true;
  const Hash hash = HashOf(name);
  const std::uint32_t slot = SlotFor(ViewOf(hash));
  changed_.Mark(slot);
  const std::int64_t before_ms = deletions_[slot].time_ms;
  deletions_[slot] = deletion;
  deletions_[slot].time_ms = std::max(before_ms, deletion.time_ms);
  recency_.Touch(slot, number);
  latest_ms_ = std::max(latest_ms_, deletion.time_ms);
  return true;
}

void Deletions::End(std::string_view name) {
  if (recency_.size() == 0) return;
  const std::uint32_t slot = hashes_.Find(ViewOf(HashOf(name)));
  if (slot == Dictionary::kNone || deletions_[slot].is_over) return;
  changed_.Mark(slot);
  deletions_[slot].is_over = true;
}

std::uint32_t Deletions::SlotFor(std::string_view hash) {
  if (const std::uint32_t known = hashes_.Find(hash); known != Dictionary::kNone) return known;
  while (recency_.size() >= settings_.maximum_deletions) {
    const std::uint32_t oldest = recency_.Oldest();
    changed_.Mark(oldest);
    hashes_.Erase(oldest);
    recency_.Remove(oldest);
    deletions_[oldest] = Deletion();
    free_slots_.push_back(oldest);
  }
  auto slot = static_cast<std::uint32_t>(deletions_.size());
  if (!free_slots_.empty()) {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  At(slot);
  hashes_.Insert(hash, slot);
  return slot;
}

Deletion& Deletions::At(std::uint32_t slot) {
  if (slot >= deletions_.size()) deletions_.resize(static_cast<std::size_t>(slot) + 1);
  return deletions_[slot];
}

std::size_t Deletions::bytes() const {
  return hashes_.bytes() + ArrayBytesOf(deletions_) + recency_.bytes();
}

void Deletions::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    const std::string key = NamedSlotKey(kind_, slot);
    if (recency_.Contains(slot)) {
      rows->Encode(Table::kDeletions, key, [&](ByteWriter* writer) { EncodeRow(slot, writer); });
    } else {
      rows->Delete(Table::kDeletions, key);
    }
  });
}

void Deletions::EncodeRow(std::uint32_t slot, ByteWriter* writer) const {
  const Deletion& deletion = deletions_[slot];
  writer->Number(kVersion);
  writer->String(hashes_.Name(slot));
  writer->Number(recency_.TouchOf(slot));
  writer->Number(deletion.time_ms);
  writer->Number(deletion.partition);
  writer->Number(static_cast<std::uint8_t>(deletion.is_over));
}

Status Deletions::LoadRow(std::string_view key, std::string_view value) {
  std::string_view kind;
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseNamedSlotKey(key, &kind, &slot) || kind != kind_ ||
      reader.Number<std::uint8_t>() != kVersion) {
    return Damaged("a row of an unknown form");
  }
  const std::string_view hash = reader.String();
  const auto touch = reader.Number<std::uint64_t>();
  Deletion deletion;
  deletion.time_ms = reader.Number<std::int64_t>();
  deletion.partition = reader.Number<std::uint32_t>();
  deletion.is_over = reader.Number<std::uint8_t>() != 0;
  if (!reader.done() || hash.size() != kHashBytes || recency_.Contains(slot) ||
      hashes_.Find(hash) != Dictionary::kNone) {
    return Damaged("the row of slot " + std::to_string(slot) + " of " + kind_ + " is damaged");
  }
  At(slot) = deletion;
  hashes_.Insert(hash, slot);
  recency_.Restore(slot, touch);
  latest_ms_ = std::max(latest_ms_, deletion.time_ms);
  return {};
}

Status Deletions::FinishLoad() {
  recency_.FinishLoad();
  for (auto slot = static_cast<std::uint32_t>(deletions_.size()); slot-- > 0;) {
    if (!recency_.Contains(slot)) free_slots_.push_back(slot);
  }
  return {};
}

}  // namespace freshet::core
