#include "core/history.h"

#include <algorithm>

namespace freshet::core {

History::Touch History::Record(ItemId item, std::uint32_t weight, std::uint32_t time_s,
                               std::size_t maximum) {
  Entry entry{item, weight, time_s};
  const auto old = std::find_if(entries_.begin(), entries_.end(),
                                [item](const Entry& known) { return known.item == item; });
  Touch touch{{item, 0, 0}, entry, old == entries_.end()};
  if (!touch.is_new) {
    touch.before = *old;
    entry.weight = std::max(weight, old->weight);
    entry.time_s = std::max(time_s, old->time_s);
    touch.after = entry;
    if (old->time_s >= time_s) {  // a late repeat keeps its place
      *old = entry;
      return touch;
    }
    entries_.erase(old);
  }
  const auto place =
      std::find_if(entries_.begin(), entries_.end(),
                   [time = entry.time_s](const Entry& known) { return known.time_s <= time; });
  entries_.insert(place, entry);
  if (entries_.size() > maximum) entries_.pop_back();
  return touch;
}

bool History::Contains(ItemId item) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [item](const Entry& entry) { return entry.item == item; });
}

std::uint32_t History::LastTimeS(ItemId item) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [item](const Entry& known) { return known.item == item; });
  return entry == entries_.end() ? 0 : entry->time_s;
}

void History::Encode(ByteWriter* writer) const {
  writer->Varint(entries_.size());
  for (const Entry& entry : entries_) {
    writer->Number(entry.item.value);
    writer->Number(entry.weight);
    writer->Number(entry.time_s);
  }
}

void History::Decode(ByteReader* reader) {
  entries_.resize(reader->Count(3 * sizeof(std::uint32_t)));
  for (Entry& entry : entries_) {
    entry.item = ItemId{reader->Number<std::uint32_t>()};
    entry.weight = reader->Number<std::uint32_t>();
    entry.time_s = reader->Number<std::uint32_t>();
  }
}

}  // namespace freshet::core
