// History: the distinct items one user touched, newest first, bounded.
//
// Owned by Users; single-threaded. Repeats never inflate: an item stands once, with its strongest
// weight and its latest time (the rule of TencentRec, Huang et al., SIGMOD 2015).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/heap_bytes.h"
#include "core/ids.h"

namespace freshet::core {

class History {
 public:
  struct Entry {
    ItemId item;
    std::uint32_t weight;  // of the strongest event
    std::uint32_t time_s;  // of the latest event, seconds since 1970
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // What the item's entry was before a touch, of weight 0 when there was none or it was only seen,
  // and what it is after it.
  struct Touch {
    Entry before;
    Entry after;
    bool is_new = false;  // the item was not there
  };

  // Records one touch; a late one takes the place that its time gives it. Past `maximum` entries
  // the oldest leaves.
  Touch Record(ItemId item, std::uint32_t weight, std::uint32_t time_s, std::size_t maximum);

  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
  [[nodiscard]] bool Contains(ItemId item) const;
  // When the item was touched last, seconds since 1970; 0 when it is not here.
  [[nodiscard]] std::uint32_t LastTimeS(ItemId item) const;
  [[nodiscard]] std::size_t bytes() const { return BlockBytesOf(entries_); }

  void Encode(ByteWriter* writer) const;
  void Decode(ByteReader* reader);

 private:
  std::vector<Entry> entries_;
};

}  // namespace freshet::core
