#include "core/event_ids.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kEventIdVersion = 1;
constexpr std::size_t kFirstCells = 16;
constexpr int kExpiredPerInsert = 4;
// Stored digests were made under this key: it must not change.
constexpr std::uint64_t kKey0 = 0x66726573'68657421;
constexpr std::uint64_t kKey1 = 0x6576656E'74496473;

Error Damaged(std::string_view what) {
  return Corruption(std::string(TableName(Table::kEventIds)) + ": " + std::string(what));
}

std::string SequenceKey(std::uint64_t sequence) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(sequence >> (56 - 8 * i));
  return key;
}

bool ParseSequenceKey(std::string_view key, std::uint64_t* sequence) {
  if (key.size() != 8) return false;
  *sequence = 0;
  for (const char c : key) *sequence = (*sequence << 8) | static_cast<unsigned char>(c);
  return true;
}

}  // namespace

bool EventIds::Insert(std::string_view event_id, std::int64_t received_ms) {
  const std::int64_t now_ms = NowMs(received_ms);
  const std::int64_t expired_ms = now_ms - settings_.event_id_window_ms;
  const Digest digest = SipHash::Of(event_id, kKey0, kKey1);
  if (Contains(digest, expired_ms)) return false;
  // A few at a time: after a pause of the log everything expires at once, and one event must not
  // pay for all.
  for (int i = 0; i < kExpiredPerInsert && !remembered_.empty(); ++i) {
    if (remembered_.front().received_ms > expired_ms) break;
    ForgetOldest();
  }
  while (!remembered_.empty() && remembered_.size() >= settings_.maximum_event_ids) {
    if (remembered_.front().received_ms > expired_ms) ++evicted_;
    ForgetOldest();
  }
  if (settings_.maximum_event_ids > 0) Append({digest, now_ms});
  return true;
}

bool EventIds::Contains(std::string_view event_id, std::int64_t received_ms) const {
  return Contains(SipHash::Of(event_id, kKey0, kKey1),
                  NowMs(received_ms) - settings_.event_id_window_ms);
}

std::int64_t EventIds::NowMs(std::int64_t received_ms) const {
  return remembered_.empty() ? received_ms : std::max(received_ms, remembered_.back().received_ms);
}

std::size_t EventIds::bytes() const {
  return ArrayBytesOf(cells_) + remembered_.size() * sizeof(Remembered);
}

void EventIds::TakeChangedRows(RowTaking* taking) {
  RowBatch* const rows = taking->rows();
  const std::uint64_t gone_end = std::min(first_, stored_end_);
  for (; stored_first_ < gone_end; ++stored_first_) {
    rows->Delete(Table::kEventIds, SequenceKey(stored_first_));
  }
  std::string value;
  for (std::uint64_t sequence = std::max(first_, stored_end_); sequence < NextSequence();
       ++sequence) {
    // version u8 = 1, digest 2 x u64, received_ms i64
    const Remembered& remembered = remembered_[sequence - first_];
    value.clear();
    ByteWriter writer(&value);
    writer.Number(kEventIdVersion);
    writer.Array(remembered.digest.data(), remembered.digest.size());
    writer.Number(remembered.received_ms);
    rows->Put(Table::kEventIds, SequenceKey(sequence), value);
  }
  stored_first_ = first_;
  stored_end_ = NextSequence();
}

Status EventIds::LoadRow(std::string_view key, std::string_view value) {
  LoadedRow row{};
  if (!ParseSequenceKey(key, &row.sequence)) return Damaged("a key is no sequence number");
  const std::string name = "the row of number " + std::to_string(row.sequence);
  ByteReader reader(value);
  if (reader.Number<std::uint8_t>() != kEventIdVersion) {
    return Damaged(name + " has another version");
  }
  reader.Array(row.remembered.digest.data(), row.remembered.digest.size());
  row.remembered.received_ms = reader.Number<std::int64_t>();
  if (!reader.done()) return Damaged(name + " is damaged");
  loaded_.push_back(row);
  return {};
}

Status EventIds::FinishLoad() {
  std::vector<LoadedRow> rows = std::move(loaded_);
  loaded_.clear();
  std::sort(rows.begin(), rows.end(),
            [](const LoadedRow& a, const LoadedRow& b) { return a.sequence < b.sequence; });
  if (!rows.empty()) first_ = stored_first_ = stored_end_ = rows.front().sequence;
  for (const LoadedRow& row : rows) {
    const bool follows =
        remembered_.empty() || (row.sequence == NextSequence() &&
                                remembered_.back().received_ms <= row.remembered.received_ms);
    if (!follows) {
      return Damaged("number " + std::to_string(row.sequence) + " does not follow the one before");
    }
    Append(row.remembered);
  }
  stored_end_ = NextSequence();
  return {};
}

std::uint32_t EventIds::Tag(const Digest& digest) {
  return std::max<std::uint32_t>(static_cast<std::uint32_t>(digest[0]), 1);
}

const EventIds::Remembered& EventIds::At(std::uint32_t low_sequence) const {
  return remembered_[low_sequence - static_cast<std::uint32_t>(first_)];
}

bool EventIds::Contains(const Digest& digest, std::int64_t expired_ms) const {
  if (cells_.empty()) return false;
  const std::uint32_t tag = Tag(digest);
  for (std::size_t i = Home(tag); cells_[i].tag != 0; i = Next(i)) {
    if (cells_[i].tag != tag) continue;
    const Remembered& found = At(cells_[i].sequence);
    if (found.digest == digest && found.received_ms > expired_ms) return true;
  }
  return false;
}

void EventIds::Append(const Remembered& remembered) {
  if (2 * (remembered_.size() + 1) > cells_.size()) Grow();
  Place({Tag(remembered.digest), static_cast<std::uint32_t>(NextSequence())});
  remembered_.push_back(remembered);
}

void EventIds::ForgetOldest() {
  std::size_t hole = Home(Tag(remembered_.front().digest));
  while (cells_[hole].sequence != static_cast<std::uint32_t>(first_)) hole = Next(hole);
  // Backward shift: whatever probed across the hole moves into it, so no tombstone is left.
  const std::size_t mask = cells_.size() - 1;
  for (std::size_t i = Next(hole); cells_[i].tag != 0; i = Next(i)) {
    if (((i - Home(cells_[i].tag)) & mask) < ((i - hole) & mask)) continue;
    cells_[hole] = cells_[i];
    hole = i;
  }
  cells_[hole] = Cell();
  remembered_.pop_front();
  ++first_;
}

void EventIds::Place(Cell cell) {
  std::size_t i = Home(cell.tag);
  while (cells_[i].tag != 0) i = Next(i);
  cells_[i] = cell;
}

void EventIds::Grow() {
  std::vector<Cell> old(cells_.empty() ? kFirstCells : 2 * cells_.size());
  old.swap(cells_);
  for (const Cell& cell : old) {
    if (cell.tag != 0) Place(cell);
  }
}

}  // namespace freshet::core
