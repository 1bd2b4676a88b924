#include "core/session_index.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/catalog.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kFirstCapacity = 4;

std::uint32_t Low(SessionNumber number) { return static_cast<std::uint32_t>(number); }

// Numbers that are kept lie closer together than half of 32 bits.
bool IsNewer(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

}  // namespace

void SessionIndex::Add(ItemId item, SessionNumber number) {
  Posting& posting = At(item);
  const std::uint32_t low = Low(number);
  std::uint32_t place = posting.size;  // how many are older
  while (place > 0 && IsNewer(posting.numbers[posting.Cell(place - 1)], low)) --place;
  if (place > 0 && posting.numbers[posting.Cell(place - 1)] == low) return;
  if (place == 0 && posting.size == settings_.maximum_postings) return;
  changed_.Mark(item.value);
  if (posting.size == settings_.maximum_postings) {
    posting.first = posting.Cell(1);
    --posting.size;
    --place;
  } else if (posting.size == posting.capacity) {
    Grow(&posting, std::min(settings_.maximum_postings,
                            std::max(kFirstCapacity, posting.capacity + posting.capacity / 2)));
  }
  for (std::uint32_t i = posting.size; i > place; --i) {
    posting.numbers[posting.Cell(i)] = posting.numbers[posting.Cell(i - 1)];
  }
  posting.numbers[posting.Cell(place)] = low;
  ++posting.size;
  ++posting.sessions;
}

void SessionIndex::Erase(ItemId item) {
  if (item.value >= postings_.size()) return;
  changed_.Mark(item.value);
  number_bytes_ -= BlockBytes(postings_[item.value].capacity * sizeof(std::uint32_t));
  postings_[item.value] = Posting();
}

SessionIndex::Cursor SessionIndex::Newest(ItemId item) const {
  Cursor cursor;
  if (item.value >= postings_.size() || postings_[item.value].size == 0) return cursor;
  const Posting& posting = postings_[item.value];
  cursor.numbers_ = posting.numbers.get();
  cursor.cell_ = posting.Cell(posting.size - 1);
  cursor.capacity_ = posting.capacity;
  cursor.left_ = posting.size;
  return cursor;
}

SessionIndex::Posting& SessionIndex::At(ItemId item) {
  if (item.value >= postings_.size()) {
    postings_.resize(
        std::max<std::size_t>(item.value + 1, postings_.size() + postings_.size() / 2));
  }
  return postings_[item.value];
}

void SessionIndex::Grow(Posting* posting, std::uint32_t capacity) {
  auto larger = std::make_unique<std::uint32_t[]>(capacity);
  for (std::uint32_t i = 0; i < posting->size; ++i) larger[i] = posting->numbers[posting->Cell(i)];
  number_bytes_ += BlockBytes(capacity * sizeof(std::uint32_t)) -
                   BlockBytes(posting->capacity * sizeof(std::uint32_t));
  posting->numbers = std::move(larger);
  posting->capacity = capacity;
  posting->first = 0;
}

std::size_t SessionIndex::bytes() const { return ArrayBytesOf(postings_) + number_bytes_; }

void SessionIndex::TakeChangedRows(RowTaking* taking) {
  taking->Begin(&changed_, [this, rows = taking->rows()](std::uint32_t slot) {
    const Posting& posting = postings_[slot];
    if (posting.size == 0) {
      rows->Delete(Table::kPostings, SlotKey(slot));
      return;
    }
    // version u8 = 1, sessions u32, count varint, then the numbers' low halves u32, oldest first
    rows->Encode(Table::kPostings, SlotKey(slot), [&](ByteWriter* writer) {
      writer->Number(kVersion);
      writer->Number(posting.sessions);
      writer->Varint(posting.size);
      for (std::uint32_t i = 0; i < posting.size; ++i) {
        writer->Number(posting.numbers[posting.Cell(i)]);
      }
    });
  });
}

Status SessionIndex::LoadRow(std::string_view key, std::string_view value) {
  std::uint32_t slot = 0;
  ByteReader reader(value);
  if (!ParseSlotKey(key, &slot) || slot >= kMaximumItemSlots ||
      reader.Number<std::uint8_t>() != kVersion) {
    return Corruption("postings: a row of an unknown form");
  }
  Posting& posting = At(ItemId{slot});
  posting.sessions = reader.Number<std::uint32_t>();
  const auto count = static_cast<std::uint32_t>(reader.Count(sizeof(std::uint32_t)));
  // A lower cap than the one that the row was written under keeps the newest.
  const std::uint32_t kept = std::min(count, settings_.maximum_postings);
  for (std::uint32_t i = kept; i < count; ++i) reader.Number<std::uint32_t>();
  if (kept > posting.capacity) Grow(&posting, kept);
  for (; posting.size < kept; ++posting.size) {
    posting.numbers[posting.size] = reader.Number<std::uint32_t>();
  }
  if (reader.done()) return {};
  return Corruption("postings: the row of slot " + std::to_string(slot) + " is damaged");
}

}  // namespace freshet::core
